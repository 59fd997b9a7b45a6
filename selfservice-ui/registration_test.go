package ui_test

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"efpconnect.example/config"
	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/settings"
	"efpconnect.example/internal/testkit/sitetest"
)

// registrationJourneys walk sites on which people create accounts. A script's first line may change the settings, "# settings name=value".
func registrationJourneys(t *testing.T, record *sitetest.Record) {
	for _, script := range scripts(t, "registration") {
		t.Run(nameOf(script), func(t *testing.T) {
			t.Parallel()
			o := formguardOptions(t, script)
			o.Record = record
			changes := o.Settings
			o.Settings = func(set *settings.Settings) {
				set.Registration = settings.RegistrationOpen
				if changes != nil {
					changes(set)
				}
			}
			o.Engine = func(e *kratosprocess.Options) { e.Overrides[config.Registration] = config.RegistrationOpen }
			testscript.Run(t, walks(sitetest.Start(t, o), script))
		})
	}
}
