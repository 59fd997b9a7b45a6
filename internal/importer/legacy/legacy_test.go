package legacy_test

import (
	"encoding/json"
	"testing"
	"time"

	"efpconnect.example/internal/importer/legacy"
)

var stamp = legacy.Stamp{Source: "s", ID: "7", ImportedAt: time.Unix(1_700_000_000, 0).UTC(), Run: "r", Updated: "u"}

func TestStamp(t *testing.T) {
	if got, ok := legacy.Parse(stamp.Metadata()); !ok || got != stamp {
		t.Errorf("got %+v, %v", got, ok)
	}
	// What an administrator wrote beside the mark stays.
	merged := stamp.Merge(json.RawMessage(`{"note":"vip","legacy":{"source":"old"}}`))
	var members map[string]json.RawMessage
	if err := json.Unmarshal(merged, &members); err != nil || string(members["note"]) != `"vip"` {
		t.Errorf("merged: %s, %v", merged, err)
	}
	if got, ok := legacy.Parse(merged); !ok || got != stamp {
		t.Errorf("merged: %+v, %v", got, ok)
	}
	for _, other := range []string{``, `null`, `[]`, `"x"`, `{"legacy":5}`, `{"legacy":{"source":"s"}}`} {
		if _, ok := legacy.Parse(json.RawMessage(other)); ok {
			t.Errorf("%s passes for a mark", other)
		}
		if got, ok := legacy.Parse(stamp.Merge(json.RawMessage(other))); !ok || got != stamp {
			t.Errorf("merged into %s: %+v", other, got)
		}
	}
}

// The metadata of other accounts may hold anything.
func FuzzParse(f *testing.F) {
	f.Add([]byte(stamp.Metadata()))
	f.Add([]byte(`{"legacy":{"imported_at":"x"}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if s, ok := legacy.Parse(text); ok && (s.Source == "" || s.ID == "") {
			t.Errorf("%s: %+v", text, s)
		}
	})
}
