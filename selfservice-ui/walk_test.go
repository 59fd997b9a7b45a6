package ui_test

import (
	"testing"

	"efpconnect.example/internal/testkit/kratostest"
	"efpconnect.example/internal/testkit/sitetest"
)

const oldPassword = "Ancien-Mot-2025"

// asked is an account and a browser at step 2 of its reset, with the code and the link of the mail.
func asked(t *testing.T, site *sitetest.Site, address string) (id string, b *sitetest.Browser, code, link string) {
	t.Helper()
	id = site.Kratos.Create(t, kratostest.Identity{Email: address, Password: oldPassword, Verified: true})
	b = site.NewBrowser()
	must(t, b.Open("/reinitialisation"))
	must(t, b.Fill("identifiant", address))
	must(t, b.Submit("Suivant"))
	code, link, err := site.Code(address, 1)
	must(t, err)
	return id, b, code, link
}

// choose types the password at step 3, without sending it.
func choose(t *testing.T, b *sitetest.Browser, password string) {
	t.Helper()
	must(t, b.Fill("mot-de-passe", password))
	must(t, b.Fill("confirmation", password))
}
