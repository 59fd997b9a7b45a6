package mail

import (
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// What mail programs do to HTML: clip it, drop its images, its scripts and its style sheet, guess what is a telephone number.
func TestHTMLForMailPrograms(t *testing.T) {
	page := rendered(t, constants(), data(camille())).HTML
	if len(page) > 30_000 {
		t.Errorf("%d bytes", len(page)) // Gmail clips near 102 000, quoted-printable makes of one byte up to three
	}
	for _, unwanted := range []string{"<img", "<script", "<link", "<svg", "url(", "@import", "@font-face", "<no value>", "[[", "{{"} {
		if strings.Contains(page, unwanted) {
			t.Errorf("holds %s", unwanted)
		}
	}
	for _, wanted := range []string{
		`<html lang="fr"`, `role="article"`, `lang="fr">`, `<meta name="color-scheme" content="light dark">`, "prefers-color-scheme: dark",
		`content="telephone=no`,
	} {
		if !strings.Contains(page, wanted) {
			t.Errorf("lacks %s", wanted)
		}
	}
	if addresses := regexp.MustCompile(`https?://[^/"]+`).FindAllString(page, -1); len(addresses) != 2 {
		t.Errorf("addresses %q, want the button's and Assistance's", addresses)
	}
}

// Six digits in one piece, once: what is copied is what the field takes, and what a list of mails previews is not the code.
func TestCode(t *testing.T) {
	m := rendered(t, constants(), data(camille()))
	if strings.Contains(m.Subject, "238392") {
		t.Error("the subject shows the code to whoever looks at a locked telephone")
	}
	for part, content := range map[string]string{"HTML": m.HTML, "text": m.Text} {
		if strings.Count(content, "238392") != 1 {
			t.Errorf("%s: the code is not there once", part)
		}
		if at := strings.Index(content, "238392"); strings.Contains(content[:at], "Ce code est") {
			t.Errorf("%s: the code is not in its place", part)
		}
	}
	if !regexp.MustCompile(`<span [^>]*letter-spacing:12px;[^>]*>238392</span>`).MatchString(m.HTML) {
		t.Error("the digits are not spaced")
	}
	before, _, _ := strings.Cut(visible(m.HTML), "238392")
	if len([]rune(before)) < 200 {
		t.Error("a preview of 200 characters would show the code")
	}
}

// What takes an account is never in one address: a mail gateway keeps those that it rewrites.
func TestNoCodeInAnAddress(t *testing.T) {
	m := rendered(t, constants(), data(nil))
	const button = "/reinitialisation/suite/MTc2-NDAw_MA"
	if !strings.Contains(m.HTML, button+`"`) || !strings.Contains(m.Text, button+"\n") {
		t.Error("the address of the button does not end with its link")
	}
}

// Tables are there for old programs; each must say that it is no table of data, or a screen reader counts its cells.
func TestTablesAreForLayout(t *testing.T) {
	root, err := html.Parse(strings.NewReader(rendered(t, constants(), data(camille())).HTML))
	if err != nil {
		t.Fatal(err)
	}
	tables := 0
	for node := range root.Descendants() {
		if node.Type != html.ElementNode || node.Data != "table" {
			continue
		}
		tables++
		role := ""
		for _, a := range node.Attr {
			if a.Key == "role" {
				role = a.Val
			}
		}
		if role != "presentation" {
			t.Errorf("a table has role %q", role)
		}
	}
	if tables == 0 {
		t.Error("no table")
	}
}
