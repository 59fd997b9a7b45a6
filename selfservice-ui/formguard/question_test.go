package formguard_test

import (
	"log/slog"
	"testing"
	"time"

	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/store"
	"efpconnect.example/selfservice-ui/formguard"
)

// Who takes a bent X for a K has read the code; who reads a sign that is drawn as another has not.
func TestALookAlikeIsRead(t *testing.T) {
	g := &formguard.Guard{Challenges: &captcha.Challenges{Store: store.NewMemory(100, time.Now), Now: time.Now}, Log: slog.New(slog.DiscardHandler)}
	for typed, problem := range map[string]string{
		"AFL58X": "", "afl58x": "", "4MRSBK": "", "4m rsb-y": "", // all of them outside the alphabet
		"AFL58W": "captcha.wrong", "AFL5UX": "captcha.wrong", "AFL58": "captcha.wrong", "QQQQQQ": "captcha.wrong",
	} {
		ch, err := g.Challenges.New(t.Context(), captcha.FormRecovery, "AFL58X")
		if err != nil {
			t.Fatal(err)
		}
		found, err := g.Check(t.Context(), captcha.FormRecovery, formguard.Ask{Picture: true}, formguard.Answer{Challenge: ch.ID, Typed: typed})
		if err != nil || (found == nil) != (problem == "") || found != nil && found.Key != problem {
			t.Errorf("%q for AFL58X: %+v, %v", typed, found, err)
		}
	}
}
