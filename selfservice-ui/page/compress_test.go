package page

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// What somebody typed, or put into an address, is never in a compressed answer; what is the same for everybody always is.
func TestWhatIsCompressed(t *testing.T) {
	type link struct{ Label, URL string }
	for _, c := range []struct {
		why, method, url, accepts string
		page                      Page
		want                      bool
	}{
		{"a page without a text", "GET", "/", "gzip", Page{}, true},
		{"HEAD is told the same length", "HEAD", "/", "gzip, br", Page{}, true},
		{"a view of numbers, and of addresses of ours", "GET", "/", "gzip", Page{View: struct {
			Left     int
			ResetURL string
			Shown    bool
		}{3, "/reinitialisation", true}}, true},
		{"a message without a value", "GET", "/", "gzip", Page{View: &Message{Text: "error.not_found"}}, true},
		{"who does not read gzip", "GET", "/", "br", Page{}, false},
		{"the answer to a form", "POST", "/", "gzip", Page{}, false},
		{"an address with a query", "GET", "/?return_to=x", "gzip", Page{}, false},
		{"an identifier that was typed", "GET", "/", "gzip", Page{View: struct{ Identifier string }{"a"}}, false},
		{"the same in a view by its address", "GET", "/", "gzip", Page{View: &struct{ Email string }{"a"}}, false},
		{"in a list of a view", "GET", "/", "gzip", Page{View: struct{ Links []link }{[]link{{"a", "/"}}}}, false},
		{"in a field of no exported name", "GET", "/", "gzip", Page{View: struct{ typed any }{"a"}}, false},
		{"in a map", "GET", "/", "gzip", Page{View: map[string]string{"a": "b"}}, false},
		{"what was copied from the picture", "GET", "/", "gzip", Page{Guard: Guard{Typed: "A3"}}, false},
		{"a problem with a value", "GET", "/", "gzip", Page{Problems: []Problem{{Key: "login.refused"}}}, false},
		{"a notice with a value", "GET", "/", "gzip", Page{Notice: &Notice{Kind: "info", Key: "error.not_found", Args: []any{"a", "b"}}}, false},
		{"a message with a value", "GET", "/", "gzip", Page{View: &Message{Text: "limit.client", Args: []any{"hour", "12"}}}, false},
	} {
		r := httptest.NewRequest(c.method, "https://site.example"+c.url, nil)
		if got := c.page.mayCompress(r) && takesGzip(c.accepts); got != c.want {
			t.Errorf("%s: %v", c.why, got)
		}
	}
}

// What is sent compressed is the page; many at once are all answered, and no more packers are made than there may be.
func TestCompressedPages(t *testing.T) {
	r, err := NewRenderer(Site{Ministry: []string{"Ministère"}, Service: "EFP Connect", Assistance: "https://aide.example.test/"})
	if err != nil {
		t.Fatal(err)
	}
	get := func(method, accepts string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		q := httptest.NewRequest(method, "https://site.example/", nil)
		q.Header.Set("Accept-Encoding", accepts)
		if err := r.Write(w, q, (&Message{Status: 404, Heading: "error.not_found_heading", Text: "error.not_found"}).page()); err != nil {
			t.Error(err)
		}
		return w
	}
	plain := get(http.MethodGet, "").Body.String()
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			w := get(http.MethodGet, "gzip")
			body := w.Body.String()
			if w.Header().Get("Content-Encoding") == "gzip" {
				z, err := gzip.NewReader(strings.NewReader(body))
				if err != nil {
					t.Error(err)
					return
				}
				unpacked, err := io.ReadAll(z)
				if err != nil {
					t.Error(err)
				}
				body = string(unpacked)
			}
			if body != plain || w.Code != 404 {
				t.Errorf("%d %.200s", w.Code, body)
			}
		})
	}
	all.Wait()
	one, head := get(http.MethodGet, "gzip"), get(http.MethodHead, "gzip")
	if one.Header().Get("Content-Encoding") != "gzip" || one.Body.Len()*2 > len(plain) || one.Header().Get("Vary") != "Accept-Encoding" {
		t.Errorf("%v: %d bytes of %d", one.Header(), one.Body.Len(), len(plain))
	}
	if head.Body.Len() > 0 || head.Header().Get("Content-Length") != one.Header().Get("Content-Length") {
		t.Errorf("HEAD: %v, GET: %v", head.Header(), one.Header())
	}
}
