package ui_test

import (
	"strings"
	"testing"

	"efpconnect.example/internal/testkit/chromiumtest"
	"efpconnect.example/internal/testkit/kratostest"
	"efpconnect.example/internal/testkit/sitetest"
)

// What the browser tests share: an account, what a page has in JavaScript, and what must hold when a walk has ended.

const newPassword = "Nouveau-Platane-2026"

// account makes an account of the test's own and returns its address.
func account(t *testing.T, site *sitetest.Site, name string) (address string) {
	t.Helper()
	address = name + "@example.test"
	err := site.CreateAccount(kratostest.Identity{Email: address, Title: "Madame", GivenName: "Camille", FamilyName: "Serve",
		Password: "Ancien-Mot-2025", Verified: true})
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// code is what the first mail to the address says.
func code(t *testing.T, site *sitetest.Site, address string) string {
	t.Helper()
	code, _, err := site.Code(address, 1)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// at waits until the browser is at a path of the site.
func at(t *testing.T, b *chromiumtest.Browser, site *sitetest.Site, path string) {
	t.Helper()
	if got := strings.TrimPrefix(b.URL(), site.URL); got != path {
		t.Fatalf("at %s, not %s: %s", got, path, b.Text("main"))
	}
}

// clean is what every walk through our pages must leave behind: nothing that our policy refused, no error in the console.
func clean(t *testing.T, b *chromiumtest.Browser) {
	t.Helper()
	if refused := b.Refused(); len(refused) != 0 {
		t.Errorf("the Content-Security-Policy refused %q", refused)
	}
	if problems := b.Problems(); len(problems) != 0 {
		t.Errorf("in the console: %q", problems)
	}
}
