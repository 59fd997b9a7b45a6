package ui_test

import (
	"testing"

	"efpconnect.example/internal/chromiumtest"
	ui "efpconnect.example/selfservice-ui"
)

// « Afficher un nouveau code » stays at the code: in the window, with the focus there, which a screen reader then says.
func TestAnotherPictureStaysInSight(t *testing.T) {
	site := proofSite(t)
	for name, options := range map[string][]chromiumtest.Option{
		"/reinitialisation": nil,
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

// Where the proof failed and the code stood in for it, another picture is shown too, and not the box again.
func TestAnotherPictureWhereTheProofFails(t *testing.T) {
	b := chromiumtest.Start(t)
	b.Open(proofSite(t).URL + "/connexion")
	chromiumtest.InPage[bool](b, `delete window.Worker, document.getElementById("robot").click(), true`)
	b.Submit("Afficher un nouveau code")
	focused(t, b, `group "Code de sécurité`)
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
