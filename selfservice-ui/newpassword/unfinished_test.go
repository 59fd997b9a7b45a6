package newpassword

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/seal"
	"efpconnect.example/internal/store"
)

// revoking is a Kratos that notes which sessions it was told to end.
type revoking struct {
	down  bool
	ended []string
}

func (k *revoking) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Token string `json:"session_token"`
	}
	if k.down || r.Method != http.MethodDelete || json.NewDecoder(r.Body).Decode(&body) != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	k.ended = append(k.ended, body.Token)
	w.WriteHeader(http.StatusNoContent)
}

// Who walks away at step 3 leaves no session behind: it ends at its time, once, by whichever replica; while Kratos is down, later. One
// that was finished is left alone.
func TestUnfinishedSessionsEnd(t *testing.T) {
	engine := &revoking{}
	server := httptest.NewServer(engine)
	t.Cleanup(server.Close)
	client, err := kratos.New(server.URL, kratos.Options{})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 30, 12, 3, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	box, err := seal.New([]string{seal.NewKey()}, clock)
	if err != nil {
		t.Fatal(err)
	}
	kept := store.NewMemory(100, clock)
	replica := func() Unfinished {
		return Unfinished{
			Kratos: client,
			Store:  kept,
			Box:    box,
			Log:    slog.New(slog.DiscardHandler),
			Now:    clock,
		}
	}
	began := now.Add(-unfinishedLife).Truncate(unfinishedSlot)
	session := func(token string) (key string) {
		key, err := replica().Keep(t.Context(), token, now.Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	session("left")
	finished := session("finished")
	now = now.Add(5 * time.Minute)
	session("left too")
	if err := replica().End(t.Context(), "finished", finished); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(engine.ended, []string{"finished"}) {
		t.Errorf("ended %q", engine.ended)
	}
	engine.ended = nil
	for _, step := range []struct {
		why  string
		at   time.Time
		down bool
		want []string
	}{
		{"while step 3 may be used", now.Add(54 * time.Minute), false, nil},
		{"Kratos is down", now.Add(63 * time.Minute), true, nil},
		{"their time is over", now.Add(64 * time.Minute), false, []string{"left", "left too"}},
		{"again", now.Add(20 * time.Hour), false, []string{"left", "left too"}},
	} {
		now, engine.down = step.at, step.down
		for range 2 { // two replicas, the second just started
			_, err := replica().endSlots(t.Context(), began)
			if (err != nil) != step.down {
				t.Errorf("%s: %v", step.why, err)
			}
		}
		if !slices.Equal(engine.ended, step.want) {
			t.Errorf("%s: ended %q, want %q", step.why, engine.ended, step.want)
		}
	}
}
