package ui_test

import (
	"html"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	mail "efpconnect.example/courier-templates"
	"efpconnect.example/internal/lifetime"
	"efpconnect.example/internal/settings"
	ui "efpconnect.example/selfservice-ui"
	"efpconnect.example/selfservice-ui/page"
)

// The user guide is the specification of the words. Here they are, typed from it with plain apostrophes and spaces: pages
// must show them with typographic apostrophes and no-break spaces. Capitals of names come from the style sheet.
var everywhere = []string{
	"Ministère du Travail, du Plein emploi et de l'Insertion",
	"EFP Connect",
	"Contacts utiles",
	"Assistance : Cliquez ici !",
}

// guided is what each page must say, by the name of its sample.
var guided = map[string][]string{
	"login": {
		"Je m'identifie avec mon compte EFP Connect",
		"Lors de votre première connexion à EFP Connect, si vous aviez déjà un compte sur le portail Mes Démarches, vous devez réinitialiser votre mot de passe. Vous pourrez ensuite vous connecter à vos services numériques comme auparavant, leurs urls restent les mêmes.",
		"Identifiant (e-mail professionnel)",
		"Mot de passe",
		"Afficher",
		"Réinitialiser mon mot de passe",
		"Je m'identifie avec EFP Connect",
	},
	"address": {
		"Je réinitialise le mot de passe de mon compte EFP Connect",
		"Réinitialiser son mot de passe Étape 1 sur 3",
		"Renseigner le code de validation",
		"Saisissez votre e-mail de connexion pour votre compte unique EFP Connect",
		"Identifiant *",
		"(e-mail professionnel)",
		"Vous allez recevoir un e-mail contenant un code de validation nécessaire à l'étape 2",
		"Suivant",
		"Bon à savoir :",
		"Si vous n'avez plus accès à l'adresse e-mail associée à votre identifiant, il vous faudra créer un nouveau compte avec une adresse mail valide. Les communications importantes passeront par cet email.",
	},
	"code": {
		"Je réinitialise le mot de passe de mon compte EFP Connect",
		"Renseigner le code de validation Étape 2 sur 3",
		"Choisir son nouveau mot de passe",
		"E-mail : camille.serve@example.test",
		"Saisissez le code que vous venez de recevoir sur votre adresse camille.serve@example.test",
		"Code de validation reçu par e-mail :",
		"Renvoyer le code",
		"Le code vous a été envoyé par e-mail. Si vous ne l'avez pas reçu, vérifiez dans le dossier SPAM de votre boîte mail.",
		"Suivant",
		"Bon à savoir :",
	},
	"password": {
		"Je réinitialise le mot de passe de mon compte EFP Connect",
		"Choisir son nouveau mot de passe Étape 3 sur 3",
		"E-mail : camille.serve@example.test",
		"Code de validation correct",
		"Choisissez votre mot de passe",
		"Mot de passe *",
		"Confirmation du mot de passe *",
		"Afficher",
		"12 caractères minimum",
		"Respectant 3 des 4 critères suivants :",
		"Contient une minuscule",
		"Contient une majuscule",
		"Contient un chiffre",
		"Contient un caractère spécial",
		"Suivant",
	},
	"done": {
		"Je réinitialise le mot de passe de mon compte EFP Connect",
		"Votre mot de passe a été modifié avec succès.",
		"Votre mot de passe est à présent modifié, vous pouvez vous connecter avec votre identifiant et nouveau mot de passe.",
		"Terminer",
	},
	"help": {
		"Lors de votre première connexion à EFP Connect, si vous aviez déjà un compte sur le portail Mes Démarches, vous devez réinitialiser votre mot de passe.",
		"1. Réinitialiser son mot de passe",
		"Cliquez ici afin de réinitialiser votre mot de passe lors de votre première connexion à EFP Connect.",
		"Renseignez l'adresse email rattachée à votre compte",
		"Renseignez le code de sécurité.",
		"Vous avez la possibilité de l'écouter ou d'en générer un nouveau si vous le souhaitez.",
		"Bon à savoir :",
		"2. Renseigner le code de validation",
		"Vous allez recevoir un code de réinitialisation sur l'adresse mail que vous avez saisie. Il vous faudra le renseigner dans les champs correspondants dans EFP Connect.",
		"3. Choisir son nouveau mot de passe",
		"Choisissez votre nouveau mot de passe. Ce dernier doit respecter les critères notés sur la droite",
		"Cliquez sur « Terminer » afin d'accéder à la page de connexion",
	},
}

