package ui_test

import (
	"fmt"
	"testing"

	"efpconnect.example/internal/testkit/chromiumtest"
)

// What the fields do for hands, clipboards and password managers.

// A code comes out of a mail with spaces: pasted, it fills the six cells. What is typed stays as it was typed.
func TestCodeField(t *testing.T) {
	site, b := samples(t, true), chromiumtest.Start(t)
	b.Open(site.URL + "/code")
	for pasted, want := range map[string]string{"238 392": "238392", " 2 3 8 3 9 2": "238392", "238-392": "238392", "238392": "238392"} {
		b.Fill("#code", pasted)
		if got := b.Value("#code"); got != pasted {
			t.Errorf("typed %q became %q", pasted, got)
		}
		b.Edit("selectAll", "cut", "paste")
		if got := b.Value("#code"); got != want {
			t.Errorf("pasted %q became %q", pasted, got)
		}
	}
	if fits := chromiumtest.InPage[bool](b, `(e => e.scrollWidth <= e.clientWidth)(document.getElementById("code"))`); !fits {
		t.Error("six digits do not fit in the cells")
	}
	b.Screenshot("site/code-filled")
}

// The wait for the next code is counted down, down to one second in the singular.
func TestCountdown(t *testing.T) {
	site, b := samples(t, true), chromiumtest.Start(t)
	b.Open(site.URL + "/code")
	// From here on the page's clock stands still, until the test moves it. ticked gives what the next tick writes.
	chromiumtest.InPage[bool](b, `(window.at = Date.now(), Date.now = () => window.at, window.wait = document.querySelector("[data-efp-wait-static]"), true)`)
	ticked := func() string {
		chromiumtest.InPage[bool](b, `(wait.textContent = "?", true)`)
		b.Until(`wait.textContent !== "?"`)
		return chromiumtest.InPage[string](b, `wait.textContent`)
	}
	var left int
	if _, err := fmt.Sscanf(ticked(), "Vous pourrez demander un nouveau code dans %d secondes.", &left); err != nil || left < 2 || left > 60 {
		t.Fatalf("%d seconds left: %v", left, err)
	}
	chromiumtest.InPage[bool](b, fmt.Sprintf(`(window.at += %d, true)`, 1000*(left-1)))
	if got := ticked(); got != "Vous pourrez demander un nouveau code dans 1 seconde." {
		t.Errorf("a second before the end: %q", got)
	}
	chromiumtest.InPage[bool](b, `(window.at += 1000, true)`)
	if got := ticked(); got != "" {
		t.Errorf("at the end: %q", got)
	}
}

// Each field is recognised by what fills it in (RGAA 11.13); no field refuses a paste or shortens what is pasted.
func TestFieldsForPasswordManagers(t *testing.T) {
	site, b := samples(t, true), chromiumtest.Start(t)
	for name, selectors := range map[string][]string{
		"login":    {`form input#identifiant[type=email][autocomplete=username]`, `form input#mot-de-passe[type=password][autocomplete=current-password]`},
		"address":  {`form input#identifiant[type=email][autocomplete=username]`},
		"code":     {`form input#code[type=text][inputmode=numeric][autocomplete=one-time-code]`},
		"password": {`form input[name=username][value="camille.serve@example.test"][autocomplete=username][tabindex="-1"]`, `form input#mot-de-passe[type=password][autocomplete=new-password]`, `form input#confirmation[type=password][autocomplete=new-password]`},
	} {
		b.Open(site.URL + "/" + name)
		for _, selector := range selectors {
			if n := b.Count(selector); n != 1 {
				t.Errorf("%s has %d of %s", name, n, selector)
			}
		}
		if n := b.Count(`input[maxlength], input[onpaste]`); n != 0 {
			t.Errorf("%s cuts what is typed in %d fields", name, n)
		}
		// Only what a person can see is to be filled in by hand.
		if n := b.Count(`main input:not([type=hidden]):not([tabindex="-1"]):not([required]):not([type=checkbox])`); n != 0 {
			t.Errorf("%s has %d fields that are not required", name, n)
		}
	}
}

// « Afficher » shows and hides each field by itself, and hides before the form leaves: a password manager knows only hidden ones.
func TestShowPassword(t *testing.T) {
	site, b := samples(t, true), chromiumtest.Start(t)
	b.Open(site.URL + "/password")
	typeOf := func(id string) string {
		return chromiumtest.InPage[string](b, `document.getElementById("`+id+`").type`)
	}
	b.Fill("#mot-de-passe", newPassword)
	b.Click("Afficher le mot de passe")
	if typeOf("mot-de-passe") != "text" || typeOf("confirmation") != "password" || b.Value("#mot-de-passe") != newPassword {
		t.Errorf("shown: %s, %s, %q", typeOf("mot-de-passe"), typeOf("confirmation"), b.Value("#mot-de-passe"))
	}
	b.Click("Afficher le mot de passe")
	if typeOf("mot-de-passe") != "password" {
		t.Error("« Afficher » does not hide again")
	}
	b.Click("Afficher la confirmation du mot de passe")
	left := chromiumtest.InPage[string](b, `(() => {
		const form = document.getElementById("confirmation").form
		form.addEventListener("submit", e => e.preventDefault())
		form.requestSubmit()
		return document.getElementById("confirmation").type + document.getElementById("confirmation-afficher").checked
	})()`)
	if left != "passwordfalse" {
		t.Errorf("the form leaves with the field as %s", left)
	}
}

// Without JavaScript « Afficher » could do nothing: it is not there.
func TestNoShowPasswordWithoutJavaScript(t *testing.T) {
	site, b := samples(t, true), chromiumtest.Start(t, chromiumtest.WithoutJavaScript())
	b.Open(site.URL + "/password")
	b.See("12 caractères minimum")
	if n := b.Count(`[data-efp-show]:not([hidden])`); n != 0 || b.Count(`[data-efp-show]`) != 2 {
		t.Errorf("%d of %d « Afficher » are shown", n, b.Count(`[data-efp-show]`))
	}
}
