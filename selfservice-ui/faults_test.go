package ui_test

import (
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/settings"
	"efpconnect.example/internal/testkit/sitetest"
)

// faultJourneys walks the scripts in which Kratos, the way back from it to the permit hook, or the store fails at each
// step: one French page, nothing lost that is no secret, and the person finishes once it is over.
func faultJourneys(t *testing.T, record *sitetest.Record) {
	for _, script := range scripts(t, "faults") {
		t.Run(nameOf(script), func(t *testing.T) {
			t.Parallel()
			o := sitetest.Options{Record: record, Settings: func(set *settings.Settings) {
				if strings.Contains(contentOf(t, script), "\nkratos slow ") {
					set.KratosTimeout = settings.Defaults().KratosTimeout // the script waits that long each time
				}
			}}
			testscript.Run(t, walks(sitetest.Start(t, o), script))
		})
	}
}

// lifetimeJourneys walks the scripts in which what Kratos keeps is over by the time it is asked: a millisecond is. The first line
// says of what, "# kratos key=value".
func lifetimeJourneys(t *testing.T, record *sitetest.Record) {
	for _, script := range scripts(t, "lifetimes") {
		t.Run(nameOf(script), func(t *testing.T) {
			t.Parallel()
			key, value, _ := strings.Cut(strings.TrimPrefix(firstLine(t, script), "# kratos "), "=")
			o := sitetest.Options{Record: record, Engine: func(e *kratosprocess.Options) { e.Overrides[key] = value }}
			testscript.Run(t, walks(sitetest.Start(t, o), script))
		})
	}
}

func firstLine(t *testing.T, file string) string {
	t.Helper()
	line, _, _ := strings.Cut(contentOf(t, file), "\n")
	return line
}

func contentOf(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