func TestEveryPhraseOfTheGuide(t *testing.T) {
	pages := rendered(t)
	for name, source := range pages {
		shown := visible(source)
		for _, phrase := range slices.Concat(everywhere, guided[name]) {
			if want := typographic(phrase); !strings.Contains(shown, want) {
				t.Errorf("page %s does not say %q", name, want)
			}
		}
	}
	for name := range guided {
		if pages[name] == "" {
			t.Errorf("the guide's page %s has no sample", name)
		}
	}
}

// What protects a form is a setting: where it is on, it speaks as in the guide.
func TestProtectionsInTheGuidesWords(t *testing.T) {
	asked := page.Guard{Stamp: "1", Challenge: "1", Picture: "/securite/1/image", Sound: "/securite/1/son", Proof: "/securite/preuve"}
	seen := 0
	for _, sample := range ui.Samples() {
		if sample.Name != "address" && sample.Name != "login" {
			continue
		}
		seen++
		sample.Page.Guard = asked
		shown, label := visible(render(t, sample.Page)), "Code de sécurité *"
		if sample.Name == "login" { // all its fields are mandatory, and it says so: an asterisk would be one that nothing explains
			label = "Code de sécurité "
			if strings.Contains(shown, "*") {
				t.Error("the login page has an asterisk")
			}
		}
		for _, phrase := range []string{ // in this order
			label,
			"Afficher un nouveau code",
			"Écouter le code",
			"Pour afficher un nouveau code ou écouter le code, utilisez les boutons situés à côté de l'image",
			"Recopiez le code de sécurité (composé de chiffres et de lettres)",
			"Je ne suis pas un robot",
		} {
			_, rest, found := strings.Cut(shown, typographic(phrase))
			if !found {
				t.Errorf("page %s does not say %q, or not in its place", sample.Name, phrase)
			}
			shown = rest
		}
	}
	if seen != 2 {
		t.Errorf("%d of the two forms have a sample", seen)
	}
}

// The guide decides the order on the login page: the notice first, or nobody reads it before trying the old password.
func TestLoginInTheGuidesOrder(t *testing.T) {
	_, shown, _ := strings.Cut(visible(rendered(t)["login"]), "EFP Connect Lors")
	for _, phrase := range guided["login"][2:] {
		_, rest, found := strings.Cut(shown, typographic(phrase))
		if !found {
			t.Errorf("%q is not there, or not in its place", phrase)
		}
		shown = rest
	}
}

// What the guide prints in bold is bold, and the first-login notice's bold words lead to the reset.
func TestBoldAsInTheGuide(t *testing.T) {
	pages := rendered(t)
	for name, source := range map[string]string{
		"login": `<a class="fr-link" href="/reinitialisation"><strong>vous devez réinitialiser votre mot de passe</strong></a>`,
		"done":  `<strong>vous pouvez vous connecter</strong> avec`,
	} {
		if !strings.Contains(pages[name], source) {
			t.Errorf("page %s has no %s", name, source)
		}
	}
	if want := `<strong>vous connecter</strong> à vos services`; !strings.Contains(pages["login"], want) {
		t.Errorf("page login has no %s", want)
	}
}

func TestEveryPhraseOfTheGuidesMail(t *testing.T) {
	m, err := mail.Render(mail.Constants{PublicURL: "https://efpconnect.example.test", EnvironmentLabel: "RCT",
		Ministry: settings.Defaults().Ministry, ServiceName: "EFP Connect", AssistanceURL: "https://assistance.example.test/", CodeLifetime: lifetime.Code},
		mail.RecoveryCode, mail.Data{RecoveryCode: "238392", TransientPayload: map[string]any{"suite": "lien"},
			Identity: map[string]any{"traits": map[string]any{"title": "Madame", "given_name": "Camille", "family_name": "Serve"}}})
	if err != nil {
		t.Fatal(err)
	}
	if want := "[ENVIRONNEMENT TEST : RCT] - Réinitialisation du mot de passe de votre compte EFP Connect"; m.Subject != want {
		t.Errorf("subject %q, want %q", m.Subject, want)
	}
	// A program that shows text shows no button.
	textual := strings.NewReplacer("cliquer sur le bouton", "cliquer sur le lien")
	shown, text := visible(m.HTML), strings.Join(strings.Fields(m.Text), " ")
	for _, phrase := range []string{
		"Ministère du Travail, du Plein emploi et de l'Insertion",
		"Liberté Égalité Fraternité",
		"Réinitialisation du mot de passe de votre compte EFP Connect",
		"Bonjour Madame Camille SERVE,",
		"Vous avez demandé la réinitialisation de votre mot de passe. Afin de valider votre demande voici le code de réinitialisation à saisir :",
		"238392", // drawn with gaps, copied as six digits
		"Ce code est à usage unique. Il expirera au bout de 24 heures.",
		"Vous pouvez également cliquer sur le bouton ci-dessous :",
	} {
		if want := typographic(phrase); !strings.Contains(shown, want) {
			t.Errorf("the mail's HTML does not say %q", want)
		}
		if want := textual.Replace(phrase); !strings.Contains(text, want) {
			t.Errorf("the mail's text does not say %q", want)
		}
	}
	if want := "Réinitialiser mon mot de passe"; !strings.Contains(shown, want) {
		t.Errorf("the mail's button does not say %q", want)
	}
}

