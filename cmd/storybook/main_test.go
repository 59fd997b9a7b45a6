package main

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	ui "efpconnect.example/selfservice-ui"
)

// Every state is in the list, and every link of the list shows something of its own kind.
func TestEveryLinkOfTheList(t *testing.T) {
	book, _, err := storybook()
	if err != nil {
		t.Fatal(err)
	}
	open := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		book.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w
	}
	status := map[string]int{"/": 200}
	for _, sample := range ui.Samples() {
		status["/"+sample.Name] = sample.Page.StatusCode()
	}
	seen := map[string]bool{}
	for _, link := range regexp.MustCompile(`href="(/[^"]+)"`).FindAllStringSubmatch(open("/").Body.String(), -1) {
		path, _, _ := strings.Cut(link[1], "?")
		want, isPage := status[path]
		if !isPage {
			want = http.StatusOK
		}
		w := open(link[1])
		if w.Code != want || w.Body.Len() < 100 {
			t.Errorf("%s: status %d, %d bytes", link[1], w.Code, w.Body.Len())
		}
		if english := strings.Contains(w.Body.String(), `<html lang="en" dir="ltr">`); isPage && english != strings.HasSuffix(link[1], "langue=en") {
			t.Errorf("%s: in English: %t", link[1], english)
		}
		seen[path] = true
	}
	for path := range status {
		if path != "/" && !seen[path] {
			t.Errorf("%s is not in the list", path)
		}
	}
	if !seen["/mail/code"] || !seen["/mail/password-changed.txt"] {
		t.Errorf("a mail is missing: %v", seen)
	}
}
