package formguard

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/gorilla/mux"

	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/captcha/image"
	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/store"
	"efpconnect.example/selfservice-ui/page"
)

// player is a site with a picture and a sound, where a client may have three plays of each.
func player(t *testing.T) (get func(method, path string, headers ...string) *httptest.ResponseRecorder, id func() string) {
	t.Helper()
	now := time.Now
	rules, err := limit.Rules([]string{"picture.client=3+1/24h", "sound.client=3+1/24h"})
	if err != nil {
		t.Fatal(err)
	}
	limits, err := limit.New(limit.Memory(1000, now), rules)
	if err != nil {
		t.Fatal(err)
	}
	pictures, err := image.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	pages, err := page.NewRenderer(page.Site{Ministry: []string{"Ministère"}, Service: "EFP Connect", Assistance: "https://aide.example.test/"})
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	g := &Guard{
		Limits:     limits,
		Challenges: &captcha.Challenges{Store: store.NewMemory(1000, now), Now: now},
		Pictures:   pictures,
		Now:        now,
		Log:        log,
	}
	routes := mux.NewRouter()
	g.Mount(routes, &page.ErrorHandler{Pages: pages, Log: log})
	get = func(method, path string, headers ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, "https://site.example"+path, nil)
		for i := 0; i+1 < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		routes.ServeHTTP(w, r)
		return w
	}
	id = func() string {
		c, err := g.Challenges.New(t.Context(), captcha.FormRecovery, image.Answer())
		if err != nil {
			t.Fatal(err)
		}
		return c.ID
	}
	return get, id
}

// TestSoundInPieces: a sound is asked for as an iPhone does, and all of it together is one play.
func TestSoundInPieces(t *testing.T) {
	get, id := player(t)
	for _, what := range []string{"son", "image"} {
		path := "/securite/" + id() + "/" + what
		head := get(http.MethodHead, path)
		length, err := strconv.Atoi(head.Header().Get("Content-Length"))
		if err != nil || head.Code != 200 || head.Body.Len() > 0 || head.Header().Get("Accept-Ranges") != "bytes" {
			t.Fatalf("%s: HEAD %d %v", what, head.Code, head.Header())
		}
		first := get(http.MethodGet, path, "Range", "bytes=0-1")
		if first.Code != http.StatusPartialContent || first.Body.Len() != 2 || first.Header().Get("Content-Range") != fmt.Sprintf("bytes 0-1/%d", length) {
			t.Errorf("%s: the first two bytes: %d %v", what, first.Code, first.Header())
		}
		whole := get(http.MethodGet, path)
		if whole.Code != 200 || whole.Body.Len() != length {
			t.Errorf("%s: %d with %d bytes of %d", what, whole.Code, whole.Body.Len(), length)
		}
		var pieces bytes.Buffer
		const size = 5000
		for at := 0; at < length && at < 20*size; at += size {
			piece := get(http.MethodGet, path, "Range", fmt.Sprintf("bytes=%d-%d", at, at+size-1), "If-Range", first.Header().Get("ETag"))
			if piece.Code != http.StatusPartialContent {
				t.Fatalf("%s at %d: %d", what, at, piece.Code)
			}
			pieces.Write(piece.Body.Bytes())
		}
		if !bytes.HasPrefix(whole.Body.Bytes(), pieces.Bytes()) {
			t.Errorf("%s: the pieces are of another one", what)
		}
		for bad, status := range map[string]int{
			fmt.Sprintf("bytes=%d-", length): http.StatusRequestedRangeNotSatisfiable,
			"bytes=-10":                      http.StatusPartialContent,
			"bytes=0-0,2-3":                  http.StatusPartialContent,
		} {
			if got := get(http.MethodGet, path, "Range", bad); got.Code != status {
				t.Errorf("%s, %s: %d, want %d", what, bad, got.Code, status)
			}
		}
		// That was the first of three plays.
		for n, want := range []int{200, 200, 429, 429} {
			if got := get(http.MethodGet, "/securite/"+id()+"/"+what); got.Code != want {
				t.Errorf("%s: play %d: %d, want %d", what, n+2, got.Code, want)
			}
		}
		if got := get(http.MethodGet, path); got.Code != 200 {
			t.Errorf("%s: a play that was let through is cut off: %d", what, got.Code)
		}
	}
}

// A play is no way around the limits: who asks for one sound again and again, or for one that was refused, is counted.
func TestPlaysAreCounted(t *testing.T) {
	get, id := player(t)
	path, served := "/securite/"+id()+"/son", 0
	for range 200 {
		if get(http.MethodHead, path).Code == 200 {
			served++
		}
	}
	if served != 3*playRequests {
		t.Errorf("%d requests were served, three plays are %d", served, 3*playRequests)
	}
	refused := "/securite/" + id() + "/son"
	for n := range 3 {
		if got := get(http.MethodGet, refused); got.Code != http.StatusTooManyRequests {
			t.Errorf("request %d of a play that was refused: %d", n+1, got.Code)
		}
	}
	if got := get(http.MethodGet, "/securite/AAAAAAAAAAAAAAAAAAAAAA/son"); got.Code != http.StatusNotFound {
		t.Errorf("no challenge: %d", got.Code)
	}
}

// What is kept has a bound, and what was forgotten is made again, byte for byte.
func TestDrawingsAreBounded(t *testing.T) {
	var d drawings
	made := 0
	draw := func(n byte) func() ([]byte, error) {
		return func() ([]byte, error) { made++; return bytes.Repeat([]byte{n}, 1<<20), nil }
	}
	for round := range 2 {
		for n := range byte(10) {
			body, err := d.of(string(n), draw(n))
			if err != nil || len(body) != 1<<20 || body[0] != n {
				t.Fatal(round, n, err)
			}
		}
	}
	if d.size > drawingsRoom || len(d.all) != len(d.order) || made != 20 {
		t.Errorf("%d bytes, %d kept, %d in order, %d made", d.size, len(d.all), len(d.order), made)
	}
	if _, err := d.of(string(byte(9)), draw(9)); err != nil || made != 20 {
		t.Errorf("the latest was made again: %d, %v", made, err)
	}
}
