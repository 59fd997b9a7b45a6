// Package ui is the website of EFP Connect self-service. The path of a request reads off the folders:
//
//	browser     what every request meets: id, headers, Host and same-origin, time limit, language, log
//	page        what every page is made of: layout, words, assets, render, the one error handler
//	errorpages  what is shown where no handler is reached: by the proxy, and by net/http itself
//	recovery    the reset: email → code → password → done
//	registration  the creation of an account: email → code → names and password → done
//	login       the login page, « Vos services », the log-out
//	cas         sign-in of services by CAS
//	consent     sign-in of services by OpenID Connect: what Hydra asks
//	entered     which services a session has entered, for the log-out
//	help        the user's guide
//	legal       the pages that a State site owes its visitors
//	display     theme and language of the pages
//	formguard   what a form passes before a step hears it: limits, honeypot, security code
//	mailedcode  a code mailed to prove an address: tries, sendings, the link; for every flow
//	newpassword a password chosen: its page, what is refused, the save under a permit; for every flow
//	once        a form sent twice gets one answer; for every flow
//	handoff     the two cookies that the login and the flows leave for one another
//	sitepath    every path of the site, once
//	hook        what Kratos asks before it saves a password, on a listener of its own
//	tests       tests of the whole site that need a cluster, apart so that go test caches them apart
//
// Three words are this site's own:
//
//	flow    one person's way through Kratos in one browser, sealed in a cookie; Kratos has a flow of its own under its id
//	proof   how a browser came to a flow: it typed the address, or it came by the mail's button and so reads the mailbox
//	permit  a note in the store, of some seconds, that lets Kratos save one thing in one flow; package hook asks for it
//
// server.go puts them together, routes.go is the site map. Kratos is reached through internal/kratos alone; what must
// outlive one request is in internal/store.
package ui
