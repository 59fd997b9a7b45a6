package page

import (
	"net/http"
	"slices"
)

// Cookies of what a person has chosen for the pages. They are not sealed: nothing but the look depends on them, and they say nothing
// of anybody.
const (
	CookieLanguage = "efp_langue"
	CookieTheme    = "efp_theme"
)

// Themes that may be chosen; without a choice the system's is taken, where a script runs.
var Themes = []string{"light", "dark"}

// PreferenceCookie keeps a choice for a year.
func PreferenceCookie(name, value string, secure bool) *http.Cookie {
	c := &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: 365 * 24 * 3600, Secure: secure, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if secure {
		c.Name = "__Host-" + name
	}
	return c
}

// Theme is what was chosen, "" for the system's.
func Theme(r *http.Request) string {
	if chosen := preference(r, CookieTheme); slices.Contains(Themes, chosen) {
		return chosen
	}
	return ""
}

func preference(r *http.Request, name string) string {
	for _, name := range []string{"__Host-" + name, name} {
		if c, err := r.Cookie(name); err == nil {
			return c.Value
		}
	}
	return ""
}
