package importrules

import (
	"fmt"
	"slices"
	"strings"
)

const module = "efpconnect.example/"

// door says: only the packages under Behind (and those they hold) import Library, tests included.
type door struct {
	Library string
	Behind  []string // none: nobody
	Why     string
}

// wall says: nothing under Inside imports anything under Outside, tests included.
type wall struct {
	Inside, Outside string
	Why             string
}

var doors = []door{
	{"github.com/spf13/viper", []string{"internal/settings"},
		"viper lower-cases every key: one package reads our settings with it and hands out typed structs"},
	{"github.com/knadh/koanf", []string{"config"},
		"koanf composes what Kratos reads, and keeps the case of keys: documents for Kratos are made in one place"},
	{"github.com/ory/kratos-client-go", []string{"internal/kratos"},
		"its unions panic on nil and its errors are English text: one package turns its answers into typed outcomes"},
	{"github.com/ory/x", []string{"cmd/kratos-config", "config/doctor", "config/validate"},
		"Kratos's own loader brings some hundred modules: the web program must not link it"},
	{"github.com/compose-spec/compose-go", []string{"config/doctor", "config/deployment"},
		"what runs is read from a Compose file in one place, and by nothing that is deployed"},
	{"github.com/prometheus", []string{"internal/metrics"},
		"steps count by methods with names of their own: no label ever comes from a visitor"},
	{"github.com/chromedp", []string{"internal/testkit/chromiumtest"},
		"journeys read as steps of a person; how a browser is driven stays in one package"},
	{"github.com/gorilla/securecookie", []string{"internal/seal"},
		"securecookie without a block key signs and does not hide: one package makes the keys"},
	{"github.com/ory/kratos", nil,
		"the engine lives in the nested module cmd/demo/kratos and is spoken to by HTTP alone"},
	{"github.com/ory/hydra", nil,
		"the engine lives in the nested module cmd/demo/hydra and is spoken to by HTTP alone"},
}

// flows lead a person through pages; frame is what they share.
var (
	flows = []string{"recovery", "login", "registration", "cas", "consent", "help", "legal"}
	frame = []string{"flows", "mailedcode", "newpassword", "once", "handoff", "entered", "sitepath", "formguard", "browser"}
)

var walls = slices.Concat(betweenFlows(), []wall{
	{"internal/importer", "selfservice-ui", "the migration runs without the site"},
	{"internal/importer", "github.com/spf13/cobra", "the migration's logic knows no command line"},
	{"selfservice-ui/page", "internal/kratos", "a page knows no engine: the server tells it which errors pass by themselves"},
	{"selfservice-ui/page", "internal/store", "a page knows no engine: the server tells it which errors pass by themselves"},
	{"selfservice-ui/page", "internal/limit", "a page knows no engine: the server tells it which errors pass by themselves"},
	{"internal", "selfservice-ui/page", "pages are on top: what is under them must be usable without them"},
	{"internal", "cmd", "a program is an end, not a library"},
})

func betweenFlows() (list []wall) {
	for _, flow := range flows {
		for _, other := range flows {
			if other != flow {
				list = append(list, wall{"selfservice-ui/" + other, "selfservice-ui/" + flow, "one flow never reaches into another: handoff holds what they leave for one another"})
			}
		}
		for _, shared := range frame {
			list = append(list, wall{"selfservice-ui/" + shared, "selfservice-ui/" + flow, "what all flows share knows none of them"})
		}
	}
	return list
}

// exempt may look at everything: it assembles.
var exempt = []string{"internal/demo", "internal/testkit/sitetest"}

var emptyNames = []string{"util", "utils", "common", "helper", "helpers", "misc", "shared", "base", "lib"}

// testOnly tells a package for tests by its name, as the standard library's httptest. It takes a *testing.T and ends it
// where other code returns an error.
func testOnly(path string) bool {
	return strings.HasPrefix(path, module) && strings.HasSuffix(path, "test")
}

// program says: the program links nothing under Without.
type program struct {
	Main, Without, Why string
}

var programs = []program{
	{"cmd/selfservice-ui", "github.com/ory/x", "the web program stays small"},
	{"cmd/selfservice-ui", "github.com/knadh/koanf", "the web program does not make Kratos's configuration"},
	{"cmd/selfservice-ui", module + "internal/importer", "the web program imports no accounts"},
	{"cmd/selfservice-ui", module + "internal/kratosprocess", "the web program starts no Kratos"},
	{"cmd/selfservice-ui", module + "internal/hydraprocess", "the web program starts no Hydra"},
	{"cmd/selfservice-ui", module + "internal/mailbox", "the development mailbox is not for production"},
	{"cmd/import-accounts", module + "selfservice-ui", "the migration runs without the site"},
	{"cmd/import-accounts", module + "internal/kratosprocess", "the migration starts no Kratos"},
}

// listed is what go list tells of a package.
type listed struct {
	ImportPath, Name, Doc              string
	GoFiles                            []string
	Imports, TestImports, XTestImports []string
	Deps                               []string
}

func (p listed) path() string { return strings.TrimPrefix(p.ImportPath, module) }

// breaches judges one package. Each message says the rule, and why it is one.
func breaches(p listed) (found []string) {
	say := func(format string, values ...any) {
		found = append(found, p.path()+": "+fmt.Sprintf(format, values...))
	}
	for _, imported := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
		for _, d := range doors {
			if under(imported, d.Library) && !anyUnder(p.path(), d.Behind) {
				say("imports %s, which only %s may: %s", imported, either(d.Behind), d.Why)
			}
		}
		for _, w := range walls {
			if under(p.path(), w.Inside) && under(strings.TrimPrefix(imported, module), w.Outside) && !anyUnder(p.path(), exempt) {
				say("imports %s, which nothing under %s may: %s", imported, w.Inside, w.Why)
			}
		}
	}
	for _, imported := range p.Imports {
		if testOnly(imported) && !testOnly(p.ImportPath) {
			say("imports %s, which only tests may: it fails a test instead of returning an error", imported)
		}
	}
	if slices.Contains(emptyNames, p.Name) {
		say("is named %s: a name says what the package is for", p.Name)
	}
	if p.Doc == "" && len(p.GoFiles) > 0 {
		say("has no package comment: say what it is for and who may call it")
	}
	for _, m := range programs {
		for _, dep := range p.Deps {
			if p.path() == m.Main && under(dep, m.Without) {
				say("links %s: %s", dep, m.Why)
			}
		}
	}
	return found
}

// under also holds for the next major versions of a module: a/b/v2 lies under a/b.
func under(path, folder string) bool { return path == folder || strings.HasPrefix(path, folder+"/") }

func anyUnder(path string, folders []string) bool {
	return slices.ContainsFunc(folders, func(folder string) bool { return under(path, folder) })
}

func either(folders []string) string {
	if len(folders) == 0 {
		return "nobody"
	}
	return strings.Join(folders, " or ")
}
