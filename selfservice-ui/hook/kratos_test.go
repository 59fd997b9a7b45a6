package hook_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/store"
	"efpconnect.example/internal/testkit/kratostest"
	"efpconnect.example/selfservice-ui/hook"
)

const (
	email       = "camille.serve@example.test"
	oldPassword = "Ancien-Portail-2019"
	newPassword = "Tilleul-Orage-42"
)

// settings is what Kratos answers to a password, reduced to its messages.
type settings struct {
	ID string
	UI struct {
		Nodes []struct {
			Attributes struct{ Name string }
			Messages   []struct{ ID int }
		}
	}
}

// passwordMessages are the ids on the password node, in order.
func (s settings) passwordMessages() (ids []int) {
	for _, n := range s.UI.Nodes {
		for _, m := range n.Messages {
			if n.Attributes.Name == "password" {
				ids = append(ids, m.ID)
			}
		}
	}
	return ids
}

// The real Kratos, asking the real handler, with a session that may change its
// password: it saves nothing that the site did not vouch for.
func TestKratosObeys(t *testing.T) {
	st := store.NewMemory(10, time.Now)
	k := withHook(t, st)
	flow, submit := k.privileged(t)

	status, answer := submit("aaaaaaaaaaaaa")
	if ids := answer.passwordMessages(); status != 400 || len(ids) != 1 || ids[0] != hook.MessageID {
		t.Errorf("without a permit: status %d, messages %v on the password node, want 400 and [%d]", status, ids, hook.MessageID)
	}
	if _, ok := k.Login(t, email, "aaaaaaaaaaaaa"); ok {
		t.Error("a password without a permit logs in")
	}

	check(t, hook.Permit(t.Context(), st, hook.ChoosePassword, other)) // another person's permit is no use
	if status, _ := submit(newPassword); status != 400 {
		t.Errorf("with another flow's permit: status %d", status)
	}
	check(t, hook.Permit(t.Context(), st, hook.ChoosePassword, flow))
	check(t, hook.Revoke(t.Context(), st, hook.ChoosePassword, flow))
	if status, _ := submit(newPassword); status != 400 {
		t.Errorf("with a revoked permit: status %d", status)
	}
	check(t, hook.Permit(t.Context(), st, hook.ChoosePassword, flow))
	if status, _ := submit(newPassword); status != 200 {
		t.Errorf("with its permit: status %d", status)
	}
	if _, ok := k.Login(t, email, newPassword); !ok {
		t.Error("the permitted password does not log in")
	}
}

// 503 from the handler: Kratos tries three times, then refuses.
func TestKratosRefusesWhenTheStoreIsLost(t *testing.T) {
	client, err := store.RedisClient("redis://127.0.0.1:1")
	check(t, err)
	defer client.Close()
	k := withHook(t, store.NewRedis(client, "efp:"))
	_, submit := k.privileged(t)
	if status, _ := submit(newPassword); status != 400 {
		t.Errorf("status %d", status)
	}
	if _, ok := k.Login(t, email, newPassword); ok {
		t.Error("the password was saved")
	}
}

type rig struct{ *kratostest.Kratos }

func withHook(t *testing.T, st store.Store) rig {
	t.Helper()
	site := httptest.NewServer(hook.Handler{Store: st, Key: key, Log: quiet()})
	t.Cleanup(site.Close)
	k := kratostest.Start(t, func(o *kratosprocess.Options) { o.HookURL, o.HookKey = site.URL+hook.Path, key })
	k.Create(t, kratostest.Identity{Email: email, Password: oldPassword})
	return rig{k}
}

// privileged logs in afresh, which allows a new password, and opens the flow.
func (k rig) privileged(t *testing.T) (flow string, submit func(password string) (int, settings)) {
	t.Helper()
	token, ok := k.Login(t, email, oldPassword)
	if !ok {
		t.Fatal("the old password does not log in")
	}
	var opened settings
	if status, answer := k.Call(t, "GET", k.PublicURL+"/self-service/settings/api", nil, &opened, "X-Session-Token", token); status != 200 {
		t.Fatalf("opening the flow: %d %s", status, answer)
	}
	return opened.ID, func(password string) (int, settings) {
		var s settings
		status, _ := k.Call(t, "POST", k.PublicURL+"/self-service/settings?flow="+opened.ID,
			map[string]string{"method": "password", "password": password}, &s, "X-Session-Token", token)
		return status, s
	}
}
