package ui_test

import (
	"net/http"
	"testing"

	"golang.org/x/sync/errgroup"

	"efpconnect.example/internal/testkit/sitetest"
)

const atOnce = 200

// One right code sent 200 times at once is one session at Kratos, and every answer leads on; so is one new password.
func TestOneFormTwoHundredTimes(t *testing.T) {
	site := sitetest.Start(t, sitetest.Options{})
	id, b, code, link := asked(t, site, "ensemble@example.test")
	second := site.NewBrowser()
	must(t, second.Open(link))
	must(t, b.Fill("code", code))
	tabs := sentAtOnce(t, b, "/reinitialisation/mot-de-passe")
	if n := site.Kratos.Sessions(t, id); n != 1 {
		t.Errorf("%d sessions after one right code", n)
	}

	// Another browser knows the code, and the flow.
	must(t, second.Fill("code", code))
	others, err := second.AtOnce(20, "Suivant")
	must(t, err)
	for _, other := range others {
		if other.Status != http.StatusGone || len(other.Cookies()) != len(second.Cookies()) {
			t.Fatalf("the second browser ended on %d %s", other.Status, other.URL.Path)
		}
	}
	if n := site.Kratos.Sessions(t, id); n != 1 {
		t.Errorf("%d sessions after the second browser", n)
	}

	choose(t, tabs[0], newPassword)
	sentAtOnce(t, tabs[0], "/reinitialisation/terminee")
	if n := site.Kratos.Sessions(t, id); n != 0 {
		t.Errorf("%d sessions after the new password", n)
	}
	if ok, err := site.Login("ensemble@example.test", newPassword); err != nil || !ok {
		t.Errorf("the new password: %t %v", ok, err)
	}
}

func sentAtOnce(t *testing.T, b *sitetest.Browser, path string) []*sitetest.Browser {
	t.Helper()
	tabs, err := b.AtOnce(atOnce, "Suivant")
	must(t, err)
	for i, tab := range tabs {
		if tab.URL.Path != path || tab.Status != http.StatusOK {
			t.Fatalf("answer %d: %d %s, not %s\n%s", i, tab.Status, tab.URL.Path, path, tab.Text())
		}
	}
	return tabs
}

// Two browsers that both hold the flow send the right code at the same moment: one of them has it, whole.
func TestTwoBrowsersAtTheSameMoment(t *testing.T) {
	site := sitetest.Start(t, sitetest.Options{})
	id, first, code, link := asked(t, site, "dispute@example.test")
	second := site.NewBrowser()
	must(t, second.Open(link))
	var sending errgroup.Group
	var ended [2][]*sitetest.Browser
	for i, b := range []*sitetest.Browser{first, second} {
		must(t, b.Fill("code", code))
		sending.Go(func() (err error) {
			ended[i], err = b.AtOnce(atOnce/2, "Suivant")
			return err
		})
	}
	must(t, sending.Wait())
	winners := 0
	for i := range ended {
		through := 0
		for _, b := range ended[i] {
			if b.URL.Path == "/reinitialisation/mot-de-passe" {
				through++
			}
		}
		switch through {
		case atOnce / 2:
			winners++
		case 0:
		default:
			t.Errorf("browser %d: %d of %d answers led to step 3", i, through, atOnce/2)
		}
	}
	if n := site.Kratos.Sessions(t, id); winners != 1 || n != 1 {
		t.Errorf("%d browsers at step 3, %d sessions", winners, n)
	}
}
