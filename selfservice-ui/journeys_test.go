package ui_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"efpconnect.example/internal/settings"
	"efpconnect.example/internal/testkit/sitetest"
)

// TestJourneys walks every script of testdata through the whole site, in front of a real Kratos: the commands are in
// internal/testkit/sitetest/commands.go. Then it judges what all of them together showed and logged; -run of a part leaves that out.
func TestJourneys(t *testing.T) {
	record, walked := sitetest.NewRecord(), 0
	groups := map[string]func(*testing.T, *sitetest.Record){
		"journeys": plainJourneys, "clock": clockJourneys, "formguard": formguardJourneys, "faults": faultJourneys, "lifetimes": lifetimeJourneys,
		"services":     serviceJourneys,
		"registration": registrationJourneys,
	}
	for folder, walk := range groups {
		t.Run(folder, func(t *testing.T) {
			walked++
			walk(t, record)
		})
	}
	if walked < len(groups) || t.Failed() || testing.Short() { // in short nothing was walked
		return
	}
	t.Run("states", func(t *testing.T) { checkStates(t, record) })
	t.Run("logs", func(t *testing.T) { checkLogs(t, record) })
}

// plainJourneys share one site, and walk it at once as people do: each script has browsers and addresses of its own.
func plainJourneys(t *testing.T, record *sitetest.Record) {
	site := sitetest.Start(t, sitetest.Options{Record: record})
	for _, script := range scripts(t, "journeys") {
		t.Run(nameOf(script), func(t *testing.T) {
			t.Parallel()
			testscript.Run(t, walks(site, script))
		})
	}
}

// serviceJourneys share a site that services sign in to: testdata/services/services.yml. Nothing listens at their addresses.
func serviceJourneys(t *testing.T, record *sitetest.Record) {
	site := sitetest.Start(t, sitetest.Options{Record: record, Settings: func(set *settings.Settings) {
		set.ServicesFile = filepath.Join("testdata", "services", "services.yml")
		set.ServicesKey = strings.Repeat("k7", 16)
		set.CASPrefixes = []string{"/cas"}
	}})
	for _, script := range scripts(t, "services") {
		t.Run(nameOf(script), func(t *testing.T) {
			t.Parallel()
			testscript.Run(t, walks(site, script))
		})
	}
}

// clockJourneys move the site's time on: each script has a site of its own.
func clockJourneys(t *testing.T, record *sitetest.Record) {
	for _, script := range scripts(t, "clock") {
		t.Run(nameOf(script), func(t *testing.T) {
			t.Parallel()
			testscript.Run(t, walks(sitetest.Start(t, sitetest.Options{Record: record}), script))
		})
	}
}

func scripts(t *testing.T, folder string) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join("testdata", folder, "*.txt"))
	if err != nil || len(list) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	return list
}

func nameOf(script string) string { return strings.TrimSuffix(filepath.Base(script), ".txt") }

func walks(site *sitetest.Site, files ...string) testscript.Params {
	return testscript.Params{Files: files, Cmds: sitetest.Commands(site), Setup: sitetest.Setup, RequireUniqueNames: true, RequireExplicitExec: true}
}
