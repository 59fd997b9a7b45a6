package ui_test

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"efpconnect.example/config"
	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/settings"
	"efpconnect.example/internal/testkit/chromiumtest"
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
			o.Engine = openRegistration
			testscript.Run(t, walks(sitetest.Start(t, o), script))
		})
	}
}

func openRegistration(e *kratosprocess.Options) {
	e.Overrides[config.Registration] = config.RegistrationOpen
}

// openSite is one on which people create accounts.
func openSite(t testing.TB) *sitetest.Site {
	t.Helper()
	return sitetest.Start(t, sitetest.Options{
		Settings: func(set *settings.Settings) { set.Registration = settings.RegistrationOpen },
		Engine:   openRegistration,
	})
}

// The creation of an account in a real browser: without JavaScript on a phone, and by the keyboard alone.
func TestRegistrationInChromium(t *testing.T) {
	site := openSite(t)
	t.Run("phone without JavaScript", func(t *testing.T) {
		b, me := chromiumtest.Start(t, chromiumtest.WithoutJavaScript(), chromiumtest.Viewport(320, 640)), "noscript@example.test"
		b.Open(site.URL + "/connexion")
		b.Submit("Créer un compte")
		at(t, b, site, "/creer-un-compte")
		b.Fill("Prénom", "Camille")
		b.Fill("#nom", "SERVE")
		b.Fill("Identifiant", me)
		b.Submit("Suivant")
		at(t, b, site, "/creer-un-compte/code")
		b.Fill("#code", code(t, site, me))
		b.Submit("Suivant")
		at(t, b, site, "/creer-un-compte/mot-de-passe")
		b.Fill("#mot-de-passe", newPassword)
		b.Fill("#confirmation", newPassword)
		b.Submit("Suivant")
		at(t, b, site, "/creer-un-compte/termine")
		b.Submit("Terminer")
		at(t, b, site, "/connexion")
		b.See("Votre compte a été créé.")
		clean(t, b)
	})
	t.Run("keyboard", func(t *testing.T) {
		b, me := chromiumtest.Start(t), "clavier@example.test"
		b.Open(site.URL + "/creer-un-compte")
		tabTo(t, b, `textbox "Prénom`)
		b.Type("Camille")
		tabTo(t, b, `textbox "Nom`)
		b.Type("SERVE")
		tabTo(t, b, `textbox "Identifiant`)
		b.Type(me)
		b.SubmitByEnter()
		at(t, b, site, "/creer-un-compte/code")
		tabTo(t, b, `textbox "Code de validation reçu par e-mail`)
		b.Type(code(t, site, me))
		b.SubmitByEnter()
		at(t, b, site, "/creer-un-compte/mot-de-passe")
		tabTo(t, b, `textbox "Mot de passe`)
		b.Type(newPassword)
		tabTo(t, b, `textbox "Confirmation du mot de passe`)
		b.Type(newPassword)
		b.SubmitByEnter()
		at(t, b, site, "/creer-un-compte/termine")
		tabTo(t, b, `button "Terminer"`)
		b.SubmitByEnter()
		at(t, b, site, "/connexion")
		clean(t, b)
	})
}
