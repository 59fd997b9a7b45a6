// Package recovery is the reset of a password, the way every person with an account of the former portal takes once:
//
//	/reinitialisation                 email.go     step 1: the address; Kratos opens a flow and mails a code
//	/reinitialisation/suite/{link}    link.go      the mail's button: the same flow in this browser
//	/reinitialisation/code            code.go      step 2 (package mailedcode): the six digits; Kratos opens a session and a settings flow
//	/reinitialisation/code/renvoi     code.go      another mail, after a pause
//	/reinitialisation/mot-de-passe    password.go  step 3: the new password, under a permit; every session is ended
//	/reinitialisation/terminee        done.go      on to the login page
//
// A step never calls another one: it changes the flow and redirects to flow.Path, which alone knows what follows.
//
// What a half-done reset knows is in one sealed cookie (flow.go). What browsers share about a Kratos flow, tries and
// sendings, is in the store (package mailedcode). The same form sent twice gets one answer (package once).
//
// Only the server mounts this package. It knows nothing of the login pages but the cookie it hands them the identifier in.
package recovery