// French sets a no-break space before double punctuation and inside guillemets, or a line may begin with a colon; and no
// page shows the apostrophe of a keyboard. Each page in each state is looked at, whatever its words came from.
func TestFrenchTypography(t *testing.T) {
	loose := regexp.MustCompile(`[^\x{00a0}\x{202f}\s][;?!»]|[ \n][:;?!»]|[\p{L}\d][:][ \n]|«[^\x{00a0}\x{202f}]|'`)
	for name, source := range rendered(t) {
		for _, at := range loose.FindAllStringIndex(visible(source), -1) {
			t.Errorf("page %s: %q", name, around(visible(source), at))
		}
	}
}

func around(text string, at []int) string {
	return strings.ToValidUTF8(text[max(0, at[0]-20):min(len(text), at[1]+20)], "")
}

// guideSite is the site as it is without any setting, in the guide's test environment.
func guideSite() page.Site {
	set := settings.Defaults()
	set.EnvironmentLabel = "RCT"
	return ui.SiteOf(set)
}

// rendered is the source of each sample in French, by name.
func rendered(t *testing.T) map[string]string {
	t.Helper()
	sources := map[string]string{}
	for _, sample := range ui.Samples() {
		sources[sample.Name] = render(t, sample.Page)
	}
	return sources
}

func render(t *testing.T, p page.Page) string {
	t.Helper()
	pages, err := guidePages()
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	if err := pages.Write(w, httptest.NewRequest(http.MethodGet, "/", nil), p); err != nil {
		t.Fatal(err)
	}
	return w.Body.String()
}

// guidePages parses the templates once for all tests.
var guidePages = sync.OnceValues(func() (*page.Renderer, error) {
	templates, err := templates()
	if err != nil {
		return nil, err
	}
	return page.NewRenderer(guideSite(), templates...)
})

// templates are those of every folder that has some; the layout's own are in the renderer.
func templates() (folders []fs.FS, err error) {
	files, err := filepath.Glob("*/*.html")
	names := map[string]bool{"page": true}
	for _, file := range files {
		if folder := filepath.Dir(file); !names[folder] {
			names[folder] = true
			folders = append(folders, os.DirFS(folder))
		}
	}
	return folders, err
}

var (
	unshown = regexp.MustCompile(`(?s)<!--.*?-->|<head>.*?</head>|<(style|script)[^>]*>.*?</(style|script)>`)
	blocks  = regexp.MustCompile(`<(/?(p|div|li|ul|h[1-6]|table|tr|td|header|footer|main|nav|form|label)\b[^>]*|br ?/?|span class="fr-(hint-text|stepper__state|connect__brand)[^>]*)>`)
	inline  = regexp.MustCompile(`<[^>]*>`)
	folded  = regexp.MustCompile(`[ \t\r\n]+`)
)

// visible is what a person reads, in one line: tags are gone, a block begins after a space, no-break spaces are kept.
func visible(source string) string {
	text := blocks.ReplaceAllString(unshown.ReplaceAllString(source, " "), " ")
	text = html.UnescapeString(inline.ReplaceAllString(text, ""))
	return folded.ReplaceAllString(strings.ReplaceAll(text, "\u202f", "\u00a0"), " ")
}

// typographic is a phrase as pages write it.
func typographic(phrase string) string {
	return strings.NewReplacer("'", "’", " :", "\u00a0:", " ;", "\u00a0;", " ?", "\u00a0?", " !", "\u00a0!", "« ", "«\u00a0", " »", "\u00a0»").Replace(phrase)
}
