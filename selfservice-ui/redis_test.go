package ui_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/settings"
	"efpconnect.example/internal/store"
	"efpconnect.example/internal/testkit/kratostest"
	"efpconnect.example/internal/testkit/sitetest"
	ui "efpconnect.example/selfservice-ui"
	"efpconnect.example/selfservice-ui/hook"
)

// ownRedis is a Redis of the test's own, which it may stop: its process and its URL.
func ownRedis(t *testing.T) (*exec.Cmd, string) {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		kratostest.Missing(t, "redis-server")
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(free.Addr().String())
	_ = free.Close()
	server := exec.Command("redis-server", "--bind", "127.0.0.1", "--port", port, "--save", "", "--appendonly", "no", "--dir", t.TempDir())
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Process.Kill(); _ = server.Wait() })
	address := "redis://127.0.0.1:" + port
	client, err := store.RedisClient(address)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for until := time.Now().Add(10 * time.Second); client.Ping(t.Context()).Err() != nil; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatal("redis-server does not answer")
		}
	}
	return server, address
}

// replica is the site a second time, as another process has it: memory of its own, the same settings, the same Redis.
type replica struct {
	*ui.Site
	store  store.Store
	limits *limit.Limiter
	url    string
}

func newReplica(t *testing.T, set settings.Settings) *replica {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	shared, spend, err := ui.OpenStore(set, log)
	if err != nil {
		t.Fatal(err)
	}
	site, err := ui.New(set, ui.Parts{Store: shared, Spend: spend, HoneypotOff: true, Log: log, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	rules, err := limit.Rules(set.Limits)
	if err != nil {
		t.Fatal(err)
	}
	limits, err := limit.New(spend, rules)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(site.Public)
	t.Cleanup(server.Close)
	return &replica{Site: site, store: shared, limits: limits, url: server.URL}
}

// visitor is a browser whose requests a proxy hands to one replica or the other.
type visitor struct {
	host string
	http *http.Client
}

func newVisitor(site *sitetest.Site) *visitor {
	return &visitor{host: strings.TrimPrefix(site.URL, "http://"), http: &http.Client{Jar: newJar(), Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// send posts a form, or opens the page when there is none.
func (v *visitor) send(at, path string, form url.Values) (status int, took time.Duration, err error) {
	if form != nil && unopened(v.http.Jar, at+path) {
		if _, _, err := v.send(at, path, nil); err != nil {
			return 0, 0, err
		}
	}
	r, err := sitetest.Post(at+path, form)
	if err != nil {
		return 0, 0, err
	}
	if form == nil {
		r.Method, r.Body, r.ContentLength = http.MethodGet, nil, 0
	}
	r.Host = v.host
	began := time.Now()
	response, err := v.http.Do(r)
	if err != nil {
		return 0, 0, err
	}
	took = time.Since(began)
	if to := saidOn(response); to != "" {
		status, _, err = v.send(at, to, nil)
		return status, took, errors.Join(err, response.Body.Close())
	}
	return response.StatusCode, took, response.Body.Close()
}

// challenge makes one as a page of a replica does.
func challenge(t *testing.T, st store.Store) url.Values {
	t.Helper()
	challenges := captcha.Challenges{Store: st, Now: time.Now}
	c, err := challenges.New(t.Context(), captcha.FormRecovery, "AFL58X")
	if err != nil {
		t.Fatal(err)
	}
	return url.Values{"identifiant": {"moi@example.test"}, "defi": {c.ID}, "code-de-securite": {c.Answer}}
}

// Two replicas, one Redis: what one of them knows the other does.
func TestTwoReplicas(t *testing.T) {
	_, address := ownRedis(t)
	first := sitetest.Start(t, sitetest.Options{Settings: func(set *settings.Settings) {
		set.RedisURL, set.ProtectReset = address, []string{"picture"}
		set.Limits = append(set.Limits, "login.client=5+1/1h", "code.address=50+1/1h")
	}})
	if err := first.CreateAccount(kratostest.Identity{Email: "moi@example.test", Verified: true}); err != nil {
		t.Fatal(err)
	}
	second := newReplica(t, first.Settings)

	t.Run("a security code is taken once, by either", func(t *testing.T) { codeTakenOnce(t, first, second) })
	t.Run("limits add up", func(t *testing.T) { limitsAddUp(t, first, second) })
	t.Run("200 at once", func(t *testing.T) { exactAtOnce(t, newReplica(t, first.Settings), second) })
	t.Run("a permit holds at either", func(t *testing.T) { permitAtEither(t, first, second) })
}

// codeTakenOnce: twenty browsers send the answer that one replica made, to both at once; one mail leaves.
func codeTakenOnce(t *testing.T, first *sitetest.Site, second *replica) {
	form := challenge(t, first.Store)
	var taken, refused atomic.Int64
	var group errgroup.Group
	for i := range 20 {
		group.Go(func() error {
			status, _, err := newVisitor(first).send([]string{second.url, first.URL}[i%2], "/reinitialisation", form)
			switch status {
			case http.StatusSeeOther:
				taken.Add(1)
			case http.StatusUnprocessableEntity:
				refused.Add(1)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if taken.Load() != 1 || refused.Load() != 19 {
		t.Errorf("taken %d times, refused %d times, of 20", taken.Load(), refused.Load())
	}
	if _, _, err := first.Code("moi@example.test", 1); err != nil {
		t.Error(err)
	}
	if n := len(first.Mailbox.To("moi@example.test")); n != 1 {
		t.Errorf("%d mails", n)
	}
}

func limitsAddUp(t *testing.T, first *sitetest.Site, second *replica) {
	v := newVisitor(first)
	form := url.Values{"identifiant": {"moi@example.test"}, "mot-de-passe": {"faux"}}
	for i := range 7 {
		status, _, err := v.send([]string{second.url, first.URL}[i%2], "/connexion", form)
		if err != nil {
			t.Fatal(err)
		}
		if want := map[bool]int{true: http.StatusUnprocessableEntity, false: http.StatusTooManyRequests}[i < 5]; status != want {
			t.Errorf("login %d: %d, not %d", i+1, status, want)
		}
	}
}

// exactAtOnce sends 200 calls on one key through both stores.
func exactAtOnce(t *testing.T, a, b *replica) {
	if err := a.store.Put(t.Context(), "answer:1", []byte("x"), time.Minute); err != nil {
		t.Fatal(err)
	}
	var allowed, locked, taken atomic.Int64
	var totals [201]atomic.Int64
	for _, call := range []func(context.Context, *replica, []byte) (bool, *atomic.Int64, error){
		func(ctx context.Context, r *replica, _ []byte) (bool, *atomic.Int64, error) {
			total, err := r.store.Count(ctx, "count:1", time.Minute)
			return true, &totals[total], err
		},
		func(ctx context.Context, r *replica, _ []byte) (bool, *atomic.Int64, error) {
			d, err := r.limits.Allow(ctx, limit.CodeEmail, "one")
			return d.Allowed, &allowed, err
		},
		func(ctx context.Context, r *replica, mine []byte) (bool, *atomic.Int64, error) {
			added, err := r.store.Add(ctx, "lock:1", mine, time.Minute)
			return added, &locked, err
		},
		func(ctx context.Context, r *replica, _ []byte) (bool, *atomic.Int64, error) {
			_, found, err := r.store.Take(ctx, "answer:1")
			return found, &taken, err
		},
	} {
		var group errgroup.Group
		for i := range 200 {
			group.Go(func() error {
				yes, counter, err := call(context.Background(), []*replica{a, b}[i%2], fmt.Append(nil, i))
				if yes {
					counter.Add(1)
				}
				return err
			})
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
	}
	for total := 1; total <= 200; total++ {
		if totals[total].Load() != 1 {
			t.Errorf("the total %d was given %d times", total, totals[total].Load())
		}
	}
	if allowed.Load() != 50 || locked.Load() != 1 || taken.Load() != 1 {
		t.Errorf("allowed %d of 50; %d got the lock, %d the answer", allowed.Load(), locked.Load(), taken.Load())
	}
}

func permitAtEither(t *testing.T, first *sitetest.Site, second *replica) {
	flow := uuid.NewString()
	asked := func() int {
		r := httptest.NewRequest(http.MethodPost, hook.Path, strings.NewReader(`{"flow":"`+flow+`","flow_type":"settings","method":"password"}`))
		r.Header.Set(hook.KeyHeader, first.Settings.HookKey)
		w := httptest.NewRecorder()
		second.Internal.ServeHTTP(w, r)
		return w.Code
	}
	for _, step := range []struct {
		do   func(context.Context, store.Store, hook.Action, string) error
		want int
	}{{hook.Permit, http.StatusNoContent}, {hook.Revoke, http.StatusBadRequest}} {
		if err := step.do(t.Context(), first.Store, hook.ChoosePassword, flow); err != nil {
			t.Fatal(err)
		}
		if got := asked(); got != step.want {
			t.Errorf("the other replica answers Kratos %d, not %d", got, step.want)
		}
	}
}

// Redis lost: it hangs (the worst: each call waits for it), then it is gone. Every page answers within a second or so;
// limits alone may go on, by setting.
func TestRedisLost(t *testing.T) {
	for _, c := range []struct {
		fallBack bool
		login    int // nothing but limits
	}{{false, http.StatusServiceUnavailable}, {true, http.StatusUnprocessableEntity}} {
		t.Run(fmt.Sprintf("limits_fall_back=%t", c.fallBack), func(t *testing.T) {
			server, address := ownRedis(t)
			site := sitetest.Start(t, sitetest.Options{Settings: func(set *settings.Settings) {
				set.RedisURL, set.LimitsFallBack, set.ProtectReset = address, c.fallBack, []string{"picture"}
			}})
			v := newVisitor(site)
			answered := challenge(t, site.Store)
			if status, _, err := v.send(site.URL, "/reinitialisation", challenge(t, site.Store)); err != nil || status != http.StatusSeeOther {
				t.Fatalf("step 1: %d, %v", status, err)
			}
			for _, lose := range []syscall.Signal{syscall.SIGSTOP, syscall.SIGKILL} {
				if err := server.Process.Signal(lose); err != nil {
					t.Fatal(err)
				}
				lost(t, site, v, answered, c.login)
			}
		})
	}
}

func lost(t *testing.T, site *sitetest.Site, v *visitor, answered url.Values, login int) {
	t.Helper()
	const down = http.StatusServiceUnavailable
	for _, page := range []struct {
		path string
		form url.Values
		want int
	}{
		{"/connexion", nil, http.StatusOK}, // needs nothing that is kept
		{"/connexion", url.Values{"identifiant": {"moi@example.test"}, "mot-de-passe": {"faux"}}, login},
		{"/reinitialisation", nil, down}, // no security code can be made
		{"/reinitialisation", answered, down},
		{"/reinitialisation/code", nil, down},
		{"/securite/AAAAAAAAAAAAAAAAAAAAAA/image", nil, down},
	} {
		status, took, err := v.send(site.URL, page.path, page.form)
		limit := 2 * time.Second
		if page.path == "/connexion" && page.form != nil {
			limit += sitetest.LoginAfter // no login is answered before its instant
		}
		if err != nil || status != page.want || took > limit {
			t.Errorf("%s, posted %t: %d after %v (%v), not %d", page.path, page.form != nil, status, took, err, page.want)
		}
	}
	// The lock and the permit refuse too, whatever the limits do.
	if _, err := site.Store.Add(t.Context(), "lock:1", nil, time.Minute); err == nil {
		t.Error("a lock was given")
	}
	if err := hook.Permit(t.Context(), site.Store, hook.ChoosePassword, uuid.NewString()); err == nil {
		t.Error("a permit was given")
	}
}
