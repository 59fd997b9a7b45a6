package mail

import (
	"html"
	"regexp"
	"strings"
	"testing"
	"time"
)

// guide holds what the guide shows of the mail, word for word and in its order, and what was decided beyond it. A part that says
// it in its own way ("lien" where there is no button) has its own text.
var guide = []struct{ html, text string }{
	{html: "Ministère\ndu Travail,\ndu Plein emploi\net de l'Insertion"},
	{html: "Liberté\nÉgalité\nFraternité"},
	{html: "Réinitialisation du mot de passe de votre compte EFP Connect"},
	{html: "Bonjour Madame Camille SERVE,"},
	{html: "Vous avez demandé la réinitialisation de votre mot de passe.\nAfin de valider votre demande voici le code de réinitialisation à saisir :"},
	{html: "238392"},
	{html: "Ce code est à usage unique. Il expirera au bout de 24 heures."},
	{html: "Ce code a été demandé le 24 novembre 2026 à 10 h 32 (heure de Paris), depuis Firefox sur Windows."},
	// Not "le précédent ne fonctionne plus": another request's code still does, or any stranger could cancel it.
	{html: "Si vous avez reçu plusieurs codes, saisissez le plus récent : un code renvoyé remplace le précédent."},
	{html: "Vous pouvez également cliquer sur le bouton ci-dessous :", text: "Vous pouvez également cliquer sur le lien ci-dessous :"},
	{html: "Réinitialiser mon mot de passe", text: "https://efpconnect.example.test/reinitialisation/suite/MTc2-NDAw_MA\n"},
	{html: "Le code ci-dessus vous y sera demandé."},
	{html: "Vous n'êtes pas à l'origine de cette demande ?\nNe communiquez ce code à personne et ignorez ce message : votre mot de passe reste inchangé."},
	{html: "Assistance : Cliquez ici !", text: "Assistance : https://assistance.example.test/?de=mail&langue=fr"},
	{html: "Ce message a été envoyé automatiquement par no-reply+efp@example.test. Merci de ne pas y répondre."},
}

func TestVerbatim(t *testing.T) {
	m := rendered(t, constants(), data(camille()))
	if want := "[ENVIRONNEMENT TEST : RCT] - Réinitialisation du mot de passe de votre compte EFP Connect"; m.Subject != want {
		t.Errorf("subject %q, want %q", m.Subject, want)
	}
	shown, text := visible(m.HTML), m.Text
	for _, phrase := range guide {
		_, rest, found := strings.Cut(shown, phrase.html)
		if !found {
			t.Errorf("HTML: %q is not there, or not in its place", phrase.html)
		} else {
			shown = rest
		}
		if phrase.text == "" {
			phrase.text = phrase.html
		}
		if _, rest, found = strings.Cut(text, phrase.text); !found {
			t.Errorf("text: %q is not there, or not in its place", phrase.text)
		} else {
			text = rest
		}
	}
}

var (
	unseen = regexp.MustCompile(`(?s)^.*<div role="article"[^>]*>`) // head and preheader
	breaks = regexp.MustCompile(`<br>|</p>\s*`)
	tags   = regexp.MustCompile(`<[^>]*>`)
)

// visible is what a person reads, in plain spaces and apostrophes.
func visible(page string) string {
	page = breaks.ReplaceAllString(unseen.ReplaceAllString(page, ""), "\n")
	return plainer.Replace(html.UnescapeString(tags.ReplaceAllString(page, "")))
}

func TestProductionHasNoPrefix(t *testing.T) {
	c := constants()
	c.EnvironmentLabel = ""
	if got := rendered(t, c, data(nil)).Subject; got != "Réinitialisation du mot de passe de votre compte EFP Connect" {
		t.Errorf("subject %q", got)
	}
}

// Old programs show the subject and the text part: what they cannot draw is a question mark there.
func TestPlainWhereProgramsAreOld(t *testing.T) {
	c := constants()
	c.EnvironmentLabel, c.ServiceName = "l’essai\u00a0n° 2", "L’espace EFP"
	m := rendered(t, c, data(map[string]any{}))
	if at := strings.IndexAny(m.Subject+m.Text, "’\u00a0\u202f"); at >= 0 {
		t.Errorf("a typographic character in %q", (m.Subject + m.Text)[at:])
	}
	c.ServiceName = "L'espace EFP"
	if !strings.Contains(rendered(t, c, data(nil)).HTML, "votre compte L’espace EFP</h1>") {
		t.Error("the HTML part keeps the apostrophe of a keyboard")
	}
}

func TestLifetime(t *testing.T) {
	for _, c := range []struct {
		lifetime time.Duration
		want     string
	}{
		{24 * time.Hour, "24 heures"},
		{time.Hour, "1 heure"},
		{15 * time.Minute, "15 minutes"},
		{time.Minute, "1 minute"},
		{90 * time.Minute, "1 heure et 30 minutes"},
		{48 * time.Hour, "48 heures"}, // days would not end at the same time of day as the code, twice a year
	} {
		constants := constants()
		constants.CodeLifetime = c.lifetime
		m := rendered(t, constants, data(nil))
		sentence := "Il expirera au bout de " + c.want + "."
		if !strings.Contains(m.Text, sentence) || strings.Count(m.HTML, sentence) != 2 { // body and preheader
			t.Errorf("%v is not written %q", c.lifetime, c.want)
		}
	}
}

func rendered(t testing.TB, c Constants, d Data) Message {
	t.Helper()
	m, err := Render(c, RecoveryCode, d)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
