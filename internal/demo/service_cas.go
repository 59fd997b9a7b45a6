package demo

import (
	"encoding/xml"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// casService signs people in by CAS 3.0: any client does the same.
type casService struct{ *service }

func startCAS(site string, l net.Listener) *service {
	s := newService("Déclarer une formation", "demo_formation", site, l)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", casService{s}.get)
	mux.HandleFunc("POST /{$}", casService{s}.post)
	s.serve(l, mux)
	return s
}

func (s casService) get(w http.ResponseWriter, r *http.Request) {
	ticket := r.URL.Query().Get("ticket")
	v, found := s.who(r)
	switch {
	case ticket != "":
		v, why := s.validate(r, ticket)
		if why != "" {
			fail(w, why)
			return
		}
		s.enter(w, v)
		http.Redirect(w, r, s.url+"/", http.StatusSeeOther)
	case found:
		s.show(w, v)
	default:
		http.Redirect(w, r, s.site+"/cas/login?"+url.Values{"service": {s.url + "/"}}.Encode(), http.StatusSeeOther)
	}
}

// validate asks the site whose ticket it is.
func (s casService) validate(r *http.Request, ticket string) (v visit, why string) {
	address := s.site + "/cas/p3/serviceValidate?" + url.Values{"service": {s.url + "/"}, "ticket": {ticket}}.Encode()
	ask, err := http.NewRequestWithContext(r.Context(), http.MethodGet, address, nil)
	if err != nil {
		return visit{}, "l’adresse d’EFP Connect est inconnue"
	}
	answer, err := http.DefaultClient.Do(ask)
	if err != nil {
		return visit{}, "EFP Connect ne répond pas"
	}
	defer answer.Body.Close()
	var said struct {
		Success struct {
			User       string `xml:"user"`
			Attributes struct {
				GivenName  string `xml:"givenName"`
				FamilyName string `xml:"sn"`
			} `xml:"attributes"`
		} `xml:"authenticationSuccess"`
	}
	if err := xml.NewDecoder(answer.Body).Decode(&said); err != nil || said.Success.User == "" {
		return visit{}, "le ticket n’est pas valable"
	}
	a := said.Success.Attributes
	return visit{By: ticket, User: said.Success.User, GivenName: a.GivenName, FamilyName: a.FamilyName}, ""
}

// post is told of the end of a visit.
func (s casService) post(_ http.ResponseWriter, r *http.Request) {
	var request struct{ SessionIndex string }
	if err := xml.NewDecoder(strings.NewReader(r.PostFormValue("logoutRequest"))).Decode(&request); err == nil {
		s.ended(request.SessionIndex)
	}
}
