package mail

import (
	"strings"
	"testing"
	"time"
)

func TestConstantsThatAreRefused(t *testing.T) {
	for _, c := range []struct {
		field string
		spoil func(*Constants)
	}{
		{"PublicURL", func(c *Constants) { c.PublicURL = "" }},
		{"PublicURL", func(c *Constants) { c.PublicURL = "efpconnect.example.test" }},
		{"PublicURL", func(c *Constants) { c.PublicURL = "javascript://efpconnect.example.test/%0aalert(1)" }},
		{"PublicURL", func(c *Constants) { c.PublicURL = "https://efpconnect.example.test/?a=b" }},
		{"PublicURL", func(c *Constants) { c.PublicURL = "https://user@efpconnect.example.test" }},
		{"PublicURL", func(c *Constants) { c.PublicURL = "https://{{ .RequestURL }}" }},
		{"AssistanceURL", func(c *Constants) { c.AssistanceURL = "mailto:a@example.test" }},
		{"Ministry", func(c *Constants) { c.Ministry = " | " }},
		{"Ministry", func(c *Constants) { c.Ministry = "{{ .RecoveryCode }}" }},
		{"ServiceName", func(c *Constants) { c.ServiceName = "" }},
		{"ServiceName", func(c *Constants) { c.ServiceName = "EFP }}" }},
		{"EnvironmentLabel", func(c *Constants) { c.EnvironmentLabel = "RCT\r\nBcc: tous@example.test" }},
		{"EnvironmentLabel", func(c *Constants) { c.EnvironmentLabel = "{" }}, // beside a brace of the template it makes two
		{"Sender", func(c *Constants) { c.Sender = "EFP Connect <no-reply@example.test>" }},
		{"Traits.Title", func(c *Constants) { c.Traits.Title = "nom complet" }},
		{"Traits.GivenName", func(c *Constants) { c.Traits.GivenName = "a }}{{ .RecoveryCode" }},
		{"Traits.FamilyName", func(c *Constants) { c.Traits.FamilyName = "name.last" }},
		{"CodeLifetime", func(c *Constants) { c.CodeLifetime = 0 }},
		{"CodeLifetime", func(c *Constants) { c.CodeLifetime = 90 * time.Second }}, // no words for it
	} {
		constants := constants()
		c.spoil(&constants)
		_, err := Files(constants)
		if err == nil || !strings.Contains(err.Error(), c.field+": ") {
			t.Errorf("%+v: error %v, want one that names %s", constants, err, c.field)
		}
	}
}

func TestAllConstantsAtOnce(t *testing.T) {
	_, err := Files(Constants{EnvironmentLabel: "{{"})
	if err == nil {
		t.Fatal("nothing is refused")
	}
	for _, field := range []string{"PublicURL", "EnvironmentLabel", "Ministry", "ServiceName", "AssistanceURL", "CodeLifetime"} {
		if !strings.Contains(err.Error(), field+": ") {
			t.Errorf("%s is missing in: %v", field, err)
		}
	}
}

// Each value is escaped for the place where it stands, once, and Kratos's own escaping leaves it so.
func TestConstantsAreEscaped(t *testing.T) {
	c := constants()
	c.Ministry, c.ServiceName = "Travail & Emploi|<b>gras</b>", `EFP "Connect"`
	c.PublicURL, c.AssistanceURL = "https://efpconnect.example.test/a'b", `https://assistance.example.test/?a=1&b="x"`
	m := rendered(t, c, data(nil))
	for _, want := range []string{
		"Travail &amp; Emploi<br>&lt;b&gt;gras&lt;/b&gt;", `aria-label="Réinitialisation du mot de passe de votre compte EFP &#34;Connect&#34;"`,
		`href="https://efpconnect.example.test/a%27b/reinitialisation/suite/MTc2-NDAw_MA"`, `href="https://assistance.example.test/?a=1&amp;b=%22x%22"`,
	} {
		if !strings.Contains(m.HTML, want) {
			t.Errorf("HTML lacks %s", want)
		}
	}
	for _, want := range []string{"Travail & Emploi\n<b>gras</b>\n", `votre compte EFP "Connect"`, `https://assistance.example.test/?a=1&b="x"`} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("text lacks %s", want)
		}
	}
}
