package audit

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"testing"
)

func TestNote(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelError, ReplaceAttr: LevelName}))
	log.Warn("dropped at this level")
	(&Trail{Log: log}).Note(t.Context(), "reset", "finished", "k3y3d")
	var line struct {
		Level string
		Time  string
		Audit struct{ What, Outcome, Account string }
	}
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("%v in %q: exactly the trail's line is written at every level", err, out.String())
	}
	if line.Level != "AUDIT" || line.Time == "" || line.Audit.What != "reset" || line.Audit.Outcome != "finished" || line.Audit.Account != "k3y3d" {
		t.Errorf("%s", out.String())
	}
}

func TestNobody(t *testing.T) {
	var trail *Trail
	trail.Note(t.Context(), "reset", "finished", "k3y3d") // must not panic
}
