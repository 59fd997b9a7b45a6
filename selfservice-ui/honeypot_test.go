package ui_test

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"efpconnect.example/selfservice-ui/login"
	"efpconnect.example/selfservice-ui/mailedcode"
	"efpconnect.example/selfservice-ui/newpassword"
	"efpconnect.example/selfservice-ui/recovery"
	"efpconnect.example/selfservice-ui/registration"
)

var (
	formInTemplate = regexp.MustCompile(`(?s)<form method="post"(?: action="([^"]*)")?[^>]*>(.*?)</form>`)
	fieldToFill    = regexp.MustCompile(`<input [^>]*type="(text|email|password)"|<textarea`)
)

// Every form that is filled in, or makes mails leave, has the honeypot: a template that forgets it fails here, a step that does
// not look at it fails in testdata/formguard/trap.txt. docs/protections.md says why the buttons below have none.
func TestEveryFormHasTheTrap(t *testing.T) {
	buttons := []string{"/deconnexion", "/reinitialisation/terminee", "/creer-un-compte/termine", ""} // the last is link.html's: the page's own address
	seen := 0
	for _, templates := range []fs.ReadFileFS{login.Templates, recovery.Templates, mailedcode.Templates, newpassword.Templates, registration.Templates} {
		names, err := fs.Glob(templates, "*.html")
		must(t, err)
		for _, name := range names {
			text, err := templates.ReadFile(name)
			must(t, err)
			forms := formInTemplate.FindAllStringSubmatch(string(text), -1)
			if len(forms) != strings.Count(string(text), "<form") {
				t.Errorf("%s: not every form was understood", name)
			}
			for _, form := range forms {
				seen++
				action, inside := form[1], form[2]
				trapped := strings.Contains(inside, `{{template "guard" .}}`) || strings.Contains(inside, `{{template "only-code" .}}`) || strings.Contains(inside, `{{template "trap" .}}`)
				button := slices.Contains(buttons, action)
				if trapped == button || button && fieldToFill.MatchString(inside) {
					t.Errorf("%s: the form to %q: trap %t", name, action, trapped)
				}
			}
		}
	}
	if seen < 8 {
		t.Errorf("%d forms", seen)
	}
}
