package ui_test

import (
	"fmt"
	"testing"
	"time"

	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/settings"
	"efpconnect.example/internal/store"
)

// Two days of everything that the site's own limits let through, each time for another address, do not fill the memory store as delivered:
// nobody is refused for want of room. A hundredth of all of it, so that it takes no time: the limits that count for it are linear.
func TestDaysOfStep1DoNotFillTheMemoryStore(t *testing.T) {
	const scale = 100
	rules := limit.Defaults()
	for i, r := range rules {
		if r.Scope == limit.SiteWide {
			rules[i].Burst, rules[i].Refill = r.Burst/scale, r.Refill/scale
		}
	}
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	room := settings.Defaults().StoreMax / scale
	limits, err := limit.New(limit.Memory(room, clock), rules)
	if err != nil {
		t.Fatal(err)
	}
	kept, n, logins := store.NewMemory(room, clock), 0, 0
	allowed := func(rule limit.Name, key string) bool {
		d, err := limits.Allow(t.Context(), rule, key)
		if err != nil || d.Full {
			t.Fatalf("%s after %d addresses: %+v, %v", rule, n, d, err)
		}
		return d.Allowed
	}
	for end := now.Add(48 * time.Hour); now.Before(end); now = now.Add(time.Second) {
		for allowed(limit.AskSite, "") {
			address := fmt.Sprint(n / 2) // step 1, then a resend, which is the first that the flow's state is kept for
			if allowed(limit.MailEmail, address); n%2 == 1 {
				if err := kept.Put(t.Context(), "code:"+address, []byte("{}"), 48*time.Hour); err != nil {
					t.Fatalf("after %d addresses: %v", n, err)
				}
			}
			n++
		}
		for allowed(limit.LoginSite, "") {
			allowed(limit.LoginEmail, fmt.Sprint(logins))
			logins++
		}
	}
}
