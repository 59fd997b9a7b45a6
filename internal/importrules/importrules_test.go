// Package importrules holds the rules that the layout rests on: who may import whom, and what a file may not contain.
// It is nothing but tests; rules_test.go is the list.
package importrules

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

func TestPackages(t *testing.T) {
	// -e: a package that does not compile is for the compiler to tell.
	command := exec.Command("go", "list", "-e", "-json=ImportPath,Name,Doc,GoFiles,Imports,TestImports,XTestImports,Deps", "./...")
	command.Dir = root
	output, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	seen := 0
	for decoder := json.NewDecoder(bytes.NewReader(output)); ; seen++ {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		for _, breach := range breaches(p) {
			t.Error(breach)
		}
	}
	if seen < 5 {
		t.Errorf("go list told of %d packages: the rules were held against nothing", seen)
	}
}

// Each rule is shown a package that breaks it: a rule that never fires guards nothing.
func TestRulesBite(t *testing.T) {
	good := listed{ImportPath: module + "internal/good", Name: "good", Doc: "Package good.", GoFiles: []string{"good.go"}}
	if got := breaches(good); len(got) != 0 {
		t.Errorf("a package that is right: %v", got)
	}
	broken := []listed{}
	for _, d := range doors {
		broken = append(broken, listed{ImportPath: module + "internal/good", Imports: []string{d.Library + "/v2"}})
	}
	for _, w := range walls {
		outside := w.Outside
		if !strings.Contains(outside, ".") {
			outside = module + outside
		}
		broken = append(broken, listed{ImportPath: module + w.Inside, XTestImports: []string{outside + "/inner"}})
	}
	for _, m := range programs {
		broken = append(broken, listed{ImportPath: module + m.Main, Deps: []string{m.Without}})
	}
	broken = append(broken,
		listed{ImportPath: module + "internal/good", Imports: []string{module + "internal/testkit/chromiumtest"}},
		listed{ImportPath: module + "internal/util", Name: "util"},
		listed{ImportPath: module + "internal/good", GoFiles: []string{"good.go"}})
	for _, p := range broken {
		if got := breaches(p); len(got) == 0 {
			t.Errorf("no rule holds against %+v", p)
		}
	}
}

const longest = 400

var (
	// The parts are put together here so that this file does not hold what it looks for.
	machinePath = regexp.MustCompile(`(^|[\s"'=(:` + "`" + `])/(` + strings.Join([]string{"work", "root", "home", "Users"}, "|") + `)/\w`)
	registry    = regexp.MustCompile(`"resolved": *"(https?://[^/"]+)`)
)

func TestFiles(t *testing.T) {
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(root, path)
		if entry.IsDir() {
			if slices.Contains([]string{".git", ".build", "node_modules", "selfservice-ui/page/static/vendor"}, filepath.ToSlash(name)) {
				return filepath.SkipDir
			}
			return nil
		}
		if !entry.Type().IsRegular() || name == ".git" { // a file in a second working copy
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, fault := range faults(name, content) {
			t.Errorf("%s: %s", name, fault)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func faults(name string, content []byte) (found []string) {
	if bytes.IndexByte(content, 0) >= 0 {
		return nil // a picture, a sound, a font
	}
	if lines := bytes.Count(content, []byte("\n")); filepath.Ext(name) == ".go" && lines > longest {
		found = append(found, "is longer than 400 lines: it has more than one subject")
	}
	// A container's file names folders of the image.
	if container := strings.Contains(name, "Dockerfile") || strings.Contains(name, "compose"); !container {
		if at := machinePath.Find(content); at != nil {
			found = append(found, "names a folder of one machine ("+strings.TrimSpace(string(at))+"…): nobody else has it")
		}
	}
	for _, match := range registry.FindAllSubmatch(content, -1) {
		if filepath.Base(name) == "package-lock.json" && string(match[1]) != "https://registry.npmjs.org" {
			found = append(found, "names the registry "+string(match[1])+": others cannot reach it")
		}
	}
	return found
}

func TestFilesBite(t *testing.T) {
	for name, content := range map[string]string{
		"long.go":           strings.Repeat("\n", longest+1),
		"notes.md":          "see `/" + "home/claire/notes`",
		"run.sh":            "cd /" + "work/main",
		"package-lock.json": `"resolved": "https://npm.internal.example/altcha.tgz"`,
	} {
		if len(faults(name, []byte(content))) == 0 {
			t.Errorf("%s: no rule holds against %.60q", name, content)
		}
	}
	for name, content := range map[string]string{
		"short.go":          strings.Repeat("\n", longest),
		"page.html":         `<a href="https://example.org/home/">`,
		"package-lock.json": `"resolved": "https://registry.npmjs.org/altcha/-/altcha-3.2.2.tgz"`,
	} {
		if got := faults(name, []byte(content)); len(got) != 0 {
			t.Errorf("%s: %v", name, got)
		}
	}
}
