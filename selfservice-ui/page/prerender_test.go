package page_test

import (
	"bytes"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"golang.org/x/net/html"

	ui "efpconnect.example/selfservice-ui"
	"efpconnect.example/selfservice-ui/page"
)

// What is written into the templates at start must be what each request would have got: on every page in every state, in each
// language, with settings full of what has to be escaped.
func TestSettledPagesAreThoseOfTheTemplates(t *testing.T) {
	const odd = `<b>"L’État" & l'+ {{t "next"}}`
	folders := append([]fs.FS{page.Layout}, ui.Templates()...)
	for name, site := range map[string]page.Site{
		"least": {Ministry: []string{"Ministère"}, Service: "EFP Connect", Assistance: "https://assistance.example.test/"},
		"odd": {Ministry: []string{odd, odd}, Service: odd, Environment: odd, Assistance: "https://assistance.example.test/?a=1&b=" + odd, Contacts: "javascript:" + odd,
			CreateAccount: odd, OldPortal: odd, MailSender: odd, Legal: []page.Link{{Label: odd, URL: "javascript:x"}, {Label: "Mentions", URL: odd}}},
	} {
		r, err := page.NewRenderer(site, folders[1:]...)
		if err != nil {
			t.Fatal(err)
		}
		for _, language := range page.Languages {
			for _, sample := range ui.Samples() {
				want, err := r.Unsettled(language, sample.Page, folderOf(t, sample.Page, folders))
				if err != nil {
					t.Fatal(err)
				}
				if got := written(t, r, language, sample.Page); document(t, got) != document(t, want) {
					t.Errorf("%s, %s, settings %s: the page is\n%s\nand by its templates\n%s", sample.Name, language, name, got, want)
				}
			}
		}
	}
}

func folderOf(t *testing.T, p page.Page, folders []fs.FS) fs.FS {
	t.Helper()
	for _, folder := range folders {
		if _, err := fs.Stat(folder, p.Template+".html"); err == nil {
			return folder
		}
	}
	t.Fatalf("no template %s", p.Template)
	return nil
}

// written is the page as the site sends it.
func written(t *testing.T, r *page.Renderer, language string, p page.Page) string {
	t.Helper()
	w := httptest.NewRecorder()
	request := httptest.NewRequest(http.MethodGet, "/", nil)
	request.Header.Set("Accept-Language", language)
	var fault error
	page.WithLanguage(page.Languages, http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		fault = r.Write(w, request, p)
	})).ServeHTTP(w, request)
	if fault != nil {
		t.Fatal(fault)
	}
	return w.Body.String()
}

// document is what a browser reads: the two may spell a character in two ways.
func document(t *testing.T, source string) string {
	t.Helper()
	tree, err := html.Parse(strings.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := html.Render(&text, tree); err != nil {
		t.Fatal(err)
	}
	return text.String()
}
