package browser

import (
	"net/http"
	"time"

	"efpconnect.example/internal/seal"
)

// A Jar keeps one thing in the browser that the browser may not read: sealed, HttpOnly, and gone with the browser unless kept.
// SameSite is Lax because Strict is not sent on the redirect that follows the mail's link.
type Jar struct {
	Name   string // also the seal's purpose: one jar's content never opens as another's
	TTL    time.Duration
	Keep   bool // outlives the browser's own end, for the TTL
	Secure bool // https: the name gets the __Host- prefix, which binds it to this very host
	Box    *seal.Box
}

func (j *Jar) name() string {
	if j.Secure {
		return "__Host-" + j.Name
	}
	return j.Name
}

// Put seals v into the browser.
func (j *Jar) Put(w http.ResponseWriter, v any) error {
	sealed, err := j.Box.Seal("cookie "+j.Name, j.TTL, v)
	if err != nil {
		return err
	}
	age := 0
	if j.Keep {
		age = int(j.TTL.Seconds())
	}
	http.SetCookie(w, j.cookie(sealed, age))
	return nil
}

// Get opens what the browser carries; false when it carries nothing that can be opened: forged, of a retired key, or too
// old are all the same to a page.
func (j *Jar) Get(r *http.Request, v any) bool {
	c, err := r.Cookie(j.name())
	return err == nil && j.Box.Open("cookie "+j.Name, c.Value, v) == nil
}

// Drop empties the jar.
func (j *Jar) Drop(w http.ResponseWriter) { http.SetCookie(w, j.cookie("", -1)) }

func (j *Jar) cookie(value string, age int) *http.Cookie {
	return &http.Cookie{Name: j.name(), Value: value, Path: "/", MaxAge: age, Secure: j.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}
