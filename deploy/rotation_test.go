package deploy

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"efpconnect.example/config"
	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/testkit/kratostest"
)

// TestRotation: Kratos's secrets change as docs/operations.md says, the new one first, and neither a session nor a code under way
// is lost.
func TestRotation(t *testing.T) {
	var dir string
	k := kratostest.Start(t, func(o *kratosprocess.Options) { dir = o.Dir })
	const address, password = "camille.serve@example.test", "Ancien-Passe-2026"
	k.Create(t, kratostest.Identity{Email: address, Password: password})
	session, ok := k.Login(t, address, password)
	if !ok {
		t.Fatal("no session to begin with")
	}
	var flow struct {
		ID string `json:"id"`
	}
	k.Call(t, http.MethodGet, k.PublicURL+"/self-service/recovery/api", nil, &flow)
	send := func(body map[string]string) (int, []byte) {
		return k.Call(t, http.MethodPost, k.PublicURL+"/self-service/recovery?flow="+flow.ID, body, nil)
	}
	send(map[string]string{"method": "code", "email": address})

	rotate(t, filepath.Join(dir, config.DocumentFile))
	if err := k.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !k.Alive(t, session) {
		t.Error("the session is lost")
	}
	if status, answer := send(map[string]string{"method": "code", "code": k.Code(t, address)}); status != http.StatusOK || !strings.Contains(string(answer), "set_ory_session_token") {
		t.Errorf("the code is refused: %d %.300s", status, answer)
	}
}

// rotate puts a new secret before each one.
func rotate(t *testing.T, file string) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var document map[string]any
	if err := yaml.Unmarshal(content, &document); err != nil {
		t.Fatal(err)
	}
	secrets := document["secrets"].(map[string]any)
	for name, value := range map[string]string{"cookie": "Yd8RkP3nWq5TzL7vBxM2hJc9GsF4aNe6", "cipher": "tZ4vJq7Kp2Xw9LmRtZ4vJq7Kp2Xw9LmR"} {
		secrets[name] = append([]any{value}, secrets[name].([]any)...)
	}
	if content, err = yaml.Marshal(document); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
