package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	ui "efpconnect.example/selfservice-ui"
	"efpconnect.example/selfservice-ui/page"
)

// exporter writes the storybook as files that need no server: a folder for each look of the pages, one for the mails,
// one for what they load. Addresses of the storybook's own files become relative, so that a page opens by a double click.
type exporter struct {
	book    http.Handler
	dir     string
	written map[string]bool
}

// look is a language and a theme.
type look struct{ language, theme string }

func (l look) String() string { return l.language + "-" + l.theme }

func looks() (all []look) {
	for _, language := range page.Languages {
		for _, theme := range page.Themes {
			all = append(all, look{language, theme})
		}
	}
	return all
}

// export writes everything into a folder.
func export(book http.Handler, mails []letter, dir string) error {
	e := &exporter{book: book, dir: dir, written: map[string]bool{}}
	for _, l := range looks() {
		for _, sample := range ui.Samples() {
			if err := e.page("/"+sample.Name, l.String()+"/"+sample.Name+".html", l); err != nil {
				return err
			}
		}
	}
	for _, one := range mails {
		if err := e.page("/mail/"+one.Name, "mail/"+one.Name+".html", looks()[0]); err != nil {
			return err
		}
		if err := e.page("/mail/"+one.Name+".txt", "mail/"+one.Name+".txt", looks()[0]); err != nil {
			return err
		}
	}
	return e.index(mails)
}

// own are the addresses of the storybook's own files, in pages and style sheets.
var own = regexp.MustCompile(`(["'(])(` + page.AssetPrefix + `[^"')?#]+|/securite/exemple/(?:image|son))`)

// page writes one page, and what it loads.
func (e *exporter) page(address, name string, l look) error {
	body, err := e.get(address+"?langue="+l.language, l)
	if err != nil {
		return err
	}
	if body, err = e.relative(body, strings.Count(name, "/")); err != nil {
		return err
	}
	return e.write(name, body)
}

// relative turns the addresses of own files into ones that lead there from a file so many folders down, and writes these files.
func (e *exporter) relative(body []byte, down int) ([]byte, error) {
	var err error
	text := own.ReplaceAllStringFunc(string(body), func(found string) string {
		if err == nil {
			err = e.asset(found[1:])
		}
		return found[:1] + strings.Repeat("../", down) + strings.TrimPrefix(found[1:], "/")
	})
	return []byte(text), err
}

// asset writes a file, and what it loads where it is a style sheet.
func (e *exporter) asset(address string) error {
	if e.written[address] {
		return nil
	}
	e.written[address] = true
	body, err := e.get(address, look{})
	if err == nil && path.Ext(address) == ".css" {
		body, err = e.relative(body, strings.Count(address, "/")-1)
	}
	if err != nil {
		return err
	}
	return e.write(address, body)
}

func (e *exporter) get(address string, l look) ([]byte, error) {
	r := httptest.NewRequest(http.MethodGet, address, nil)
	if l.theme != "" {
		r.AddCookie(page.PreferenceCookie(page.CookieTheme, l.theme, false))
	}
	w := httptest.NewRecorder()
	e.book.ServeHTTP(w, r)
	// Pages have statuses of their own, assets have one.
	if w.Body.Len() == 0 || w.Code != http.StatusOK && strings.HasPrefix(address, page.AssetPrefix) {
		return nil, fmt.Errorf("%s: %d", address, w.Code)
	}
	return w.Body.Bytes(), nil
}

func (e *exporter) write(name string, body []byte) error {
	to := filepath.Join(e.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, body, 0o644)
}

// links are the addresses of the list, and of a page at 320 px.
var links = regexp.MustCompile(`(href|src)="/([^"?]*)(\?langue=en)?"`)

// index writes the list of everything, and each page at 320 px.
func (e *exporter) index(mails []letter) error {
	mail := map[string]bool{}
	for _, one := range mails {
		mail["mail/"+one.Name] = true
	}
	relative := func(body []byte, up string) []byte {
		return links.ReplaceAllFunc(body, func(found []byte) []byte {
			part := links.FindSubmatch(found)
			to, english := string(part[2]), len(part[3]) > 0
			switch {
			case to == "":
				to = "index.html"
			case mail[to], strings.HasPrefix(to, "narrow/"):
				to += ".html"
			case strings.HasPrefix(to, "mail/"): // its text
			case english:
				to = "en-light/" + to + ".html"
			default:
				to = "fr-light/" + to + ".html"
			}
			return fmt.Appendf(nil, `%s="%s%s"`, part[1], up, to)
		})
	}
	for _, sample := range ui.Samples() {
		body, err := e.get("/narrow/"+sample.Name, looks()[0])
		if err != nil {
			return err
		}
		if err := e.write("narrow/"+sample.Name+".html", relative(body, "../")); err != nil {
			return err
		}
	}
	body, err := e.get("/", looks()[0])
	if err != nil {
		return err
	}
	return e.write("index.html", relative(body, ""))
}
