package page

import (
	"bytes"
	"compress/gzip"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"slices"
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

// A file that changes changes its own address and those of the files that name it, and no other: browsers keep the rest for a year.
func TestEachAssetHasAVersionOfItsOwn(t *testing.T) {
	sources := map[string][]byte{
		"a.css":         []byte("@font-face{src:url(fonts/f.woff2)} b{background:url( data:x)}"),
		"fonts/f.woff2": []byte("font"),
		"js/site.js":    []byte("import './part.js'; import { x } from \"./lib.js\";"),
		"js/part.js":    []byte("new Worker(new URL('../vendor/w.js', import.meta.url))"),
		"js/lib.js":     []byte("export const x = './none.js';"),
		"vendor/w.js":   []byte("import './other.js'"),
	}
	versions := func(change string) map[string]string {
		t.Helper()
		changed := maps.Clone(sources)
		if change != "" {
			changed[change] = append([]byte("/* new */ "), changed[change]...)
		}
		l := linker{sources: changed, files: map[string]asset{}}
		all := map[string]string{}
		for name := range changed {
			if err := l.add(name); err != nil {
				t.Fatal(err)
			}
		}
		for name, file := range l.files {
			all[name] = file.version
		}
		return all
	}
	before := versions("")
	for change, want := range map[string][]string{
		"":              nil,
		"a.css":         {"a.css"},
		"fonts/f.woff2": {"a.css", "fonts/f.woff2"},
		"vendor/w.js":   {"js/part.js", "js/site.js", "vendor/w.js"},
		"js/lib.js":     {"js/lib.js", "js/site.js"},
	} {
		var differ []string
		for name, version := range versions(change) {
			if before[name] != version {
				differ = append(differ, name)
			}
		}
		slices.Sort(differ)
		if !slices.Equal(differ, want) {
			t.Errorf("%q changed: so did %v, want %v", change, differ, want)
		}
	}
	circle := linker{sources: map[string][]byte{"a.js": []byte("import './b.js'"), "b.js": []byte("import './a.js'")}, files: map[string]asset{}}
	if err := circle.add("a.js"); err == nil {
		t.Error("two files that name each other have versions")
	}
}

// Whatever a style sheet or a script of ours names is there, under the address at which browsers keep it.
func TestWhatAssetsName(t *testing.T) {
	a := assets(t)
	named := regexp.MustCompile(`url\(["']?([^"')]+)|['"](/static/[^'"]+|\.\.?/[^'"\n]+)['"]`)
	found := 0
	for name, file := range a.files {
		if ext := path.Ext(name); ext != ".css" && ext != ".js" || ext == ".js" && strings.HasPrefix(name, "vendor/") {
			continue
		}
		for _, match := range named.FindAllStringSubmatch(string(file.body), -1) {
			address := match[1] + match[2]
			if strings.HasPrefix(address, "data:") || strings.HasPrefix(address, "#") {
				continue
			}
			found++
			if got := fetch(a, "GET", address); !strings.HasPrefix(address, AssetPrefix) || got.StatusCode != 200 || !strings.Contains(got.Header.Get("Cache-Control"), "immutable") {
				t.Errorf("%s names %s: %d %q", name, address, got.StatusCode, got.Header.Get("Cache-Control"))
			}
		}
	}
	if found < 6 {
		t.Errorf("only %d names were found", found)
	}
	if url := a.URL("css/site.css"); !regexp.MustCompile(`^/static/[0-9a-f]{12}/css/site.css$`).MatchString(url) || url != assets(t).URL("css/site.css") {
		t.Errorf("address %s", url)
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
