package login

import (
	"net/http"
	"time"

	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/email"
	"efpconnect.example/internal/limit"
	"efpconnect.example/selfservice-ui/browser"
	"efpconnect.example/selfservice-ui/formguard"
	"efpconnect.example/selfservice-ui/page"
)

// device is who logged in from this browser before, or chose the password in it (OWASP's device cookie): a stranger who
// spends an account's tries leaves theirs alone. It opens nothing by itself. The reset puts it too.
type device struct {
	Account string `json:"account"` // keyed hash of the address
	// Since is new with each reset, which proves the mailbox, and stays with a login: the tries begin anew, so that
	// « Réinitialisez votre mot de passe » is a way out for who has spent them.
	Since string `json:"since"`
}

// DeviceCookie carries it.
func DeviceCookie(j browser.SealedCookie) *browser.SealedCookie {
	j.Name, j.TTL, j.Keep = "efp_appareil", 180*24*time.Hour, true
	return &j
}

func (h *Handler) account(who email.Address) string {
	return h.Box.Hash("account", who.Fold())
}

// admit lets a login wait for its turn, or says what the form has to mend first.
func (h *Handler) admit(r *http.Request) (*page.Problem, error) {
	if key, err := h.Guard.CheckHoneypot(r, captcha.FormLogin); err != nil || key != "" {
		return hurried(key), err
	}
	if missing, err := h.Guard.Check(r.Context(), captcha.FormLogin, h.Guard.Asks[captcha.FormLogin], formguard.Answered(r)); err != nil || missing != nil {
		return missing, err
	}
	return nil, h.Guard.Key(r.Context(), limit.LoginSite, "", "limit.site")
}

// count counts a try, for known and unknown addresses alike.
func (h *Handler) count(r *http.Request, who email.Address) error {
	account := h.account(who)
	if before := h.before(r, account); before.Account == account {
		return h.Guard.Key(r.Context(), limit.LoginKnown, account+"/"+before.Since, "limit.login")
	}
	return h.Guard.Key(r.Context(), limit.LoginEmail, account, "limit.login")
}

// before is what this browser carries of that account; nothing where it is another's.
func (h *Handler) before(r *http.Request, account string) device {
	var before device
	if !h.DeviceCookie.Get(r, &before) || before.Account != account {
		return device{}
	}
	return before
}

func hurried(key string) *page.Problem {
	if key == "" {
		return nil
	}
	return &page.Problem{Key: key}
}
