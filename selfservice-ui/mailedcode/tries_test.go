package mailedcode

import "testing"

// Kratos gives five tries a flow to whoever holds it. A stranger who knows the address holds one too, and may burn three:
// two are left for the browser that came by the mail.
func TestTriesLeft(t *testing.T) {
	for _, c := range []struct {
		why         string
		state       State
		plain, mail int
	}{
		{"a new flow", State{}, 3, 5},
		{"one wrong code", State{Typed: Share{Tries: 1}}, 2, 4},
		{"a stranger burns all that a stranger may", State{Typed: Share{Tries: 3}}, 0, 2},
		{"the mailbox's owner tries once, then", State{Typed: Share{Tries: 3}, Button: Share{Tries: 1}}, 0, 1},
		{"and once more", State{Typed: Share{Tries: 3}, Button: Share{Tries: 2}}, 0, 0},
		{"the owner first, which a stranger does not see", State{Button: Share{Tries: 3}}, 3, 2},
		{"the owner uses four", State{Button: Share{Tries: 4}}, 3, 1},
		{"the owner uses all", State{Button: Share{Tries: 5}}, 3, 0},
		{"one stranger's try, then four of the owner's", State{Typed: Share{Tries: 1}, Button: Share{Tries: 4}}, 2, 0},
		{"Kratos takes no code of this flow any more", State{Over: true}, 3, 0},
		{"never less than none, whatever was stored", State{Typed: Share{Tries: 9}, Button: Share{Tries: 9}}, 0, 0},
	} {
		if got := c.state.Left(Typed); got != c.plain {
			t.Errorf("%s: %d for a browser that may know the address only, want %d", c.why, got, c.plain)
		}
		if got := c.state.Left(Button); got != c.mail {
			t.Errorf("%s: %d for a browser that came by the mail, want %d", c.why, got, c.mail)
		}
	}
}

// In whatever order browsers try, the owner is offered no try beyond Kratos's five, and strangers never get a fourth.
func TestEveryOrderOfTries(t *testing.T) {
	for order := range 1 << 10 { // ten tries; a bit tells who
		var given State
		for try := range 10 {
			if proof := Proof(order >> try & 1); given.Left(proof) > 0 {
				given.spend(proof)
				if proof == Button && given.Typed.Tries+given.Button.Tries > TriesOfFlow {
					t.Fatalf("order %010b: the owner is offered a try that Kratos takes no more", order)
				}
			}
		}
		if given.Button.Tries > TriesOfFlow || given.Typed.Tries > TriesOfTyped {
			t.Fatalf("order %010b: %d and %d tries", order, given.Typed.Tries, given.Button.Tries)
		}
	}
	// Strangers first, however many: two are left.
	var given State
	for given.Left(Typed) > 0 {
		given.spend(Typed)
	}
	if got := given.Left(Button); got != 2 {
		t.Errorf("%d left for the owner of the mailbox", got)
	}
}
