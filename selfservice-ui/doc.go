// Package ui is the website of EFP Connect self-service. The path of a request reads off the folders:
//
//	browser     what every request meets: id, headers, Host and same-origin, time limit, language, log
//	page        what every page is made of: layout, words, assets, render, the one error handler
//	errorpages  what is shown where no handler is reached: by the proxy, and by net/http itself
//	recovery    the reset: address → code → password → done
//	login       the login page, « Vos services », the log-out
//	help        the user's guide
//	formguard   what a form passes before a step hears it: limits, honeypot, security code
//	hook        what Kratos asks before it saves a password, on a listener of its own
//	tests       tests of the whole site that need a cluster, apart so that go test caches them apart
//
// server.go puts them together, routes.go is the site map. Kratos is reached through internal/kratos alone; what must
// outlive one request is in internal/store.
package ui
