package ui_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"efpconnect.example/internal/engine/enginetest"
	"efpconnect.example/internal/settings"
	"efpconnect.example/selfservice-ui/sitetest"
)

// Many logins at once for one address: Kratos hashes them one after the other where there is an account, longer than one instant in
// all. They must leave as those for an address without: a few at each instant.
func TestACrowdOfLoginsTellsNothing(t *testing.T) {
	const instant, hash, at, crowd = 600 * time.Millisecond, 150 * time.Millisecond, 2, 6
	site := sitetest.Start(t, sitetest.Options{
		Settings:  func(set *settings.Settings) { set.AnswerAfter, set.KratosHashes = instant, at },
		KratosURL: func(real string) string { return oneHashAtATime(t, real, knownAddress(0), hash) },
	})
	if err := site.CreateAccount(enginetest.Identity{Email: knownAddress(0), PasswordHash: hashOfAnother, Verified: true}); err != nil {
		t.Fatal(err)
	}
	var instants [2][]int // known, unknown: at which instant each answer left
	for i, address := range []string{knownAddress(0), strangeAddress(0)} {
		var mu sync.Mutex
		var group errgroup.Group
		for range crowd {
			group.Go(func() error {
				o := newObserver(site)
				defer o.http.CloseIdleConnections()
				a, err := o.login(address)
				mu.Lock()
				defer mu.Unlock()
				instants[i] = append(instants[i], int(a.took/instant))
				return err
			})
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
		slices.Sort(instants[i])
	}
	if want := []int{1, 1, 2, 2, 3, 3}; !slices.Equal(instants[0], want) || !slices.Equal(instants[1], want) {
		t.Errorf("left at these instants: known %v, unknown %v; want both %v", instants[0], instants[1], want)
	}
}

// oneHashAtATime is a Kratos on a machine of one processor: logins of that address wait for one another.
func oneHashAtATime(t *testing.T, real, address string, hash time.Duration) string {
	t.Helper()
	target, err := url.Parse(real)
	if err != nil {
		t.Fatal(err)
	}
	through := httputil.NewSingleHostReverseProxy(target)
	var processor sync.Mutex
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		if r.Method == http.MethodPost && bytes.Contains(body, []byte(address)) {
			processor.Lock()
			defer processor.Unlock()
			<-time.After(hash)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		through.ServeHTTP(w, r)
	}))
	t.Cleanup(proxy.Close)
	return proxy.URL
}
