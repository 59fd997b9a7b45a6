package browser

import (
	"net/http"
	"strings"
)

// headers are the same on every answer, refusals included.
func (g *Guard) headers(next http.Handler) http.Handler {
	policy := contentSecurityPolicy(g.FormTo)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		// no-referrer would make browsers send "Origin: null" with forms, which the same-origin check refuses.
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		h.Set("X-Frame-Options", "DENY")
		if g.Secure() {
			h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
		}
		h.Set("Cache-Control", "no-store") // what may be kept (page.Assets) says so itself
		next.ServeHTTP(w, r)
	})
}

// contentSecurityPolicy allows this origin's own files and nothing inline. data: images are the DSFR style sheet's own
// drawings. form-action names the services a login may end on: a browser blocks a form's redirect to any other origin.
func contentSecurityPolicy(formTo []string) string {
	return strings.Join([]string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
		"connect-src 'self'", "media-src 'self'", "worker-src 'self'", "manifest-src 'self'",
		"form-action " + strings.Join(append([]string{"'self'"}, formTo...), " "),
		"base-uri 'none'", "frame-ancestors 'none'",
	}, "; ")
}
