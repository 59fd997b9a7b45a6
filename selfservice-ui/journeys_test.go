package ui_test

import (
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"efpconnect.example/selfservice-ui/sitetest"
)

// TestJourneys walks every script of testdata/journeys through the whole site, in front of one real Kratos. Each script
// has browsers and addresses of its own; the commands are in sitetest/commands.go.
func TestJourneys(t *testing.T) {
	site := sitetest.Start(t, sitetest.Options{})
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "journeys"),
		Cmds:                sitetest.Commands(site),
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		Setup:               sitetest.Setup,
	})
}
