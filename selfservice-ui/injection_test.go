package ui_test

import (
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/net/html"

	ui "efpconnect.example/selfservice-ui"
	"efpconnect.example/selfservice-ui/page"
)

// hostile ends an attribute, an element, a comment and a script, and brings markup of its own.
const hostile = `"'--></script><hostile onerror=x>{{.}}`

// Every text that a page shows, whoever it came from, is put in place of by markup: none of it may become an element or an
// attribute. A field that somebody adds to a view tomorrow is reached too.
func TestNoFieldOfAnyViewBecomesMarkup(t *testing.T) {
	site := guideSite()
	poison(reflect.ValueOf(&site).Elem())
	folders, err := templates()
	if err != nil {
		t.Fatal(err)
	}
	pages, err := page.NewRenderer(site, folders...)
	if err != nil {
		t.Fatal(err)
	}
	for _, sample := range ui.Samples() {
		shown := sample.Page
		shown.Guard = page.Guard{Stamp: "1", Challenge: "1", Picture: "1", Sound: "1", Proof: "1"}
		poison(reflect.ValueOf(&shown).Elem())
		shown.Template = sample.Page.Template
		w := httptest.NewRecorder()
		if err := pages.Write(w, httptest.NewRequest(http.MethodGet, "/", nil), shown); err != nil {
			t.Fatalf("%s: %v", sample.Name, err)
		}
		if strings.Count(w.Body.String(), "hostile") < 5 {
			t.Errorf("%s: shows next to nothing of what it was given", sample.Name)
		}
		for _, found := range markup(w.Body.String()) {
			t.Errorf("%s: %s", sample.Name, found)
		}
	}
}

// markup lists the elements and attributes that only the hostile text can have brought.
func markup(source string) (found []string) {
	tokens := html.NewTokenizer(strings.NewReader(source))
	for tokens.Next() != html.ErrorToken {
		token := tokens.Token()
		if token.Type != html.StartTagToken && token.Type != html.SelfClosingTagToken {
			continue
		}
		if token.Data == "hostile" {
			found = append(found, "an element "+token.String())
		}
		for _, attribute := range token.Attr {
			if strings.HasPrefix(attribute.Key, "on") || strings.ContainsAny(attribute.Key, `"'<`) {
				found = append(found, "an attribute of "+token.String())
			}
		}
	}
	return found
}

// poison makes every text in v hostile. What v shares with other values is copied first.
func poison(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(hostile)
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return
		}
		fresh := reflect.New(v.Elem().Type())
		fresh.Elem().Set(v.Elem())
		poison(fresh.Elem())
		if v.Kind() == reflect.Interface {
			fresh = fresh.Elem()
		}
		v.Set(fresh)
	case reflect.Slice:
		fresh := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(fresh, v)
		for i := range fresh.Len() {
			poison(fresh.Index(i))
		}
		v.Set(fresh)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() || v.Type().Field(i).Anonymous {
				poison(v.Field(i))
			}
		}
	}
}

// The test's own eyes: it must see what it looks for.
func TestMarkupIsSeen(t *testing.T) {
	for _, source := range []string{`<p>` + hostile + `</p>`, `<input value="` + hostile + `">`} {
		if len(markup(source)) == 0 {
			t.Errorf("nothing is seen in %s", source)
		}
	}
	if found := markup(`<p title="&#34;">ok</p>`); len(found) > 0 {
		t.Errorf("seen: %q", found)
	}
}
