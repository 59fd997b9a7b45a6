package send

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/importer/legacy"
	"efpconnect.example/internal/importer/profile"
	"efpconnect.example/internal/kratos"
)

// broken is a Kratos that has nobody and does to each batch what a test says: a status, or after how long it takes effect.
type broken func(bodies []string) (status int, after time.Duration)

func (b broken) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := func(status int, v any) (*http.Response, error) {
		text, err := json.Marshal(v)
		return &http.Response{StatusCode: status, Body: io.NopCloser(bytes.NewReader(text)), Header: http.Header{}, Request: r}, err
	}
	if r.Method != http.MethodPatch {
		return answer(http.StatusOK, []string{})
	}
	var batch struct {
		Identities []struct {
			Create  json.RawMessage `json:"create"`
			PatchID string          `json:"patch_id"`
		} `json:"identities"`
	}
	if err := json.NewDecoder(r.Body).Decode(&batch); err != nil {
		return nil, err
	}
	var bodies []string
	var created []map[string]string
	for i, item := range batch.Identities {
		bodies = append(bodies, string(item.Create))
		created = append(created, map[string]string{"action": "create", "patch_id": item.PatchID, "identity": fmt.Sprintf("00000000-0000-4000-8000-%012d", i)})
	}
	status, after := b(bodies)
	select {
	case <-time.After(after):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	return answer(status, map[string]any{"identities": created})
}

// sendAll sends so many rows, in batches, and counts outcomes. Time is synctest's.
func sendAll(t *testing.T, kratosIs broken, rows, batch int, giveUp time.Duration) (map[journal.Outcome]int, error) {
	admin, err := kratos.NewAdmin("http://kratos.example.test", kratos.AdminOptions{Transport: kratosIs})
	if err != nil {
		t.Fatal(err)
	}
	batches := make(chan []Item, rows/batch+1)
	for first := 0; first < rows; first += batch {
		var items []Item
		for i := first; i < min(rows, first+batch); i++ {
			items = append(items, Item{Todo: journal.Todo{Number: int64(i + 1)}, Person: profile.Person{LegacyID: fmt.Sprint(i), Address: fmt.Sprintf("a%d@example.test", i)},
				Body: fmt.Appendf(nil, "%d", i)})
		}
		batches <- items
	}
	close(batches)
	engine := &Engine{Admin: admin, Stamp: legacy.Stamp{Source: "s", Run: "r"}, Workers: 1, Pace: NewPace(1, giveUp, nil)}
	outcomes := map[journal.Outcome]int{}
	err = engine.Run(context.Background(), batches, func(results []journal.Result) error {
		for _, r := range results {
			outcomes[r.Outcome]++
		}
		return nil
	})
	return outcomes, err
}

// A row that Kratos cannot take and has no word for fails alone: the others arrive, and the run ends.
func TestPoisonousRow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outcomes, err := sendAll(t, func(bodies []string) (int, time.Duration) {
			for _, body := range bodies {
				if body == "37" {
					return http.StatusInternalServerError, 0
				}
			}
			return http.StatusOK, 0
		}, 100, 50, 15*time.Minute)
		if err != nil || outcomes[journal.Created] != 99 || outcomes[journal.Failed] != 1 {
			t.Errorf("%v, %v; want 99 created and 1 failed", outcomes, err)
		}
	})
}

// A Kratos that can be read and not written (its database is full, or read-only) is given up like one that is down.
func TestReadOnlyKratos(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		outcomes, err := sendAll(t, func([]string) (int, time.Duration) { return http.StatusInternalServerError, 0 }, 2000, 1000, 15*time.Minute)
		if !errors.Is(err, ErrGaveUp) || outcomes[journal.Created] > 0 {
			t.Errorf("%v, %v; want ErrGaveUp", outcomes, err)
		}
		if lasted := time.Since(began); lasted < 15*time.Minute || lasted > 16*time.Minute {
			t.Errorf("gave up after %v, want 15 minutes and a wait at most", lasted)
		}
	})
}

// A Kratos for which 1000 accounts take longer than it may is asked for fewer, and most of the time not for too many.
func TestSlowKratos(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		requests, late := 0, 0
		outcomes, err := sendAll(t, func(bodies []string) (int, time.Duration) {
			requests++
			after := time.Duration(len(bodies)) * 700 * time.Millisecond
			if after > 150*time.Second {
				late++
			}
			return http.StatusOK, after
		}, 5000, 1000, 15*time.Minute)
		if err != nil || outcomes[journal.Created] != 5000 {
			t.Errorf("%v, %v; want 5000 created", outcomes, err)
		}
		if late < 3 || late > requests/4 {
			t.Errorf("%d of %d requests took too long", late, requests)
		}
	})
}
