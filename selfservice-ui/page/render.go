package page

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

//go:embed *.html
var layoutFiles embed.FS

// A Renderer holds every template in every language, parsed once at start: a page that does not parse stops the program
// before it listens.
type Renderer struct {
	Site   Site
	Assets *Assets
	OnPage func(Page) // told of each page shown; nil outside tests

	words     map[string]Words
	templates map[string]*template.Template // "fr/address"
}

// NewRenderer parses the layout with each page found in the given file systems (one a step's package).
func NewRenderer(site Site, pages ...fs.FS) (*Renderer, error) {
	assets, err := LoadAssets()
	if err != nil {
		return nil, err
	}
	r := &Renderer{Site: site, Assets: assets, words: map[string]Words{}, templates: map[string]*template.Template{}}
	for _, language := range Languages {
		if r.words[language], err = LoadWords(language); err != nil {
			return nil, err
		}
		for _, files := range append([]fs.FS{layoutFiles}, pages...) {
			if err := r.parse(language, files); err != nil {
				return nil, err
			}
		}
	}
	return r, nil
}

func (r *Renderer) parse(language string, files fs.FS) error {
	names, err := fs.Glob(files, "*.html")
	if err != nil {
		return err
	}
	base, err := template.New("layout").Funcs(r.functions(language)).ParseFS(layoutFiles, "_*.html")
	if err != nil {
		return fmt.Errorf("page: layout: %w", err)
	}
	if err := r.prerender(language, base); err != nil {
		return err
	}
	for _, name := range names {
		if strings.HasPrefix(name, "_") {
			continue
		}
		set, err := template.Must(base.Clone()).ParseFS(files, name)
		if err != nil {
			return fmt.Errorf("page: %s: %w", name, err)
		}
		r.words[language].inline(set)
		r.templates[language+"/"+strings.TrimSuffix(path.Base(name), ".html")] = set
	}
	return nil
}

func (r *Renderer) functions(language string) template.FuncMap {
	w := r.words[language]
	return template.FuncMap{
		"t":     w.Text,
		"tp":    func(p *Problem) string { return w.Text(p.Key, p.Args...) },
		"ts":    func(p *Problem) string { return firstSentence(w.Text(p.Key, p.Args...)) },
		"tn":    func(n *Notice) template.HTML { return w.Rich(n.Key, n.Args...) },
		"tm":    func(m *Message) template.HTML { return w.Rich(m.Text, m.Args...) },
		"rich":  w.Rich,
		"json":  func(v any) (string, error) { raw, err := json.Marshal(v); return string(raw), err },
		"add":   func(a, b int) int { return a + b },
		"state": func() []string { return stateSites },
	}
}

// firstSentence is what the summary says of a field's problem: the detail stands once, at the field.
func firstSentence(text string) string {
	if first, _, more := strings.Cut(text, ". "); more {
		return first + "."
	}
	return text
}

// buffers are for the pages being made: a new one each time would be most of what a page costs in memory.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Write renders the page into a buffer and sends it whole, or sends nothing and returns the error: nobody ever sees
// half a page.
func (r *Renderer) Write(w http.ResponseWriter, req *http.Request, p Page) error {
	language := Language(req)
	set, ok := r.templates[language+"/"+p.Template]
	if !ok {
		return fmt.Errorf("page: no template %q", p.Template)
	}
	p.Site, p.Lang, p.Theme, p.Assets, p.Handle = &r.Site, language, Theme(req), r.Assets, Handle(req.URL.Query())
	buffer := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buffer)
	buffer.Reset()
	if err := set.ExecuteTemplate(buffer, "layout", p); err != nil {
		return fmt.Errorf("page: %s: %w", p.Template, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", language)
	if r.OnPage != nil {
		r.OnPage(p)
	}
	send := func(body []byte) {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(p.StatusCode())
		if req.Method != http.MethodHead {
			_, _ = w.Write(body) // a failed write means the browser has gone: nothing can be shown to it any more
		}
	}
	w.Header().Add("Vary", "Accept-Encoding")
	packed := buffer.Len() >= leastCompressed && takesGzip(strings.Join(req.Header.Values("Accept-Encoding"), ",")) && p.mayCompress(req) &&
		compressed(buffer.Bytes(), func(body []byte) {
			w.Header().Set("Content-Encoding", "gzip")
			send(body)
		})
	if !packed {
		send(buffer.Bytes())
	}
	return nil
}

// stateSites are the four links of the State that the DSFR requires in a footer, in this order and unaltered.
var stateSites = []string{"info.gouv.fr", "service-public.gouv.fr", "legifrance.gouv.fr", "data.gouv.fr"}
