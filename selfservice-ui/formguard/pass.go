package formguard

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"efpconnect.example/internal/captcha"
	"efpconnect.example/selfservice-ui/browser"
)

// A pass says that this browser answered rightly in the last minutes: who mistypes an address, or a password, is not asked again.
// It holds for every form of the site, a few times: the limits count each form all the same.
type pass struct {
	ID string `json:"id"`
}

const (
	passTime = 10 * time.Minute
	passUses = 5
)

// PassCookie is the cookie that carries it.
func PassCookie(j browser.SealedCookie) *browser.SealedCookie {
	j.Name, j.TTL = "efp_verifie", passTime
	return &j
}

// Grant gives the browser a pass: it has proved its mailbox.
func (g *Guard) Grant(w http.ResponseWriter) error { return g.Passes.Set(w, pass{ID: rand.Text()}) }

// Keep gives a pass for an answer that was right, and tells whether it did. An answer that was itself a pass brings no other: one
// proof would never end.
func (g *Guard) Keep(w http.ResponseWriter, ask Ask, a Answer) (kept bool, err error) {
	if a.Pass != "" || !ask.Picture && !ask.Proof {
		return false, nil
	}
	return true, g.Grant(w)
}

// pass is the one this browser carries, "" without one or once it is used up.
func (g *Guard) pass(r *http.Request) (string, error) {
	var p pass
	if !g.Passes.Get(r, &p) {
		return "", nil
	}
	used, found, err := g.Challenges.Store.Get(r.Context(), passKey(p.ID))
	if err != nil {
		return "", fmt.Errorf("gate: reading a pass: %w", err)
	}
	if n, _ := strconv.Atoi(string(used)); found && n >= passUses {
		return "", nil
	}
	return p.ID, nil
}

// usePass counts one use of a pass; two requests at once cannot both have its last one.
func (g *Guard) usePass(ctx context.Context, id string) (captcha.Outcome, error) {
	n, err := g.Challenges.Store.Count(ctx, passKey(id), passTime)
	switch {
	case err != nil:
		return 0, fmt.Errorf("gate: using a pass: %w", err)
	case n > passUses:
		return captcha.Unknown, nil
	}
	return captcha.Right, nil
}

func passKey(id string) string { return "pass:" + id }
