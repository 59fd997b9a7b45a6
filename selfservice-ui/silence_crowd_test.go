package ui_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"efpconnect.example/internal/settings"
	"efpconnect.example/internal/testkit/kratostest"
	"efpconnect.example/internal/testkit/sitetest"
)

// Many logins at once for one address: Kratos hashes them one after the other where there is an account, longer than one instant in
// all. They must leave as those for an address without: a few at each instant.
func TestACrowdOfLoginsTellsNothing(t *testing.T) {
	// A place in three is kept for owners: two logins at a time.
	const instant, hash, crowd = 600 * time.Millisecond, 150 * time.Millisecond, 6
	var processor sync.Mutex // the only one of Kratos's machine
	site := sitetest.Start(t, sitetest.Options{
		Settings: func(set *settings.Settings) { set.AnswerAfter, set.KratosHashes = instant, 3 },
		KratosURL: func(real string) string {
			return slowFor(t, real, knownAddress(0), func() {
				processor.Lock()
				defer processor.Unlock()
				<-time.After(hash)
			})
		},
	})
	if err := site.CreateAccount(kratostest.Identity{Email: knownAddress(0), PasswordHash: hashOfAnother, Verified: true}); err != nil {
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
				instants[i] = append(instants[i], int((a.took+instant/2)/instant)) // a busy machine starts some a little later
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
