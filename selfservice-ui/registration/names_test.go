package registration

import (
	"strings"
	"testing"

	"efpconnect.example/selfservice-ui/flows"
)

// What is typed here goes into mails: whatever reads as an address is refused, and no real name is.
func TestNames(t *testing.T) {
	for _, name := range []string{"Camille", "D’ARC-LE GOFF", "d'Été", "NGUYỄN", "J.-P.", "Mary J. Ann", "王", "Ибрагимова", "N'Diaye", "Müller-Lüdenscheidt", strings.Repeat("é", longestName)} {
		if !isName(name) {
			t.Errorf("%q is refused", name)
		}
	}
	for _, text := range []string{"", " ", "...", "-", "a@b", "www.exemple.test", "exemple.test", "http://exemple.test", "a/b", "a:b", "1234", "Camille1", "<b>", "{{ .To }}",
		"a\nb", "a\x00", "a\u202eb", "a\u200bb", "a\u2028b", "a\xff", strings.Repeat("é", longestName+1)} {
		if isName(text) {
			t.Errorf("%q is taken for a name", text)
		}
	}
	for number, ok := range map[string]bool{"": true, "01 22 33 44 55": true, "+33 1 22 33 44 55": true, "(0)1.22.33.44.55": true, "01-22-33-44-55": true,
		"12": false, "appelez-moi": false, "+": false, "01 22 33 44 55 66 77 88 99": false, "01\n2233445": false, "((((((((": false} {
		names := Names{Given: "a", Family: "b", Phone: number}
		if got := len(names.faults()) == 0; got != ok {
			t.Errorf("%q: %t", number, got)
		}
	}
}

// The order of the steps is here alone: what a flow holds decides where it goes on.
func TestWhereAFlowGoesOn(t *testing.T) {
	for _, c := range []struct {
		why  string
		f    flow
		want string
	}{
		{"just opened", flow{Flow: flows.Flow{ID: "1"}}, PathCode},
		{"after the right code", flow{Flow: flows.Flow{ID: "1", Token: "t"}}, PathPassword},
		{"the address has an account", flow{Flow: flows.Flow{ID: "1"}, Exists: true}, PathExists},
		{"after the password", flow{Flow: flows.Flow{ID: "1", Done: true, Token: "t"}}, PathDone},
	} {
		if got := c.f.Path(); got != c.want {
			t.Errorf("%s: %s", c.why, got)
		}
	}
}
