package ui_test

import (
	"strings"
	"testing"

	"efpconnect.example/internal/testkit/chromiumtest"
	ui "efpconnect.example/selfservice-ui"
)

// « Afficher un nouveau code » stays at the code: in the window, with the focus there, which a screen reader then says.
func TestAnotherPictureStaysInSight(t *testing.T) {
	site := proofSite(t)
	for name, options := range map[string][]chromiumtest.Option{
		"/reinitialisation": {chromiumtest.WithoutJavaScript()}, // with a script it is renewed in its place: TestThePictureStays
		"/connexion":        {chromiumtest.WithoutJavaScript()}, // with a script nobody sees the code there at first
	} {
		t.Run(name, func(t *testing.T) {
			b := chromiumtest.Start(t, append(options, chromiumtest.Viewport(320, 640))...)
			b.Open(site.URL + name)
			b.Fill("#identifiant", "image@example.test")
			before := chromiumtest.InPage[string](b, `document.querySelector("[name=defi]").value`)
			if status := b.Submit("Afficher un nouveau code"); status != 200 {
				t.Errorf("status %d", status)
			}
			if after := chromiumtest.InPage[string](b, `document.querySelector("[name=defi]").value`); after == before {
				t.Error("the picture is the same")
			}
			b.Until(`(box => box.top >= 0 && box.bottom <= innerHeight)(document.querySelector(".efp-security img").getBoundingClientRect())`)
			focused(t, b, `group "Code de sécurité`)
			accessible(t, b)
			b.Press("Tab")
			focused(t, b, `button "Afficher un nouveau code"`)
			if got := b.Value("#identifiant"); got != "image@example.test" {
				t.Errorf("the identifier is %q", got)
			}
			b.Screenshot("site/another-picture" + map[bool]string{true: "-login"}[name == "/connexion"])
		})
	}
}

// Where the proof failed and the code stood in for it, each page that answers shows the code at once, and what is wrong with it.
func TestThePictureStaysWhereTheProofFails(t *testing.T) {
	site, b := proofSite(t), chromiumtest.Start(t)
	address := account(t, site, "preuve-en-panne")
	b.Open(site.URL + "/connexion")
	chromiumtest.InPage[bool](b, `delete window.Worker, document.getElementById("robot").click(), true`)
	b.Until(`document.querySelector("[name=defi]")`)
	before := chromiumtest.InPage[string](b, `document.querySelector("[name=defi]").value`)
	b.Click("Afficher un nouveau code")
	b.Until(`document.querySelector("[name=defi]").value !== "` + before + `"`)
	b.Fill("#identifiant", address)
	for _, step := range []struct{ password, typed, problem, beside string }{
		{"Ancien-Mot-2025", "AAAAAA", "Le code de sécurité est incorrect. Recopiez le nouveau code affiché.", "#code-de-securite"},
		{"", "AAAAAA", "Saisissez votre mot de passe.", "#mot-de-passe"},
		{"Ancien-Mot-2025", "", "Recopiez le code de sécurité, ou cochez la case « Je ne suis pas un robot ».", "#code-de-securite"},
	} {
		b.Fill("#mot-de-passe", step.password)
		b.Fill("#code-de-securite", step.typed)
		b.Submit(".efp-connect")
		toldAt(t, b, step.beside, step.problem)
		b.Until(`document.querySelector(".efp-security img").checkVisibility() && document.getElementById("code-de-securite").checkVisibility()`)
		// A wrong code is told beside the other fault, and used up: a right one is kept by a pass, and asked for no more.
		if got := b.Value("#code-de-securite"); got != "" {
			t.Errorf("after « %s » the code's field holds %q", step.problem, got)
		}
		accessible(t, b)
	}
	b.Screenshot("site/picture-for-a-failed-proof")
	b.Fill("#mot-de-passe", "Ancien-Mot-2025")
	b.Fill("#code-de-securite", answerTo(t, site, chromiumtest.InPage[string](b, `document.querySelector("[name=defi]").value`)))
	b.Submit(".efp-connect")
	at(t, b, site, "/services")
}

// Without JavaScript no error names the box, which nobody sees there.
func TestNoErrorNamesAHiddenBox(t *testing.T) {
	site := proofSite(t)
	b := chromiumtest.Start(t, chromiumtest.WithoutJavaScript())
	for path, button := range map[string]string{"/connexion": ".efp-connect", "/reinitialisation": ".fr-btn[type=submit]:not([name])"} {
		b.Open(site.URL + path)
		b.Submit(button)
		toldAt(t, b, "#code-de-securite", "Recopiez le code de sécurité.")
		toldAt(t, b, "#identifiant", "Saisissez votre identifiant.")
		b.Screenshot("site/no-box" + map[bool]string{true: "-login"}[path == "/connexion"])
	}
}

// toldAt wants an error in the summary that leads to a field, and beside that field.
func toldAt(t *testing.T, b *chromiumtest.Browser, field, problem string) {
	t.Helper()
	plain := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	if got := plain(b.Text(`#problems a[href="` + field + `"]`)); got == "" || !strings.HasPrefix(problem, got) {
		t.Errorf("the summary says %q of %s, not the beginning of %q", got, field, problem)
	}
	if got := plain(b.Text(field + "-erreur")); got != problem {
		t.Errorf("%s says %q, not %q", field, got, problem)
	}
	if b.Count(field+`[aria-invalid=true]`) != 1 {
		t.Errorf("%s is not said to be invalid", field)
	}
}

// On each page that has the button, it sends that page's own form: step 2 is also shown at the address of the resend.
func TestAnotherPictureOfTheSameForm(t *testing.T) {
	site, b := samples(t, true), chromiumtest.Start(t, chromiumtest.WithoutJavaScript())
	for _, sample := range ui.Samples() {
		if sample.Page.Guard.Challenge == "" {
			continue
		}
		visit(t, b, site.URL, sample)
		if same := chromiumtest.InPage[bool](b, `(b => b.formAction === b.form.action + "#securite" && document.getElementById("securite").contains(b))(document.querySelector("[name=nouveau-code]"))`); !same {
			t.Errorf("%s: the button leads elsewhere", sample.Name)
		}
	}
}
