package login

import (
	"net/http"

	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/email"
	"efpconnect.example/internal/lifetime"
	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/seal"
	"efpconnect.example/selfservice-ui/browser"
	"efpconnect.example/selfservice-ui/formguard"
	"efpconnect.example/selfservice-ui/handoff"
	"efpconnect.example/selfservice-ui/page"
)

func (h *Handler) account(who email.Address) string {
	return h.Box.Hash("account", who.Fold())
}

// admit lets a login wait for its turn, or says what the form has to mend first.
func (h *Handler) admit(r *http.Request, who email.Address, answer formguard.Answer) (*page.Problem, error) {
	if key, err := h.Guard.CheckHoneypot(r, captcha.FormLogin); err != nil || key != "" {
		return hurried(key), err
	}
	if missing, err := h.Guard.Check(r.Context(), captcha.FormLogin, h.Guard.Asks[captcha.FormLogin], answer); err != nil || missing != nil {
		return missing, err
	}
	account := h.account(who)
	return nil, h.Guard.Site(r.Context(), limit.LoginSite, limit.LoginKept, h.before(r, account).Account != "")
}

// try is one login as it was sent.
type try struct {
	who              email.Address
	secret, returnTo string

	browser []byte     // the browser's own secret: what waits for it opens with that alone
	key     string     // the same for the same login sent again by the same browser
	proved  bool       // this browser has logged in to the account before
	rule    limit.Name // counted against, for known and unknown identifiers alike
	budget  string     // key of that rule
}

func (h *Handler) tried(r *http.Request, at nonce, who email.Address, returnTo, secret string) try {
	account := h.account(who)
	t := try{who: who, secret: secret, returnTo: returnTo, browser: at.Secret, rule: limit.LoginEmail, budget: account}
	if before := h.before(r, account); before.Account != "" {
		t.proved, t.rule, t.budget = true, limit.LoginKnown, account+"/"+before.Since
	}
	print, err := seal.Fingerprint(at.Secret, "login", who.Fold(), secret)
	if err != nil {
		panic(err) // h.nonce has looked at the length
	}
	t.key = "late:" + print
	return t
}

// nonce is a browser at the login page, by a secret of its own.
type nonce struct {
	Secret []byte `json:"r"`
}

// NonceCookie carries it.
func NonceCookie(j browser.SealedCookie) *browser.SealedCookie {
	j.Name, j.TTL = "efp_connexion", lifetime.Flow
	return &j
}

func (h *Handler) nonce(r *http.Request) (nonce, bool) {
	var v nonce
	ok := h.NonceCookie.Get(r, &v) && len(v.Secret) == seal.RandomSize
	return v, ok
}

// greet gives a browser its nonce, once: a login sent again must find what the first came to.
func (h *Handler) greet(w http.ResponseWriter, r *http.Request) error {
	if _, ok := h.nonce(r); ok {
		return nil
	}
	return h.NonceCookie.Set(w, nonce{Secret: seal.NewRandom()})
}

// before is what this browser carries of that account; nothing where it is another's.
func (h *Handler) before(r *http.Request, account string) handoff.Device {
	var before handoff.Device
	if !h.DeviceCookie.Get(r, &before) || before.Account != account {
		return handoff.Device{}
	}
	return before
}

func hurried(key string) *page.Problem {
	if key == "" {
		return nil
	}
	return &page.Problem{Key: key}
}
