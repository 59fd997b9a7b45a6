package recovery

import "testing"

// Kratos gives five tries a flow to whoever holds it. A stranger who knows the address holds one too, and may burn three:
// two are left for the browser that came by the mail.
func TestTriesLeft(t *testing.T) {
	for _, c := range []struct {
		why         string
		state       flowState
		plain, mail int
	}{
		{"a new flow", flowState{}, 3, 5},
		{"one wrong code", flowState{Plain: 1}, 2, 4},
		{"a stranger burns all that a stranger may", flowState{Plain: 3}, 0, 2},
		{"the mailbox's owner tries once, then", flowState{Plain: 3, Mail: 1}, 0, 1},
		{"and once more", flowState{Plain: 3, Mail: 2}, 0, 0},
		{"the owner first, which a stranger does not see", flowState{Mail: 3}, 3, 2},
		{"the owner uses four", flowState{Mail: 4}, 3, 1},
		{"the owner uses all", flowState{Mail: 5}, 3, 0},
		{"one stranger's try, then four of the owner's", flowState{Plain: 1, Mail: 4}, 2, 0},
		{"Kratos takes no code of this flow any more", flowState{Over: true}, 3, 0},
		{"never less than none, whatever was stored", flowState{Plain: 9, Mail: 9}, 0, 0},
	} {
		if got := c.state.left(false); got != c.plain {
			t.Errorf("%s: %d for a browser that may know the address only, want %d", c.why, got, c.plain)
		}
		if got := c.state.left(true); got != c.mail {
			t.Errorf("%s: %d for a browser that came by the mail, want %d", c.why, got, c.mail)
		}
	}
}

// In whatever order browsers try, the owner is offered no try beyond Kratos's five, and strangers never get a fourth.
func TestEveryOrderOfTries(t *testing.T) {
	for order := range 1 << 10 { // ten tries; a bit tells who
		var given flowState
		for try := range 10 {
			if byMail := order>>try&1 == 1; given.left(byMail) > 0 {
				given.spend(byMail)
				if byMail && given.Plain+given.Mail > triesOfFlow {
					t.Fatalf("order %010b: the owner is offered a try that Kratos takes no more", order)
				}
			}
		}
		if given.Mail > triesOfFlow || given.Plain > triesOfPlain {
			t.Fatalf("order %010b: %d and %d tries", order, given.Plain, given.Mail)
		}
	}
	// Strangers first, however many: two are left.
	var given flowState
	for given.left(false) > 0 {
		given.spend(false)
	}
	if got := given.left(true); got != 2 {
		t.Errorf("%d left for the owner of the mailbox", got)
	}
}
