package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"efpconnect.example/internal/testkit/kratostest"
	ui "efpconnect.example/selfservice-ui"
)

// exported is the storybook as files.
func exported(t *testing.T) string {
	t.Helper()
	book, mails, err := storybook()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := export(book, mails, dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Every page is there in every look, and what a page, a style sheet or the list names as its own lies beside it.
func TestExport(t *testing.T) {
	dir := exported(t)
	for _, l := range looks() {
		for _, sample := range ui.Samples() {
			page := read(t, filepath.Join(dir, l.String(), sample.Name+".html"))
			if !strings.Contains(page, `lang="`+l.language+`"`) || !strings.Contains(page, `data-fr-theme="`+l.theme+`"`) {
				t.Errorf("%s %s is in another look", l, sample.Name)
			}
		}
	}
	relative := regexp.MustCompile(`["'(]((?:\.\./|index\.html|narrow/|mail/|(?:fr|en)-(?:light|dark)/)[^"')#?]*)`)
	seen := 0
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".html" && filepath.Ext(path) != ".css" {
			return err
		}
		for _, found := range relative.FindAllStringSubmatch(read(t, path), -1) {
			seen++
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), found[1])); err != nil {
				t.Errorf("%s leads nowhere: %s", path, found[1])
			}
		}
		return nil
	})
	if err != nil || seen < 1000 {
		t.Errorf("%d addresses looked at, %v", seen, err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// html-validate finds nothing in any page, in either language. What .htmlvalidate.json turns off is style, titles that tell the step, and
// the landmarks that the DSFR's own markup names twice for old screen readers; and autocomplete on the box « Je ne suis pas un robot »,
// without which Chromium brings a spent proof back (TestBoxIsEmptyOnReturn).
func TestHTMLIsValid(t *testing.T) {
	validator, err := filepath.Abs("../../node_modules/html-validate/bin/html-validate.mjs")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(validator); err != nil {
		kratostest.Missing(t, "html-validate, which make assets fetches")
	}
	config, err := filepath.Abs("../../.htmlvalidate.json")
	if err != nil {
		t.Fatal(err)
	}
	dir := exported(t)
	broken := filepath.Join(dir, "broken.html")
	if err := os.WriteFile(broken, []byte(`<!doctype html><html lang="fr"><head><title>t</title></head><body><a href="x"><button>b</button></a></body></html>`), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(paths ...string) (string, error) {
		found, err := exec.Command("node", append([]string{validator, "--config", config, "--formatter", "text"}, paths...)...).CombinedOutput()
		return string(found), err
	}
	if found, err := run(filepath.Join(dir, "fr-light"), filepath.Join(dir, "en-dark")); err != nil {
		t.Errorf("%v\n%.4000s", err, found)
	}
	if found, err := run(broken); err == nil {
		t.Errorf("a button in a link is no error: %s", found)
	}
}
