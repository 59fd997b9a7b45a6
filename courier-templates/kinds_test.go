package mail

import (
	"bufio"
	"os"
	"slices"
	"strings"
	"testing"
)

// notOurs are templates of Kratos's that this project has no words for, each with its reason.
var notOurs = map[string]string{
	"recovery/":     "links that log in: methods.link is off, and the doctor says so where it is on",
	"verification/": "the same",
	"otp/":          "telephones: Kratos is given no SMS channel",
	"test_stub/":    "of Kratos's own tests",
}

// Kratos falls back to English where a template is missing. testdata/kratos-templates.txt lists what each version has.
func TestEveryTemplateOfKratosHasOurWords(t *testing.T) {
	files, err := Files(constants())
	if err != nil {
		t.Fatal(err)
	}
	list, err := os.Open("testdata/kratos-templates.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer list.Close()
	named := map[string]bool{}
	lines := bufio.NewScanner(list)
	for lines.Scan() {
		version, name, _ := strings.Cut(lines.Text(), " ")
		ours := strings.Contains(name, "/sms.")
		for prefix := range notOurs {
			ours = ours || strings.HasPrefix(name, prefix)
		}
		if named[name] = true; !ours && files[name] == nil {
			t.Errorf("Kratos %s has %s, and there is none of ours", version, name)
		}
	}
	for name := range files {
		if !named[name] {
			t.Errorf("%s: no version of Kratos looks there", name)
		}
	}
}

// What each kind says beside the recovery, whose words are the guide's.
func TestKinds(t *testing.T) {
	for kind, want := range map[Kind][]string{
		RegistrationCode: {"Création de votre compte EFP Connect", "la création d'un compte EFP Connect avec cette adresse", "238392",
			"demandé le 24 novembre 2026 à 10 h 32 (heure de Paris), depuis Firefox sur Windows.", "https://efpconnect.example.test/creer-un-compte/suite/MTc2-NDAw_MA",
			"Vous avez déjà un compte EFP Connect", "aucun compte ne sera créé."},
		VerificationCode:    {"Validation de votre adresse e-mail EFP Connect", "Bonjour Madame Camille SERVE,", "238392", "rien n'est modifié."},
		UnknownRecovery:     {"Aucun compte n'y est rattaché.", "Ignorez ce message : rien n'est modifié."},
		UnknownVerification: {"il n'y a rien à valider.", "Ignorez ce message : rien n'est modifié."},
		LoginCode:           {"Ce compte s'ouvre par son mot de passe seul", "Ignorez ce message : rien n'est modifié."},
	} {
		t.Run(string(kind), func(t *testing.T) {
			m := renderedKind(t, kind, everyCode(camille()))
			shown := visible(m.HTML)
			for _, phrase := range want {
				if !strings.Contains(m.Subject+"\n"+m.Text, phrase) {
					t.Errorf("subject and text do not say %q:\n%s\n%s", phrase, m.Subject, m.Text)
				}
				if !strings.Contains(shown+m.HTML, phrase) && !strings.HasPrefix(phrase, "Validation de") {
					t.Errorf("HTML does not say %q", phrase)
				}
			}
			if len(m.HTML) > 30_000 {
				t.Errorf("%d bytes", len(m.HTML))
			}
			if strings.ContainsAny(m.HTML+m.Text, "{}[]") && strings.Contains(m.HTML+m.Text, "[[") {
				t.Error("a template is left unfilled")
			}
			golden(t, strings.ReplaceAll(string(kind), "/", "-")+".txt", "Subject: "+m.Subject+"\n\n"+m.Text)
			golden(t, strings.ReplaceAll(string(kind), "/", "-")+".html", m.HTML)
		})
	}
}

// Nothing that a visitor typed is in a registration's mail: the address is not proved to be theirs.
func TestARegistrationsMailHoldsNothingTyped(t *testing.T) {
	typed := everyCode(map[string]any{"given_name": "Marqueur", "family_name": "Marqueur", "title": "Marqueur"})
	typed.TransientPayload["device"] = "http://marqueur.example sur Windows"
	typed.TransientPayload["name"] = "Marqueur"
	m := renderedKind(t, RegistrationCode, typed)
	if strings.Contains(strings.ToLower(m.Subject+m.HTML+m.Text), "marqueur") {
		t.Error("what a visitor typed is in the mail")
	}
}

// A code that nobody may use is not mailed.
func TestNoCodeToLogIn(t *testing.T) {
	for _, kind := range []Kind{LoginCode, UnknownRecovery, UnknownVerification} {
		m := renderedKind(t, kind, everyCode(nil))
		if strings.Contains(m.Subject+m.HTML+m.Text, "238392") {
			t.Errorf("%s holds a code", kind)
		}
	}
	if !slices.Contains(Kinds, LoginCode) {
		t.Error("LoginCode is not written for Kratos")
	}
}

// everyCode gives each kind what Kratos gives it; traits are of the identity, and of the registration's form.
func everyCode(traits map[string]any) Data {
	d := data(traits)
	d.RegistrationCode, d.VerificationCode = d.RecoveryCode, d.RecoveryCode
	d.TransientPayload["device"] = "Firefox sur Windows"
	return d
}

func renderedKind(t testing.TB, kind Kind, d Data) Message {
	t.Helper()
	m, err := Render(constants(), kind, d)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
