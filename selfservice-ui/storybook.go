package ui

import (
	"cmp"
	"io/fs"
	"net/http"
	"slices"
	"strings"

	"efpconnect.example/internal/captcha/image"
	"efpconnect.example/selfservice-ui/browser"
	"efpconnect.example/selfservice-ui/cas"
	"efpconnect.example/selfservice-ui/consent"
	"efpconnect.example/selfservice-ui/display"
	"efpconnect.example/selfservice-ui/formguard"
	"efpconnect.example/selfservice-ui/help"
	"efpconnect.example/selfservice-ui/legal"
	"efpconnect.example/selfservice-ui/login"
	"efpconnect.example/selfservice-ui/mailedcode"
	"efpconnect.example/selfservice-ui/newpassword"
	"efpconnect.example/selfservice-ui/page"
	"efpconnect.example/selfservice-ui/recovery"
	"efpconnect.example/selfservice-ui/registration"
)

// Samples is every page of the site in every state.
func Samples() []page.Sample {
	all := slices.Concat(cas.Samples(), consent.Samples(), help.Samples(), legal.Samples(), display.Samples(), login.Samples(), recovery.Samples(), registration.Samples(), formguard.Samples(), browser.Samples(), page.Samples(), []page.Sample{
		page.MessageSample("error-not-found", refusal(http.StatusNotFound, "error.not_found")),
		page.MessageSample("error-method", refusal(http.StatusMethodNotAllowed, "error.method")),
	})
	slices.SortFunc(all, func(a, b page.Sample) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Templates are those of every page of the site.
func Templates() []fs.FS {
	return []fs.FS{
		recovery.Templates,
		registration.Templates,
		mailedcode.Templates,
		newpassword.Templates,
		login.Templates,
		help.Templates,
		cas.Templates,
		consent.Templates,
		legal.Templates,
		display.Templates,
	}
}

// Storybook shows the samples without Kratos: /NAME in French, /NAME?langue=en in English, and the security code's picture and
// sound. A form leads nowhere.
func Storybook(site page.Site) (http.Handler, error) {
	pages, err := page.NewRenderer(site, Templates()...)
	if err != nil {
		return nil, err
	}
	pictures, err := image.New(nil)
	if err != nil {
		return nil, err
	}
	m := http.NewServeMux()
	m.Handle(page.AssetPrefix, pages.Assets)
	answer := image.Answer()
	draw := func(kind string, made func(string, image.Seed) ([]byte, error)) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			body, err := made(answer, image.Seed{1})
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			w.Header().Set("Content-Type", kind)
			_, _ = w.Write(body)
		}
	}
	m.HandleFunc("GET /securite/exemple/image", draw("image/png", pictures.PNG))
	m.HandleFunc("GET /securite/exemple/son", draw("audio/wav", pictures.WAV))
	// A form that a script sends by itself stays on its page.
	m.HandleFunc("POST /{sample}", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	for _, sample := range Samples() {
		m.HandleFunc("GET /"+sample.Name, func(w http.ResponseWriter, r *http.Request) {
			if err := pages.Write(w, r, sample.Page); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
			}
		})
	}
	return inLanguage(m), nil
}

// inLanguage takes the language from the address: whoever looks at the pages sees the words they are about.
func inLanguage(next http.Handler) http.Handler {
	chosen := page.WithLanguage(page.Languages, next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("Accept-Language", cmp.Or(r.URL.Query().Get("langue"), page.Languages[0]))
		chosen.ServeHTTP(w, r)
	})
}
