package ui_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"efpconnect.example/internal/testkit/chromiumtest"
)

// watch notes in the page when something was typed last and what the status region said, and when.
const watch = `(() => {
	window.said = []
	const status = document.querySelector("[role=status][data-efp-status]")
	new MutationObserver(() => said.push([status.textContent, performance.now()])).observe(status, { childList: true, characterData: true, subtree: true })
	document.getElementById("mot-de-passe").addEventListener("input", () => { window.typed = performance.now() })
	return status.textContent === "" && !status.closest("#criteres")
})()`

// The marks follow each key silently; what is missing is said once, when typing has paused.
func TestLiveCriteria(t *testing.T) {
	site, b := samples(t, true), chromiumtest.Start(t)
	b.Open(site.URL + "/password")
	if !chromiumtest.InPage[bool](b, watch) {
		t.Error("the status region is not empty at first, or is part of what describes the field: it would be read with it")
	}
	steps := []struct{ typed, marks, said string }{
		{"", "neutral neutral neutral neutral neutral neutral", ""},
		{"abc", "missing missing met missing missing missing", "Critères restant à respecter : 12 caractères minimum, Respectant 3 des 4 critères suivants, Contient une majuscule, Contient un chiffre, Contient un caractère spécial."},
		// Once three of four hold, the fourth is no failure.
		{"abcDEF12", "missing met met met met optional", "Critères restant à respecter : 12 caractères minimum."},
		{"abcDEF123456", "met met met met met optional", "Tous les critères de la liste sont respectés."},
	}
	for _, step := range steps {
		chromiumtest.InPage[bool](b, `said.length = 0, true`)
		b.Fill("#mot-de-passe", step.typed)
		if diff := cmp.Diff(step.marks, chromiumtest.InPage[string](b, marks)); diff != "" {
			t.Errorf("after %q: %s", step.typed, diff)
		}
		if step.said == "" {
			continue
		}
		b.Until(`said.length > 0`)
		said := chromiumtest.InPage[[][]any](b, `said.map(([text]) => [text.replace(/[\s\u00a0]+/g, " ")])`)
		if len(said) != 1 || said[0][0] != step.said {
			t.Errorf("after %q was said %q, not once %q", step.typed, said, step.said)
		}
		if pause := chromiumtest.InPage[float64](b, `said[0][1] - typed`); pause < 1500 {
			t.Errorf("said %v ms after the last key: that is while one types", pause)
		}
	}
	clean(t, b)
}

// The state of each criterion is a text, and its mark says the same: the text is empty while nothing is typed.
const marks = `[...document.querySelectorAll("[data-efp-criterion]")].map(li => {
	const mark = /efp-mark--(\w+)/.exec(li.querySelector(".efp-mark").className)[1]
	const text = li.querySelector("[data-efp-state]").textContent.trim().replace(/[\s\u00a0]+/g, " ")
	const means = { "": "neutral", "À respecter :": "missing", "Respecté :": "met", "Facultatif :": "optional" }[text]
	return mark === means ? mark : mark + "≠" + text
}).join(" ")`
