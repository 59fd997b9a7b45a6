package demo

import (
	"context"
	"crypto/rand"
	"net"
	"net/http"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// openidService signs people in by OpenID Connect: code flow with PKCE, as any client does.
type openidService struct {
	*service
	provider *oidc.Provider
	config   oauth2.Config
}

const openidClient = "bilans"

// startOpenID begins once Hydra answers.
func startOpenID(ctx context.Context, site, issuer, secret string, l net.Listener) (*service, error) {
	provider, err := discover(ctx, issuer)
	if err != nil {
		return nil, err
	}
	s := &openidService{service: newService("Bilans pédagogiques", "demo_bilans", site, l), provider: provider}
	s.config = oauth2.Config{
		ClientID:     openidClient,
		ClientSecret: secret,
		Endpoint:     provider.Endpoint(),
		RedirectURL:  s.url + "/retour",
		Scopes:       []string{oidc.ScopeOpenID},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.get)
	mux.HandleFunc("GET /retour", s.back)
	mux.HandleFunc("POST /fin", s.end)
	s.serve(l, mux)
	return s.service, nil
}

// discover asks Hydra what it speaks. On a slow machine its first answer may take longer than Hydra lets an answer take.
func discover(ctx context.Context, issuer string) (provider *oidc.Provider, err error) {
	for range 10 {
		provider, err = oidc.NewProvider(context.WithoutCancel(ctx), issuer) // its keys are read later too
		if err == nil || ctx.Err() != nil {
			break
		}
	}
	return provider, err
}

const askedCookie = "demo_bilans_demande" // state, nonce and PKCE's verifier of the request that is under way

func (s *openidService) get(w http.ResponseWriter, r *http.Request) {
	if v, found := s.who(r); found {
		s.show(w, v)
		return
	}
	state, nonce, verifier := rand.Text()+rand.Text(), rand.Text()+rand.Text(), oauth2.GenerateVerifier()
	http.SetCookie(w, &http.Cookie{
		Name:     askedCookie,
		Value:    state + "." + nonce + "." + verifier,
		Path:     "/retour",
		HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
	})
	http.Redirect(w, r, s.config.AuthCodeURL(state, oauth2.S256ChallengeOption(verifier), oidc.Nonce(nonce)), http.StatusSeeOther)
}

func (s *openidService) back(w http.ResponseWriter, r *http.Request) {
	cookie, err := r.Cookie(askedCookie)
	if err != nil {
		fail(w, "la demande est inconnue")
		return
	}
	kept := strings.SplitN(cookie.Value, ".", 3)
	if len(kept) != 3 || r.FormValue("state") != kept[0] {
		fail(w, "la réponse n’est pas celle de cette demande")
		return
	}
	token, err := s.config.Exchange(r.Context(), r.FormValue("code"), oauth2.VerifierOption(kept[2]))
	if err != nil {
		fail(w, "le code n’est pas valable")
		return
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := s.provider.Verifier(&oidc.Config{ClientID: openidClient}).Verify(r.Context(), raw)
	if err != nil || id.Nonce != kept[1] {
		fail(w, "le jeton n’est pas valable")
		return
	}
	var claims struct {
		Session    string `json:"sid"`
		GivenName  string `json:"given_name"`
		FamilyName string `json:"family_name"`
	}
	if err := id.Claims(&claims); err != nil {
		fail(w, "le jeton n’est pas lisible")
		return
	}
	s.enter(w, visit{By: claims.Session, User: id.Subject, GivenName: claims.GivenName, FamilyName: claims.FamilyName})
	http.Redirect(w, r, s.url+"/", http.StatusSeeOther)
}

// end is told of the end of a visit, by a token that Hydra signs.
func (s *openidService) end(w http.ResponseWriter, r *http.Request) {
	token, err := s.provider.Verifier(&oidc.Config{ClientID: openidClient, SkipExpiryCheck: true}).Verify(r.Context(), r.PostFormValue("logout_token"))
	var claims struct {
		Session string         `json:"sid"`
		Events  map[string]any `json:"events"`
	}
	if err == nil {
		err = token.Claims(&claims)
	}
	if _, logout := claims.Events["http://schemas.openid.net/event/backchannel-logout"]; err != nil || !logout {
		http.Error(w, "no logout token", http.StatusBadRequest)
		return
	}
	s.ended(claims.Session)
}
