package ui_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"efpconnect.example/internal/testkit/chromiumtest"
	ui "efpconnect.example/selfservice-ui"
)

var updateTrees = flag.Bool("update-trees", false, "write testdata/trees anew")

// What a screen reader gets of each step, kept in files that one can read: names, roles, descriptions, states, live regions.
// After a change that is meant: go test ./selfservice-ui -run TestTrees -update-trees, then read the difference.
func TestTrees(t *testing.T) {
	site, b := samples(t, true), chromiumtest.Start(t)
	for _, name := range []string{"login", "login-refused", "address", "address-malformed", "code", "code-wrong", "code-resent",
		"password", "password-empty", "password-too-plain", "done", "link", "services", "flow-none"} {
		if status := b.Open(site.URL + "/" + name); status >= 500 {
			t.Errorf("%s answers %d", name, status)
		}
		// The scripts have run: « Afficher » is there, the focus is where it goes.
		b.Until(`document.readyState === "complete" && document.querySelectorAll("[data-efp-show][hidden]").length === 0`)
		frame, main := outline(b.Tree())
		compare(t, name, main)
		if name == "login" {
			compare(t, "frame", frame)
		}
	}
}

func compare(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "trees", name+".txt")
	if *updateTrees {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// outline parts a tree into the frame of every page and the page's own title and main, without the texts that only repeat a
// name. No-break spaces become plain ones: the words have tests of their own.
func outline(tree string) (frame, main string) {
	type node struct {
		depth int
		role  string
	}
	var path []node
	parts := map[bool]*strings.Builder{true: {}, false: {}}
	for line := range strings.Lines(strings.ReplaceAll(tree, `\u00a0`, " ")) {
		text := strings.TrimLeft(line, " ")
		role, _, _ := strings.Cut(strings.TrimSpace(text), " ")
		here := node{len(line) - len(text), role}
		for len(path) > 0 && path[len(path)-1].depth >= here.depth {
			path = path[:len(path)-1]
		}
		if slices.Contains([]string{"paragraph", "LabelText", "ListMarker", "strong"}, role) {
			continue
		}
		if role == "StaticText" && !slices.Contains([]string{"listitem", "status", "alert", "banner"}, path[len(path)-1].role) {
			continue
		}
		path = append(path, here)
		inMain := role == "RootWebArea" || slices.ContainsFunc(path, func(n node) bool { return n.role == "main" })
		parts[inMain].WriteString(strings.Repeat("  ", len(path)-1) + text)
	}
	return parts[false].String(), parts[true].String()
}

// What holds for every page in every state, however many there will be.
func TestEveryPageForScreenReaders(t *testing.T) {
	site, b := samples(t, true), chromiumtest.Start(t)
	for _, sample := range ui.Samples() {
		visit(t, b, site.URL, sample)
		b.Until(`document.readyState === "complete"`)
		wrong := chromiumtest.InPage[[]string](b, everyPage)
		title, focus := b.Title(), chromiumtest.InPage[string](b, `document.activeElement.matches("[data-efp-focus]") ? document.activeElement.innerText : ""`)
		switch {
		case len(sample.Page.Problems) > 0:
			if !strings.HasPrefix(title, "Erreur – ") || sample.Page.Step > 0 && !strings.HasPrefix(title, "Erreur – Étape ") {
				wrong = append(wrong, "title "+title)
			}
			if !strings.HasPrefix(focus, "Erreur") {
				wrong = append(wrong, "the focus is not on the summary of errors")
			}
			if n := b.Count(`#problems [role=alert] :is(li, h2 + p)`); n != len(sample.Page.Problems) {
				wrong = append(wrong, "the summary does not list what is wrong")
			}
		case sample.Page.Notice != nil && focus == "" && b.Count("[autofocus]") == 0: // what is left to type comes first
			wrong = append(wrong, "the focus is not on the message")
		case sample.Page.Notice == nil && focus != "":
			wrong = append(wrong, "the focus is on "+focus)
		}
		for _, one := range wrong {
			t.Errorf("%s: %s", sample.Name, one)
		}
	}
}

// everyPage gives what breaks a rule: one h1 and no level left out; one thing said by itself at most; each error in the
// summary leads to its field, which says so itself in the same words, and may say more; no id twice.
const everyPage = `(() => {
	const wrong = [], all = (s) => [...document.querySelectorAll(s)]
	const levels = all("h1, h2, h3, h4, h5, h6").map(h => Number(h.tagName[1]))
	if (levels[0] !== 1 || levels.filter(l => l === 1).length !== 1) wrong.push("h1: " + levels)
	levels.forEach((l, i) => { if (i && l > levels[i - 1] + 1) wrong.push("a heading level left out: " + levels) })
	const live = all("[role=status], [role=alert], [aria-live]").filter(e => e.textContent.trim())
	if (live.length > 1) wrong.push(live.length + " live regions speak at once")
	const ids = all("[id]").map(e => e.id)
	if (new Set(ids).size !== ids.length) wrong.push("an id twice in " + ids)
	for (const link of all("#problems a[href^='#']")) {
		const field = document.getElementById(link.hash.slice(1))
		if (!field?.matches("input[aria-invalid=true]")) { wrong.push(link.hash + " is no field in error"); continue }
		const texts = (field.getAttribute("aria-describedby") ?? "").split(" ").map(id => document.getElementById(id)?.textContent.trim())
		if (!texts[0]?.startsWith(link.textContent.trim())) wrong.push(link.hash + " is described by " + texts)
		if (texts.includes(undefined)) wrong.push(link.hash + " is described by what is not there")
	}
	if (all("[aria-invalid=true]").length !== all("#problems a[href^='#']").length) wrong.push("a field in error is not in the summary")
	return wrong
})()`
