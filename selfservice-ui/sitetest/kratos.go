package sitetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"

	"efpconnect.example/internal/engine/enginetest"
)

// What the journeys ask Kratos itself, by plain HTTP: our own client is among what they judge.

// CreateAccount makes an account.
func (s *Site) CreateAccount(identity enginetest.Identity) error {
	status, err := call(http.MethodPost, s.Kratos.AdminURL+"/admin/identities", identity.Payload(), nil, nil)
	if err == nil && status != http.StatusCreated {
		err = fmt.Errorf("creating an account: %d", status)
	}
	return err
}

// Whoami tells whether Kratos knows the browser's cookies as somebody.
func (s *Site) Whoami(cookies []*http.Cookie) (bool, error) {
	status, err := call(http.MethodGet, s.Kratos.PublicURL+"/sessions/whoami", nil, cookies, nil)
	return status == http.StatusOK, err
}

// Login tells whether Kratos accepts a password.
func (s *Site) Login(address, password string) (bool, error) {
	var flow struct {
		ID string `json:"id"`
	}
	if _, err := call(http.MethodGet, s.Kratos.PublicURL+"/self-service/login/api", nil, nil, &flow); err != nil {
		return false, err
	}
	status, err := call(http.MethodPost, s.Kratos.PublicURL+"/self-service/login?flow="+flow.ID,
		map[string]string{"method": "password", "identifier": address, "password": password}, nil, nil)
	return status == http.StatusOK, err
}

func call(method, url string, body any, cookies []*http.Cookie, into any) (int, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return 0, err
	}
	r, err := http.NewRequest(method, url, bytes.NewReader(raw))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/json")
	for _, cookie := range cookies {
		r.AddCookie(cookie)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	if into != nil {
		return answer.StatusCode, json.NewDecoder(answer.Body).Decode(into)
	}
	return answer.StatusCode, nil
}
