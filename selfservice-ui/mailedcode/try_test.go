package mailedcode

import (
	"errors"
	"testing"
	"time"

	"efpconnect.example/internal/seal"
	"efpconnect.example/internal/store"
)

var (
	start = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	times = Times{Flow: 48 * time.Hour, Code: 24 * time.Hour, Pause: time.Minute}
)

func sentAt(p Proof, at time.Time) State {
	var s State
	s.NoteSent(p, at)
	return s
}

func TestBegin(t *testing.T) {
	f := Flow{ID: "1", Opened: start, Secret: seal.NewRandom(), Proof: Typed}
	byMail := f
	byMail.Proof = Button
	other := f
	other.Secret = seal.NewRandom()
	begun := sentAt(Typed, start)
	if again, refused, err := begun.Begin(f, "123456", start, times.Code); again || refused != Admitted || err != nil {
		t.Fatal(again, refused, err)
	}
	judged := begun
	judged.Judged = true
	spent := sentAt(Typed, start)
	spent.Typed.Tries = TriesOfTyped
	for _, c := range []struct {
		why     string
		state   State
		f       Flow
		code    string
		at      time.Time
		again   bool
		refused Refusal
		tries   int // by the flow's own kind, afterwards
	}{
		{"the first code", sentAt(Typed, start), f, "123456", start, false, Admitted, 1},
		{"the same, its answer lost", begun, f, "123456", start, true, Admitted, 1},
		{"the same, judged wrong", judged, f, "123456", start, false, Admitted, 2},
		{"another code", begun, f, "123457", start, false, Admitted, 2},
		{"the same code in another browser", begun, other, "123456", start, false, Admitted, 2},
		{"the last moment of a code", sentAt(Typed, start), f, "123456", start.Add(24 * time.Hour), false, Admitted, 1},
		{"a moment later", sentAt(Typed, start), f, "123456", start.Add(24*time.Hour + 1), false, Expired, 0},
		{"no try left", spent, f, "123456", start, false, Spent, TriesOfTyped},
		{"the two kept ones", spent, byMail, "123456", start, false, Admitted, 1},
	} {
		s := c.state
		again, refused, err := s.Begin(c.f, c.code, c.at, times.Code)
		if again != c.again || refused != c.refused || err != nil || s.share(c.f.Proof).Tries != c.tries {
			t.Errorf("%s: again %t, refused %q, %d tries, %v", c.why, again, refused, s.share(c.f.Proof).Tries, err)
		}
	}
}

func TestResend(t *testing.T) {
	typed, button := Flow{ID: "1", Opened: start}, Flow{ID: "1", Opened: start, Proof: Button}
	with := func(change func(*State)) State { s := sentAt(Typed, start); change(&s); return s }
	spent := with(func(s *State) { s.Typed.Tries = TriesOfTyped })
	for _, c := range []struct {
		why   string
		state State
		f     Flow
		at    time.Duration
		want  Resend
	}{
		{"at once", sentAt(Typed, start), typed, 0, TooEarly},
		{"a moment before the pause ends", sentAt(Typed, start), typed, time.Minute - 1, TooEarly},
		{"at its end", sentAt(Typed, start), typed, time.Minute, SameFlow},
		{"at once, the mail having failed", with(func(s *State) { s.NoteFailed(Typed) }), typed, 0, SameFlow},
		{"the owner's failed mail is not the stranger's", with(func(s *State) { s.NoteSent(Button, start.Add(1)); s.NoteFailed(Button) }), typed, 1, TooEarly},
		{"and is the owner's", with(func(s *State) { s.NoteSent(Button, start.Add(1)); s.NoteFailed(Button) }), button, 1, SameFlow},
		{"no pause is the owner's for a stranger", with(func(s *State) { s.NoteSent(Button, start.Add(time.Hour)) }), typed, time.Hour, SameFlow},
		{"the owner has one", with(func(s *State) { s.NoteSent(Button, start.Add(time.Hour)) }), button, time.Hour, TooEarly},
		{"no try left: a mail does not revive the flow", spent, typed, time.Hour, AnotherFlow},
		{"the kept tries", spent, button, time.Hour, SameFlow},
		{"a code can still live its day", sentAt(Typed, start), typed, 24 * time.Hour, SameFlow},
		{"no longer", sentAt(Typed, start), typed, 24*time.Hour + 1, AnotherFlow},
	} {
		if got := c.state.Resend(c.f, start.Add(c.at), times); got != c.want {
			t.Errorf("%s: %d, want %d", c.why, got, c.want)
		}
	}
}

// The flow that replaces one keeps the two tries of the mail's button, and shows a stranger nothing.
func TestReplacement(t *testing.T) {
	s := sentAt(Typed, start)
	f := Flow{ID: "1", Opened: start}
	if got := s.Standing(f); got.ID != "1" {
		t.Errorf("%+v", got)
	}
	s.NoteReplacement(Flow{ID: "2", Opened: start.Add(time.Hour)})
	if got := s.Standing(f); got.ID != "2" || !got.Opened.Equal(start.Add(time.Hour)) {
		t.Errorf("%+v", got)
	}
	fresh := ReplacementState(start)
	if typed, button := fresh.Left(Typed), fresh.Left(Button); typed != 0 || button != TriesOfFlow-TriesOfTyped {
		t.Errorf("%d and %d tries", typed, button)
	}
	if s.Left(Typed) != TriesOfTyped {
		t.Error("the stranger sees the replacement")
	}
}

func TestStatesAndLinks(t *testing.T) {
	now := start
	box, err := seal.New([]string{seal.NewKey()}, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	states := &States{Store: store.NewMemory(10, func() time.Time { return now }), Box: box, Life: times.Flow}
	fresh, err := states.Load(t.Context(), "1", start)
	if err != nil || !fresh.Sent(Typed).Equal(start) {
		t.Errorf("%+v, %v", fresh, err)
	}
	fresh.Over = true
	fresh.NoteReplacement(Flow{ID: "2", Opened: start})
	if err := states.Save(t.Context(), "1", fresh); err != nil {
		t.Fatal(err)
	}
	kept, err := states.Load(t.Context(), "1", start)
	if err != nil || !kept.Over || kept.Replacement.ID != "2" {
		t.Errorf("%+v, %v", kept, err)
	}
	reset, registration := Links{Box: box, Purpose: "a", Life: times.Flow}, Links{Box: box, Purpose: "b", Life: times.Flow}
	text, err := reset.Seal(Link{ID: "1", Opened: start, ReturnTo: "/x"})
	if err != nil {
		t.Fatal(err)
	}
	if l, err := reset.Open(text); err != nil || l != (Link{ID: "1", Opened: start, ReturnTo: "/x"}) {
		t.Errorf("%+v, %v", l, err)
	}
	if _, err := registration.Open(text); !errors.Is(err, ErrLinkForged) {
		t.Errorf("another kind's link: %v", err)
	}
	now = now.Add(times.Flow)
	if _, err := reset.Open(text); !errors.Is(err, ErrLinkOver) {
		t.Errorf("after its life: %v", err)
	}
}
