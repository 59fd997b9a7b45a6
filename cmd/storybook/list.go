package main

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"strings"

	ui "efpconnect.example/selfservice-ui"
	"efpconnect.example/selfservice-ui/page"
)

//go:embed list.html
var listHTML string

// state is one line of the list: a page, and what it says that its neighbours do not.
type state struct {
	Name   string
	Status int
	Says   string
}

// group is the states of one page: those whose names begin alike.
type group struct {
	Name   string
	States []state
}

// list mounts the list of everything at /, and at /narrow/NAME a page as a telephone shows it.
func list(m *http.ServeMux, mails []letter) error {
	words, err := page.LoadWords(page.Languages[0])
	if err != nil {
		return err
	}
	parsed, err := template.New("list").Parse(listHTML)
	if err != nil {
		return err
	}
	var whole bytes.Buffer
	samples := ui.Samples()
	if err := parsed.Execute(&whole, map[string]any{"Groups": groups(samples, words), "Mails": mails}); err != nil {
		return err
	}
	m.HandleFunc("GET /{$}", show("text/html; charset=utf-8", whole.String()))
	for _, sample := range samples {
		var narrow bytes.Buffer
		if err := parsed.ExecuteTemplate(&narrow, "narrow", sample.Name); err != nil {
			return err
		}
		m.HandleFunc("GET /narrow/"+sample.Name, show("text/html; charset=utf-8", narrow.String()))
	}
	return nil
}

func groups(samples []page.Sample, words page.Words) (all []group) {
	for _, sample := range samples { // sorted by name
		name, _, _ := strings.Cut(sample.Name, "-")
		if len(all) == 0 || all[len(all)-1].Name != name {
			all = append(all, group{Name: name})
		}
		last := &all[len(all)-1]
		last.States = append(last.States, state{sample.Name, sample.Page.StatusCode(), says(sample.Page, words)})
	}
	return all
}

// says is the sentence that makes a state, without its marks of bold and links.
func says(p page.Page, words page.Words) string {
	var said []string
	if m, ok := p.View.(*page.Message); ok {
		said = append(said, words.Text(m.Text, m.Args...))
	}
	if p.Notice != nil {
		said = append(said, words.Text(p.Notice.Key, p.Notice.Args...))
	}
	for _, problem := range p.Problems {
		said = append(said, words.Text(problem.Key, problem.Args...))
	}
	return strings.NewReplacer("`", "", "**", "").Replace(strings.Join(said, " · "))
}
