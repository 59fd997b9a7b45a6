package sitetest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"efpconnect.example/internal/testkit/kratostest"
)

// What the journeys ask Kratos itself, by plain HTTP: our own client is among what they judge.

// CreateAccount makes an account.
func (s *Site) CreateAccount(identity kratostest.Identity) error {
	if s.Record != nil {
		s.Record.Secret("address", identity.Email)
		s.Record.Secret("password", identity.Password)
		s.Record.Secret("given name", identity.GivenName)
		s.Record.Secret("family name", identity.FamilyName)
	}
	var created struct{ ID string }
	status, err := call(http.MethodPost, s.Kratos.AdminURL+"/admin/identities", identity.Payload(), nil, &created)
	if s.Record != nil {
		s.Record.Secret("account", created.ID)
	}
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

// accounts are the ids of those that log in with an address: one, or none.
func (s *Site) accounts(address string) (ids []string, err error) {
	var found []struct{ ID string }
	_, err = call(http.MethodGet, s.Kratos.AdminURL+"/admin/identities?credentials_identifier="+url.QueryEscape(address), nil, nil, &found)
	for _, one := range found {
		ids = append(ids, one.ID)
	}
	return ids, err
}

// Traits is what the account of an address says of its person.
func (s *Site) Traits(address string) (map[string]string, error) {
	var found []struct{ Traits map[string]string }
	_, err := call(http.MethodGet, s.Kratos.AdminURL+"/admin/identities?credentials_identifier="+url.QueryEscape(address), nil, nil, &found)
	if err == nil && len(found) != 1 {
		err = fmt.Errorf("%d accounts", len(found))
	}
	if err != nil {
		return nil, err
	}
	return found[0].Traits, nil
}

// Disable makes an account inactive.
func (s *Site) Disable(address string) error {
	ids, err := s.accounts(address)
	for _, id := range ids {
		patch := []map[string]string{{"op": "replace", "path": "/state", "value": "inactive"}}
		status, patched := call(http.MethodPatch, s.Kratos.AdminURL+"/admin/identities/"+id, patch, nil, nil)
		if patched == nil && status != http.StatusOK {
			patched = fmt.Errorf("disabling an account: %d", status)
		}
		err = errors.Join(err, patched)
	}
	return err
}

// Devices are those of an account's sessions, as Kratos lists them: client address and user agent.
func (s *Site) Devices(address string) (devices []string, err error) {
	ids, err := s.accounts(address)
	for _, id := range ids {
		var sessions []struct {
			Devices []struct {
				Address string `json:"ip_address"`
				Agent   string `json:"user_agent"`
			}
		}
		if _, err := call(http.MethodGet, s.Kratos.AdminURL+"/admin/identities/"+id+"/sessions?expand=devices", nil, nil, &sessions); err != nil {
			return nil, err
		}
		for _, session := range sessions {
			for _, device := range session.Devices {
				devices = append(devices, device.Address+" "+device.Agent)
			}
		}
	}
	return devices, err
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
