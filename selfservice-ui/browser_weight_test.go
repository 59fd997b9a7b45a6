package ui_test

import (
	"strings"
	"testing"

	"efpconnect.example/internal/testkit/chromiumtest"
	"efpconnect.example/internal/testkit/kratostest"
	"efpconnect.example/internal/testkit/sitetest"
	"efpconnect.example/selfservice-ui/page"
)

// Bytes on the wire, headers and fonts included. An old telephone far from a town is what many of our visitors have.
const (
	firstView = 200_000
	nextView  = 15_000
)

func TestWeight(t *testing.T) {
	if assets, err := page.LoadAssets(); err != nil || !assets.DSFR {
		kratostest.Missing(t, "the DSFR's files (make assets)")
	}
	site, b := sitetest.Start(t, sitetest.Options{}), chromiumtest.Start(t)
	first := viewed(t, b, site.URL+"/connexion")
	next := viewed(t, b, site.URL+"/reinitialisation")
	t.Logf("first view %d bytes, next view %d", first, next)
	// A first view of less than the two weights of the font would be one that was not measured.
	if first > firstView || first < 115_000 {
		t.Errorf("the first view is %d bytes, the bar %d", first, firstView)
	}
	if next > nextView || next < 1_000 {
		t.Errorf("the next view is %d bytes, the bar %d", next, nextView)
	}
}

func viewed(t *testing.T, b *chromiumtest.Browser, url string) (bytes int) {
	t.Helper()
	b.Forget()
	b.Open(url)
	b.Until(`document.readyState === "complete" && [...document.fonts].every(f => f.status !== "loading")`)
	for _, request := range b.Requests() {
		t.Logf("%7d %s", request.Bytes, request.URL[strings.Index(request.URL[8:], "/")+8:])
		bytes += request.Bytes
	}
	return bytes
}
