package browser

import (
	"net/http"
	"time"

	"efpconnect.example/internal/seal"
)

// A SealedCookie keeps one thing in the browser that the browser may not read: sealed, HttpOnly, and gone with the browser unless kept.
// SameSite is Lax because Strict is not sent on the redirect that follows the mail's link.
type SealedCookie struct {
	Name   string // also the seal's purpose: one cookie's content never opens as another's
	TTL    time.Duration
	Keep   bool // outlives the browser's own end, for the TTL
	Secure bool // https: the name gets the __Host- prefix, which binds it to this very host
	Box    *seal.Box
}

func (c *SealedCookie) name() string {
	if c.Secure {
		return "__Host-" + c.Name
	}
	return c.Name
}

// Set seals v into the browser.
func (c *SealedCookie) Set(w http.ResponseWriter, v any) error {
	sealed, err := c.Box.Seal("cookie "+c.Name, c.TTL, v)
	if err != nil {
		return err
	}
	age := 0
	if c.Keep {
		age = int(c.TTL.Seconds())
	}
	http.SetCookie(w, c.cookie(sealed, age))
	return nil
}

// Get opens what the browser carries; false when it carries nothing that can be opened: forged, of a retired key, or too
// old are all the same to a page.
func (c *SealedCookie) Get(r *http.Request, v any) bool {
	found, err := r.Cookie(c.name())
	return err == nil && c.Box.Open("cookie "+c.Name, found.Value, v) == nil
}

// Clear removes the cookie.
func (c *SealedCookie) Clear(w http.ResponseWriter) { http.SetCookie(w, c.cookie("", -1)) }

func (c *SealedCookie) cookie(value string, age int) *http.Cookie {
	return &http.Cookie{Name: c.name(), Value: value, Path: "/", MaxAge: age, Secure: c.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}
