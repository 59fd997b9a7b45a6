package ui_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/seal"
	"efpconnect.example/internal/testkit/sitetest"
	"efpconnect.example/selfservice-ui/newpassword"
)

// The session of a step 3 that was left ends at its time, by whichever replica, and its browser does not come back: of a reset and
// of a registration.
func TestAStepThreeThatWasLeftEnds(t *testing.T) {
	site := openSite(t)
	reset, b, code, _ := asked(t, site, "partie@example.test")
	must(t, b.Fill("code", code))
	must(t, b.Submit("Suivant"))
	b, code, _ = registers(t, site, "Camille", "nouvelle@example.test")
	must(t, b.Fill("code", code))
	must(t, b.Submit("Suivant"))
	ids := map[string]string{"reset": reset, "registration": accountOf(t, site, "nouvelle@example.test")}
	for flow, id := range ids {
		if n := site.Kratos.Sessions(t, id); n != 1 {
			t.Fatalf("%s: %d sessions at step 3", flow, n)
		}
	}
	site.Clock.Advance(90 * time.Minute)
	replica, stop := context.WithCancel(t.Context())
	defer stop()
	go unfinishedOf(t, site).EndOver(replica)
	deadline := time.Now().Add(20 * time.Second)
	for flow, id := range ids {
		for site.Kratos.Sessions(t, id) != 0 && time.Now().Before(deadline) {
			<-time.After(50 * time.Millisecond)
		}
		if n := site.Kratos.Sessions(t, id); n != 0 {
			t.Errorf("%s: %d sessions long after step 3", flow, n)
		}
	}
}

// unfinishedOf is what another process of the same site runs.
func unfinishedOf(t *testing.T, site *sitetest.Site) newpassword.Unfinished {
	t.Helper()
	client, err := kratos.New(site.Kratos.PublicURL, kratos.Options{})
	must(t, err)
	box, err := seal.New(site.Settings.Keys, site.Clock.Now)
	must(t, err)
	return newpassword.Unfinished{
		Kratos: client,
		Store:  site.Store,
		Box:    box,
		Log:    slog.New(slog.DiscardHandler),
		Now:    site.Clock.Now,
	}
}
