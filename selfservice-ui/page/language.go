package page

import (
	"context"
	"net/http"

	"golang.org/x/text/language"
)

type languageKey struct{}

var languageMatcher = matcher()

func matcher() language.Matcher {
	tags := make([]language.Tag, 0, len(Languages))
	for _, name := range Languages {
		tags = append(tags, language.MustParse(name))
	}
	return language.NewMatcher(tags)
}

// WithLanguage chooses the language of a request's pages: by the person's own choice, by Accept-Language among the offered ones, else the
// first that the site has words for; the only one offered, whatever is asked.
func WithLanguage(offered []string, next http.Handler) http.Handler {
	allowed := map[string]bool{}
	for _, name := range offered {
		allowed[name] = true
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		chosen := Languages[0]
		if len(offered) == 1 {
			chosen = offered[0]
		}
		if own := preference(r, CookieLanguage); len(offered) > 1 && allowed[own] {
			chosen = own
		} else if len(offered) > 1 {
			w.Header().Add("Vary", "Accept-Language")
			tag, _ := language.MatchStrings(languageMatcher, r.Header.Get("Accept-Language"))
			if base, _ := tag.Base(); allowed[base.String()] {
				chosen = base.String()
			}
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), languageKey{}, chosen)))
	})
}

// Language is the language the request's pages are written in.
func Language(r *http.Request) string {
	if name, ok := r.Context().Value(languageKey{}).(string); ok {
		return name
	}
	return Languages[0]
}
