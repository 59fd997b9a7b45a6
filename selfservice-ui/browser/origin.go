package browser

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"

	"efpconnect.example/selfservice-ui/page"
	"efpconnect.example/selfservice-ui/sitepath"
)

// sameOrigin refuses what another site's page makes a browser send (CSRF). Go's own check reads Sec-Fetch-Site and
// Origin; a program that sends neither has no cookies of a person to abuse.
func (g *Guard) sameOrigin(next http.Handler) http.Handler {
	check := http.NewCrossOriginProtection()
	check.SetDenyHandler(g.Errors.Handle(func(http.ResponseWriter, *http.Request) error {
		return errOtherOrigin
	}))
	return check.Handler(next)
}

// visited refuses what another site's page makes a browser fetch in passing, as a picture or in a frame: each such page would
// spend the limits of everybody behind its visitor's address. Whoever follows a link gets the page. Hardly anybody sees the
// answer, so it is one line; browsers without these headers are let through.
func visited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if passing(r) && !strings.HasPrefix(r.URL.Path, page.AssetPrefix) && !strings.HasPrefix(r.URL.Path, "/.well-known/") {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, notVisited)
			return
		}
		next.ServeHTTP(w, r)
	})
}

const notVisited = "Cette page ne peut pas être affichée dans un autre site. Ouvrez-la directement dans votre navigateur.\n"

// passing tells a request that another site's page made without leading the person here. A form is for sameOrigin.
// The first browsers with Sec-Fetch-Mode (Chrome 76 to 79) have no Sec-Fetch-Dest; a frame is "nested-navigate" to them.
func passing(r *http.Request) bool {
	site, posted := r.Header.Get("Sec-Fetch-Site"), r.Method == http.MethodPost
	if posted || site != "cross-site" && site != "same-site" {
		return false
	}
	dest := r.Header.Get("Sec-Fetch-Dest")
	led := r.Header.Get("Sec-Fetch-Mode") == "navigate" && (dest == "document" || dest == "")
	return !led || strings.HasPrefix(r.Header.Get("Sec-Purpose"), "prefetch")
}

// host answers only under the site's own name: a page of another name that resolves here (DNS rebinding), or a forged
// Host, gets nothing. A wrong public_url looks the same to its administrator, so the log says what is expected; once, because anybody
// can send such a request.
func (g *Guard) host(next http.Handler) http.Handler {
	own := plainHost(g.PublicURL.Host, g.PublicURL.Scheme)
	var once sync.Once
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if plainHost(r.Host, g.PublicURL.Scheme) != own {
			once.Do(func() {
				g.Log.WarnContext(r.Context(), "host refused", "expected", g.PublicURL.Host, "setting", "public_url")
			})
			http.Error(w, "421 this site is not served under that name", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// plainHost is a Host without what makes no difference: case, the final dot of a whole name, the port that goes without saying.
func plainHost(host, scheme string) string {
	name, port := strings.ToLower(host), ""
	if i := strings.LastIndexByte(name, ':'); i >= 0 && !strings.HasSuffix(name, "]") {
		name, port = name[:i], name[i:]
	}
	name = strings.TrimSuffix(name, ".")
	if port == ":" || port == ":80" && scheme == "http" || port == ":443" && scheme == "https" {
		port = ""
	}
	return name + port
}

// limits bounds what a request may send and how long it may take. Its handlers give the time on to every call they make.
func (g *Guard) limits(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeoutCause(r.Context(), g.Timeout, errSlow)
		defer cancel()
		r = r.WithContext(ctx)
		r.Body = http.MaxBytesReader(w, r.Body, g.MaxBody)
		next.ServeHTTP(w, r)
	})
}

var errSlow = errors.New("browser: the request took longer than it may")

var errOtherOrigin = &page.Message{Status: http.StatusForbidden, Heading: "error.heading", Text: "error.other_origin",
	Actions: []page.Action{{Label: "way.login", URL: sitepath.Login}, {Label: "way.reset", URL: sitepath.Reset}}}

// Samples is every page the guard answers by itself.
func Samples() []page.Sample {
	return []page.Sample{page.MessageSample("error-other-origin", errOtherOrigin)}
}
