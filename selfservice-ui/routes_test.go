package ui_test

import "testing"

// What people type or copy a little wrong leads to the page, with where they come from; a form is not led on.
func TestAddressesTypedALittleWrong(t *testing.T) {
	const address = "https://efpconnect.example.test"
	site := alone(t, address)
	for typed, want := range map[string]string{
		"/connexion/": "/connexion", "/services/": "/services", "/aide": "/aide/premiere-connexion", "/aide/": "/aide/premiere-connexion",
		"/aide/premiere-connexion/": "/aide/premiere-connexion", "/reinitialisation/": "/reinitialisation",
		"/reinitialisation/code/": "/reinitialisation/code", "/reinitialisation/mot-de-passe/": "/reinitialisation/mot-de-passe",
		"/reinitialisation/terminee/":                                 "/reinitialisation/terminee",
		"/connexion/?return_to=https%3A%2F%2Fservice.example.test%2F": "/connexion?return_to=https%3A%2F%2Fservice.example.test%2F",
	} {
		if w := (ask{path: typed}).send(site, address); w.Code != 303 || w.Header().Get("Location") != want {
			t.Errorf("%s: %d to %q", typed, w.Code, w.Header().Get("Location"))
		}
		if w := (ask{path: typed, method: "POST"}).send(site, address); w.Code != 405 {
			t.Errorf("a form sent to %s: %d", typed, w.Code)
		}
	}
	if w := (ask{path: "/nulle-part/"}).send(site, address); w.Code != 404 {
		t.Errorf("a page that is not there: %d", w.Code)
	}
}
