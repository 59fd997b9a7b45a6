// Package registration is the creation of an account by whoever proves an address:
//
//	/creer-un-compte                  form.go      step 1: names and address; Kratos opens a flow and mails a code
//	/creer-un-compte/suite/{link}     link.go      the mail's button: the same flow in this browser
//	/creer-un-compte/code             code.go      step 2 (package mailedcode): the right code makes the account
//	/creer-un-compte/code/renvoi      code.go      another mail, after a pause
//	/creer-un-compte/mot-de-passe     password.go  step 3 (package newpassword): names and password, each under a permit
//	/creer-un-compte/termine          done.go      on to the login page
//	/creer-un-compte/compte-existant  exists.go    to who has proved an address that has an account already
//
// Nobody learns who has an account: an address that has one gets the same pages, mails and instants up to the right code. Before it the
// address alone goes to Kratos: names stay sealed in the browser that typed them, so a stranger's never end on the owner's account.
//
// Only the server mounts this package, where the setting registration is not closed.
package registration
