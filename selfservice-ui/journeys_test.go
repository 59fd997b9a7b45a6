package ui_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"efpconnect.example/selfservice-ui/sitetest"
)

// TestJourneys walks every script of testdata/journeys through the whole site, in front of one real Kratos. Each script
// has browsers and addresses of its own; the commands are in sitetest/commands.go.
func TestJourneys(t *testing.T) {
	site := sitetest.Start(t, sitetest.Options{})
	testscript.Run(t, walks(site, filepath.Join("testdata", "journeys", "*.txt")))
}

// TestClockJourneys walks the scripts that move the site's time on: each has a site of its own.
func TestClockJourneys(t *testing.T) {
	scripts, err := filepath.Glob(filepath.Join("testdata", "clock", "*.txt"))
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, script := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(script), ".txt"), func(t *testing.T) {
			testscript.Run(t, walks(sitetest.Start(t, sitetest.Options{}), script))
		})
	}
}

func walks(site *sitetest.Site, pattern string) testscript.Params {
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		panic("no scripts: " + pattern)
	}
	return testscript.Params{Files: files, Cmds: sitetest.Commands(site), Setup: sitetest.Setup, RequireUniqueNames: true, RequireExplicitExec: true}
}
