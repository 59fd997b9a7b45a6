package chromiumtest

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/chromedp"

	"efpconnect.example/internal/testkit/kratostest"
)

// axeTags are the rules that bind a French public site: RGAA 4.1 rests on WCAG 2.1 AA; 2.2 AA is our own bar.
const axeTags = `["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "RGAAv4"]`

// Violation is a rule of axe-core that the page breaks.
type Violation struct {
	Rule   string   `json:"id"`
	Impact string   `json:"impact"`
	Help   string   `json:"help"`
	Where  []string `json:"where"` // for each element: its selector, its HTML, what would mend it
}

// String is for a failure: everything one needs to mend the page.
func (v Violation) String() string {
	return v.Rule + " (" + v.Impact + "): " + v.Help + "\n    " + strings.Join(v.Where, "\n    ")
}

// Axe judges the page as it stands, in its present look, by the rules named, or by every rule of axeTags. The script comes in
// through the protocol, so that the page is judged under its own Content-Security-Policy.
func (b *Browser) Axe(rules ...string) []Violation {
	b.t.Helper()
	only := `{ type: "tag", values: ` + axeTags + ` }`
	if len(rules) > 0 {
		only = `["` + strings.Join(rules, `", "`) + `"]`
	}
	if b.look.noScript {
		// axe itself needs timers. The page's scripts do not start by this: they were dropped as it loaded.
		b.do("letting axe run", scripts(true))
		defer b.do("scripts off again", scripts(false))
	}
	type verdict struct {
		Violations []Violation `json:"violations"`
		Passes     int         `json:"passes"`
	}
	if !evaluate[bool](b, "looking for axe", `typeof axe === "object"`) {
		evaluate[bool](b, "loading axe", b.axeScript()+"; true")
	}
	result := evaluate[verdict](b, "axe", `axe.run(document, {
		runOnly: `+only+`, resultTypes: ["violations"], preload: false,
	}).then(r => ({
		passes: r.passes.length,
		violations: r.violations.map(v => ({ id: v.id, impact: v.impact ?? "", help: v.help,
			where: v.nodes.map(n => n.target.join(" ") + " | " + n.html + " | " + (n.failureSummary ?? "").replace(/\s+/g, " ")) })),
	}))`, chromedp.EvalAwaitPromise)
	if result.Passes == 0 {
		b.fatal("axe found nothing to check: the page is empty")
	}
	return result.Violations
}

func (b *Browser) axeScript() string {
	b.t.Helper()
	script, err := os.ReadFile(b.artefact("axe.min.js"))
	if errors.Is(err, fs.ErrNotExist) {
		kratostest.Missing(b.t, "axe-core (make assets)")
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return string(script)
}

// artefact is a path under .build at the top of the module, where all that is made and not committed lies.
func (b *Browser) artefact(name string) string {
	b.t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		b.t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, ".build", name)
		}
		if dir == filepath.Dir(dir) {
			b.t.Fatal("no go.mod above the working directory")
		}
	}
}
