package entered

import (
	"slices"
	"testing"
	"time"

	"efpconnect.example/internal/store"
)

func TestIndex(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	clock := func() time.Time { return now }
	x := Index{Kind: "cas", Store: store.NewMemory(1000, clock), Now: clock}
	add := func(account, session, ticket string, life time.Duration) {
		t.Helper()
		if err := x.Add(t.Context(), account, Visit{Entry: "formation", Ticket: ticket, Session: session}, life); err != nil {
			t.Fatal(err)
		}
	}
	taken := func(account, session string) (found []string) {
		t.Helper()
		list, err := x.Take(t.Context(), account, session)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			found = append(found, e.Ticket)
		}
		slices.Sort(found)
		return found
	}
	add("a", "s1", "ST-1", 24*time.Hour)
	add("a", "s1", "ST-2", 24*time.Hour)
	add("a", "s2", "ST-3", 24*time.Hour)
	add("b", "s3", "ST-4", 24*time.Hour)
	if got := taken("a", "s1"); !slices.Equal(got, []string{"ST-1", "ST-2"}) {
		t.Errorf("one session: %v", got)
	}
	if got := taken("a", "s1"); got != nil {
		t.Errorf("told twice: %v", got)
	}
	add("a", "s1", "ST-5", time.Hour)
	add("c", "old", "ST-8", time.Hour)
	add("c", "else", "ST-9", 24*time.Hour)
	if err := x.Move(t.Context(), "c", "old", "new", 24*time.Hour); err != nil {
		t.Fatal(err)
	}
	now = now.Add(2 * time.Hour)
	if got := taken("a", ""); !slices.Equal(got, []string{"ST-3"}) {
		t.Errorf("the whole account, once one session is over: %v", got)
	}
	if got := taken("c", "old"); got != nil {
		t.Errorf("a session that another follows: %v", got)
	}
	if got := taken("c", "new"); !slices.Equal(got, []string{"ST-8"}) {
		t.Errorf("the session that follows, for as long as it lives: %v", got)
	}
	// A sign-in just before a period ends is found in the next one.
	now = time.Unix((now.Unix()/int64(period/time.Second)+1)*int64(period/time.Second)-60, 0)
	add("b", "s4", "ST-6", 24*time.Hour)
	now = now.Add(2 * time.Minute)
	add("b", "s4", "ST-7", 24*time.Hour)
	if got := taken("b", "s4"); !slices.Equal(got, []string{"ST-6", "ST-7"}) {
		t.Errorf("over the end of a period: %v", got)
	}
}
