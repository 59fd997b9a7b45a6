// Package audit writes one line for each thing that happens to an account: what, how it ended, to whom, when, in which request.
// The steps of the site note; what collects the logs keeps these lines longer than the others (docs/operations.md).
//
// Nobody is named: an account is the keyed hash that package seal makes of its address.
package audit

import (
	"context"
	"log/slog"
)

// Level is above every other, so that no log_level silences the trail.
const Level = slog.LevelError + 4

// Trail writes to a log. A nil Trail writes nothing.
type Trail struct{ Log *slog.Logger }

// Note writes one line. What is the thing ("reset", "login"), outcome how it ended, account the keyed hash.
func (t *Trail) Note(ctx context.Context, what, outcome, account string) {
	if t == nil {
		return
	}
	t.Log.LogAttrs(ctx, Level, "audit", slog.Group("audit", slog.String("what", what), slog.String("outcome", outcome), slog.String("account", account)))
}

// LevelName is for slog.HandlerOptions.ReplaceAttr: the trail's lines read AUDIT instead of ERROR+4.
func LevelName(groups []string, a slog.Attr) slog.Attr {
	if level, ok := a.Value.Any().(slog.Level); ok && len(groups) == 0 && a.Key == slog.LevelKey && level == Level {
		a.Value = slog.StringValue("AUDIT")
	}
	return a
}
