package page

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func assets(t testing.TB) *Assets {
	t.Helper()
	a, err := LoadAssets()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func fetch(a *Assets, method, url string, headers ...string) *http.Response {
	r := httptest.NewRequest(method, "http://site.example"+url, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w.Result()
}

func TestAssetAnswers(t *testing.T) {
	a := assets(t)
	const forever, never = "public, max-age=31536000, immutable", "no-cache"
	for _, c := range []struct {
		why, url, method string
		status           int
		cache, kind      string
	}{
		{"today's version is kept for a year", a.URL("css/plain.css"), "GET", 200, forever, "text/css; charset=utf-8"},
		{"a module is served as a script, or browsers refuse it", a.URL("js/site.js"), "GET", 200, forever, "text/javascript; charset=utf-8"},
		{"the policy's script comes from the policy's package", a.URL("js/password-policy.js"), "GET", 200, forever, "text/javascript; charset=utf-8"},
		{"a page kept open over an upgrade gets today's file, which must not be kept under yesterday's name", "/static/000000000000/css/plain.css", "GET", 200, never, "text/css; charset=utf-8"},
		{"HEAD", a.URL("css/plain.css"), "HEAD", 200, forever, "text/css; charset=utf-8"},
		{"no such file", a.URL("css/none.css"), "GET", 404, "", "text/plain; charset=utf-8"},
		{"no version", "/static/css/plain.css", "GET", 404, "", "text/plain; charset=utf-8"},
		{"a folder", a.URL("css/"), "GET", 404, "", "text/plain; charset=utf-8"},
		{"out of the folder", a.URL("../words/fr.json"), "GET", 404, "", "text/plain; charset=utf-8"},
		{"nothing at all", "/static/", "GET", 404, "", "text/plain; charset=utf-8"},
	} {
		got := fetch(a, c.method, c.url)
		if got.StatusCode != c.status || got.Header.Get("Cache-Control") != c.cache || got.Header.Get("Content-Type") != c.kind {
			t.Errorf("%s: %d, %q, %q", c.why, got.StatusCode, got.Header.Get("Cache-Control"), got.Header.Get("Content-Type"))
		}
		if body, _ := io.ReadAll(got.Body); (c.method == "HEAD" || c.status == 200) && (len(body) == 0) != (c.method == "HEAD") {
			t.Errorf("%s: %d bytes", c.why, len(body))
		}
	}
}

func TestAssetsAreCompressedForWhoReadsIt(t *testing.T) {
	a := assets(t)
	url := a.URL("css/plain.css")
	plain, err := io.ReadAll(fetch(a, "GET", url).Body)
	if err != nil {
		t.Fatal(err)
	}
	got := fetch(a, "GET", url, "Accept-Encoding", "br, gzip")
	if got.Header.Get("Content-Encoding") != "gzip" || !strings.Contains(got.Header.Get("Vary"), "Accept-Encoding") || got.ContentLength >= int64(len(plain)) {
		t.Fatalf("headers %v", got.Header)
	}
	z, err := gzip.NewReader(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	if unpacked, err := io.ReadAll(z); err != nil || !bytes.Equal(unpacked, plain) {
		t.Errorf("another file comes out: %v", err)
	}
	if got := fetch(a, "GET", url); got.Header.Get("Content-Encoding") != "" || got.Header.Get("Vary") == "" {
		t.Errorf("who did not ask got %v", got.Header)
	}
}

func TestWhoTakesGzip(t *testing.T) {
	a := assets(t)
	for accepted, want := range map[string]bool{
		"gzip": true, "br, gzip": true, "GZIP;q=0.5": true, "gzip ; q=1.0": true, "*": true, "br;q=1.0, *;q=0.1": true, "*;q=0, gzip": true,
		"": false, "br": false, "gzip;q=0": false, "gzip; q=0.000": false, "*;q=0": false, "*, gzip;q=0": false, "gzip;q=0, *": false, "notgzip": false, "gzip;q=x": false,
	} {
		if got := fetch(a, "GET", a.URL("css/plain.css"), "Accept-Encoding", accepted).Header.Get("Content-Encoding") == "gzip"; got != want {
			t.Errorf("%q: %v", accepted, got)
		}
	}
}

// Scripts and style sheets are text: each is worth compressing, wherever it comes from.
func TestEveryScriptIsCompressed(t *testing.T) {
	for name, file := range assets(t).files {
		if strings.HasSuffix(name, ".js") && len(file.body) > 1000 && file.gzip == nil {
			t.Errorf("%s: %d bytes as they are", name, len(file.body))
		}
	}
}

// A page kept open over an upgrade asks again, and gets the body once.
func TestAnAssetIsSentAgainOnlyWhenItChanged(t *testing.T) {
	a := assets(t)
	for _, url := range []string{a.URL("css/plain.css"), "/static/000000000000/css/plain.css"} {
		tag := fetch(a, "GET", url).Header.Get("ETag")
		for held, want := range map[string]int{tag: 304, `"other", ` + tag: 304, `W/"000000000000"`: 200} {
			for _, encoding := range []string{"", "gzip"} {
				got := fetch(a, "GET", url, "If-None-Match", held, "Accept-Encoding", encoding)
				body, err := io.ReadAll(got.Body)
				if got.StatusCode != want || err != nil || (len(body) == 0) != (want == 304) || got.Header.Get("ETag") != tag || tag == "" {
					t.Errorf("%s, held %s, %q: %d with %d bytes, ETag %q", url, held, encoding, got.StatusCode, len(body), got.Header.Get("ETag"))
				}
			}
		}
	}
}

// What does not get smaller is sent as it is: fonts are compressed already.
func TestWhatGzipDoesNotShrinkIsNotGzipped(t *testing.T) {
	packed, err := compress([]byte{0x1f, 0x8b, 3, 200, 17, 90})
	if packed != nil || err != nil {
		t.Errorf("%d bytes, %v", len(packed), err)
	}
}

// A file that changes must change every address: browsers keep the old one for a year.
func TestVersionIsTheContents(t *testing.T) {
	a, again := assets(t), assets(t)
	if a.version != again.version || len(a.version) != 12 {
		t.Errorf("versions %q and %q of the same files", a.version, again.version)
	}
	if !strings.HasPrefix(a.URL("css/site.css"), AssetPrefix+a.version+"/") {
		t.Errorf("address %s", a.URL("css/site.css"))
	}
	if !a.Has("css/site.css") || a.Has("css/none.css") {
		t.Error("Has")
	}
}

func TestContentType(t *testing.T) {
	for name, want := range map[string]string{
		"a.css": "text/css; charset=utf-8", "a.mjs": "text/javascript; charset=utf-8", "a.woff2": "font/woff2", "a.svg": "image/svg+xml",
		"a.ico": "image/x-icon", "a.webmanifest": "application/manifest+json", "LICENSE.md": "text/plain; charset=utf-8",
		"a.png": "image/png", "a.unheard-of": "application/octet-stream", "none": "application/octet-stream",
	} {
		if got := contentType(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
