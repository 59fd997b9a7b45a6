// Package login is the way in once the password is set: the login page, the page of who is signed in, the log-out.
//
//	/connexion      login.go      the form; Kratos's browser flow is opened and posted by the site itself
//	               attempt.go    what Kratos is judging; a late success waits for its browser
//	/services       services.go   « Vos services », for who has nowhere else to go
//	/deconnexion    session.go    ends the session
//
// Only the server mounts this package. It knows nothing of the reset but its address and the cookie that carries the
// identifier there, so that nobody types it twice.
package login
