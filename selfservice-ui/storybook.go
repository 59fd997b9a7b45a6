package ui

import (
	"net/http"
	"slices"
	"strings"

	"efpconnect.example/internal/captcha/image"
	"efpconnect.example/selfservice-ui/browser"
	"efpconnect.example/selfservice-ui/gate"
	"efpconnect.example/selfservice-ui/help"
	"efpconnect.example/selfservice-ui/login"
	"efpconnect.example/selfservice-ui/page"
	"efpconnect.example/selfservice-ui/recovery"
)

// Samples is every page of the site in every state.
func Samples() []page.Sample {
	all := slices.Concat(help.Samples(), login.Samples(), recovery.Samples(), gate.Samples(), browser.Samples(), page.Samples(), []page.Sample{
		page.MessageSample("error-not-found", refusal(http.StatusNotFound, "error.not_found")),
		page.MessageSample("error-method", refusal(http.StatusMethodNotAllowed, "error.method")),
	})
	slices.SortFunc(all, func(a, b page.Sample) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Storybook shows the samples without Kratos: / lists them, /NAME shows one.
func Storybook(site page.Site) (http.Handler, error) {
	pages, err := page.NewRenderer(site, recovery.Templates, login.Templates, help.Templates)
	if err != nil {
		return nil, err
	}
	m := http.NewServeMux()
	m.Handle(page.AssetPrefix, pages.Assets)
	pictures, err := image.New(nil)
	if err != nil {
		return nil, err
	}
	answer := image.Answer()
	m.HandleFunc("GET /securite/exemple/image", func(w http.ResponseWriter, _ *http.Request) {
		png, err := pictures.PNG(answer, image.Seed{1})
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write(png)
	})
	var index strings.Builder
	index.WriteString("<!doctype html><html lang=fr><title>Storybook</title><h1>Storybook</h1><ul>")
	for _, sample := range Samples() {
		index.WriteString(`<li><a href="/` + sample.Name + `">` + sample.Name + "</a></li>")
		m.HandleFunc("GET /"+sample.Name, func(w http.ResponseWriter, r *http.Request) {
			if err := pages.Write(w, r, sample.Page); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
			}
		})
	}
	m.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(index.String()))
	})
	return m, nil
}
