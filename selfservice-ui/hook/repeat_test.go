package hook_test

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/store"
	"efpconnect.example/internal/testkit/kratostest"
	"efpconnect.example/selfservice-ui/hook"
)

// Kratos repeats a hook that was answered 500: the permit must still be there, or a good password would be refused for a moment's
// trouble of ours.
func TestAnsweredOnceWith500(t *testing.T) {
	st := store.NewMemory(10, time.Now)
	handler := hook.Handler{Store: st, Key: key, Log: quiet()}
	var asked atomic.Int32
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) == 1 {
			handler.ServeHTTP(httptest.NewRecorder(), r) // judged, and the answer lost on the way
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(site.Close)
	started := kratostest.Start(t, func(o *kratosprocess.Options) { o.HookURL, o.HookKey = site.URL+hook.Path, key })
	started.Create(t, kratostest.Identity{Email: email, Password: oldPassword})
	k := rig{started}
	flow, submit := k.privileged(t)
	check(t, hook.Permit(t.Context(), st, hook.ChoosePassword, flow))
	if status, _ := submit(newPassword); status != 200 {
		t.Errorf("status %d", status)
	}
	if asked.Load() != 2 {
		t.Errorf("Kratos asked %d times", asked.Load())
	}
	if _, ok := k.Login(t, email, newPassword); !ok {
		t.Error("the permitted password does not log in")
	}
}

// A permit whose 30 seconds are over is none, for Kratos too.
func TestLatePermit(t *testing.T) {
	var ahead atomic.Int64
	st := store.NewMemory(10, func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) })
	k := withHook(t, st)
	flow, submit := k.privileged(t)
	check(t, hook.Permit(t.Context(), st, hook.ChoosePassword, flow))
	ahead.Store(int64(hook.PermitLife + time.Second))
	if status, _ := submit(newPassword); status != 400 {
		t.Errorf("status %d", status)
	}
	if _, ok := k.Login(t, email, newPassword); ok {
		t.Error("the password was saved")
	}
}
