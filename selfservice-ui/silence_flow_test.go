package ui_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"efpconnect.example/internal/testkit/kratostest"
	"efpconnect.example/internal/testkit/sitetest"
)

// What a stranger's flow shows must not change with what the owner of the address does elsewhere, or whoever watches it knows that
// there is an account: everybody has to reset once. Here the owner does everything that there is, by the mail of that very flow, and
// the stranger looks in between. The same looks at an address that nobody has read the same.
func TestAStrangersFlowShowsNothingOfTheOwner(t *testing.T) {
	site := sitetest.Start(t, sitetest.Options{})
	const known, unknown = "connue@example.test", "autrui@example.test"
	if err := site.CreateAccount(kratostest.Identity{Email: known, GivenName: "Claire", FamilyName: "Connue"}); err != nil {
		t.Fatal(err)
	}
	seen, sizes := map[string][]string{}, map[string][]int{}
	for _, address := range []string{known, unknown} {
		s := &stranger{site: site, b: site.NewBrowser(), address: address}
		s.ask(t)
		var owner *sitetest.Browser
		if address == known {
			owner = followed(t, site, address, 1)
			wrongs(t, owner, 3)
		}
		s.look(t, "after the owner's wrong codes")
		site.Clock.Advance(61 * time.Second)
		if owner != nil {
			press(t, owner, "Renvoyer le code")
		}
		s.look(t, "after the owner's resend")
		s.resend(t, "in the owner's pause") // the third mail, and the only code that holds
		if owner != nil {
			right(t, site, owner, address, 3)
		}
		s.guess(t, "after the owner's right code")
		site.Clock.Advance(61 * time.Second)
		s.resend(t, "after the owner's right code")
		if owner != nil {
			chosen(t, owner)
		}
		s.look(t, "after the owner's success")
		s.guess(t, "after the owner's success")
		site.Clock.Advance(61 * time.Second)
		s.resend(t, "after the owner's success")
		// A copy of the browser from the beginning is in the same flow as ever.
		s.b.SetCookies(s.copied)
		s.look(t, "in a copy")
		s.resend(t, "in a copy")
		s.guess(t, "with the last try")
		s.look(t, "without a try")
		site.Clock.Advance(61 * time.Second)
		s.resend(t, "without a try")
		seen[address], sizes[address] = s.seen, s.sizes
	}
	for i, known := range sizes[known] {
		if unknown := sizes[unknown][i]; known > unknown+32 || unknown > known+32 { // a time takes a digit more or less
			t.Errorf("%.30s…: cookies of %d bytes, and of %d without account", seen["connue@example.test"][i], known, unknown)
		}
	}
	for i, want := range seen[unknown] {
		if seen[known][i] != want {
			t.Errorf("known:\n%s\nunknown:\n%s", seen[known][i], want)
		}
	}
}

// stranger knows an address, and looks at the flow that he opened for it.
type stranger struct {
	site    *sitetest.Site
	b       *sitetest.Browser
	address string
	form    string         // what its forms carried at first
	copied  []*http.Cookie // as they were then
	seen    []string
	sizes   []int // of the cookies, in bytes
}

// moment is what differs from one visit to the next anyhow.
var moment = regexp.MustCompile(`\d+ h \d\d|\d+ secondes?`)

func (s *stranger) note(t *testing.T, when string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s, %s: %v", s.address, when, err)
	}
	if s.form == "" {
		s.form, s.copied = s.b.Value("demande"), s.b.Cookies()
	}
	size := 0
	for _, c := range s.b.Cookies() {
		size += len(c.Name) + len(c.Value)
	}
	s.sizes = append(s.sizes, size)
	text := moment.ReplaceAllString(strings.ReplaceAll(s.b.Text(), s.address, "ADRESSE"), "HEURE")
	s.seen = append(s.seen, fmt.Sprintf("%s: %d, the same form: %t\n%s", when, s.b.Status, s.b.Value("demande") == s.form, text))
}

func (s *stranger) ask(t *testing.T) {
	t.Helper()
	for _, step := range []func() error{
		func() error { return s.b.Open("/reinitialisation") }, func() error { return s.b.Fill("identifiant", s.address) }, func() error { return s.b.Submit("Suivant") },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	s.note(t, "asked", nil)
}

func (s *stranger) look(t *testing.T, when string) {
	s.note(t, when, s.b.Open("/reinitialisation/code"))
}

func (s *stranger) guess(t *testing.T, when string) {
	if err := s.b.Fill("code", "000000"); err != nil {
		t.Fatal(err)
	}
	s.note(t, "a guess "+when, s.b.Submit("Suivant"))
}

func (s *stranger) resend(t *testing.T, when string) {
	s.note(t, "a resend "+when, s.b.Submit("Renvoyer le code"))
}

// followed is the owner, who pressed the button of the n-th mail.
func followed(t *testing.T, site *sitetest.Site, address string, n int) *sitetest.Browser {
	t.Helper()
	_, link, err := site.Code(address, n)
	if err != nil {
		t.Fatal(err)
	}
	b := site.NewBrowser()
	if err := b.Open(strings.TrimPrefix(link, site.URL)); err != nil {
		t.Fatal(err)
	}
	return b
}

func press(t *testing.T, b *sitetest.Browser, button string) {
	t.Helper()
	if err := b.Submit(button); err != nil {
		t.Fatal(err)
	}
}

func wrongs(t *testing.T, b *sitetest.Browser, n int) {
	t.Helper()
	for i := range n {
		if err := b.Fill("code", fmt.Sprintf("11111%d", i)); err != nil {
			t.Fatal(err)
		}
		press(t, b, "Suivant")
	}
}

func right(t *testing.T, site *sitetest.Site, owner *sitetest.Browser, address string, n int) {
	t.Helper()
	code, _, err := site.Code(address, n)
	if err != nil {
		t.Fatal(err)
	}
	if err := owner.Fill("code", code); err != nil {
		t.Fatal(err)
	}
	press(t, owner, "Suivant")
	if !strings.Contains(owner.Text(), "Code de validation correct") {
		t.Fatalf("the owner's code: %d %s", owner.Status, owner.Text())
	}
}

func chosen(t *testing.T, owner *sitetest.Browser) {
	t.Helper()
	for _, field := range []string{"mot-de-passe", "confirmation"} {
		if err := owner.Fill(field, "Nouveau-Platane-2026"); err != nil {
			t.Fatal(err)
		}
	}
	press(t, owner, "Suivant")
	if owner.Status != http.StatusOK || !strings.Contains(owner.Text(), "Votre mot de passe a été modifié avec succès.") {
		t.Fatalf("the owner's password: %d %s", owner.Status, owner.Text())
	}
}
