// Package consent signs people in to services by OpenID Connect. Ory Hydra speaks the protocol; it asks this package who is there,
// what a service learns and whether a session is to end, and hears the answers through its admin API (internal/hydra).
//
//	/connexion/service          login_challenge.go   who is there: the person of Kratos's session, after the login page where it must
//	/connexion/service?suite=…  resume.go            back from the login page, or from a reset
//	/consentement               consent.go           what the service learns: services.yml says it, nobody is asked
//	/deconnexion?logout_…       logout.go            a service wants the session to end: a button asks
//
// Hydra's own session has one subject for every service, Kratos's account; what a service calls the person (sub) goes with each login.
// Hydra's session is remembered only so that it can tell services of its end, and never lets anybody in by itself: each login request
// comes here, and Kratos is asked.
//
// Only the server mounts this package. The login and the reset tell it, by SignedOut, that a session has ended.
package consent
