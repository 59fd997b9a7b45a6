package login

import (
	"efpconnect.example/selfservice-ui/formguard"
	"efpconnect.example/selfservice-ui/page"
)

// Samples is every state of this package's pages, with invented data.
func Samples() []page.Sample {
	v := view{ResetURL: pathReset, HelpURL: pathHelp, Notice: true}
	refused := view{Identifier: "camille.serve@example.test", ResetURL: pathReset, HelpURL: pathHelp, Notice: true, Refused: true}
	quiet := refused
	quiet.Notice = false
	guarded := loginPage(v, 200)
	guarded.Guard = page.SampleGuard("connexion")
	unproved := loginPage(v, 422, page.Problem{Field: "robot", Key: "proof.missing"})
	unproved.Guard = guarded.Guard
	empty := loginPage(v, 422, append(emptyFaults(), page.Problem{Field: formguard.FieldAnswer, Key: "captcha.empty"})...)
	empty.Guard = guarded.Guard
	empty.Guard.Open = true // as without JavaScript, where the code is the way
	again := loginPage(v, 422, page.Problem{Field: "robot", Key: "proof.again"})
	again.Guard = guarded.Guard
	typed := v
	typed.Identifier = refused.Identifier
	passed := loginPage(refused, 422, page.Problem{Key: "login.refused"})
	passed.Guard = page.Guard{Stamp: "1", Passed: true}
	changed := loginPage(view{Identifier: typed.Identifier, ResetURL: pathReset, HelpURL: pathHelp, Changed: true}, 200)
	changed.Guard = page.Guard{Stamp: "1", Passed: true}
	created := loginPage(view{Identifier: typed.Identifier, ResetURL: pathReset, HelpURL: pathHelp, Created: true}, 200)
	created.Guard = changed.Guard
	pictured := func(key string) page.Page {
		p := loginPage(typed, 422, page.Problem{Field: formguard.FieldAnswer, Key: key})
		p.Guard = page.SampleGuard("connexion")
		p.Guard.Open = true
		return p
	}
	forService := v
	forService.Service = "Déclarer une formation"
	asked := loginPage(forService, 200)
	asked.Guard = guarded.Guard
	return []page.Sample{
		{Name: "login", Page: guarded}, {Name: "login-created", Page: created},
		{Name: "login-for-service", Page: asked},
		{Name: "login-continue", Page: continuePage(continueView{Service: forService.Service, URL: "/login-continue"})},
		{Name: "login-continue-plain", Page: continuePage(continueView{URL: "/login-continue-plain"})},
		{Name: "logged-out-untold", Page: untoldPage([]string{"Déclarer une formation", "Contrats"})},
		{Name: "login-accented", Page: loginPage(typed, 422, page.Problem{Field: "identifiant", Key: "address.accented"})},
		{Name: "login-malformed", Page: loginPage(typed, 422, page.Problem{Field: "identifiant", Key: "address.malformed"})},
		{Name: "login-captcha-empty", Page: pictured("captcha.empty")},
		{Name: "login-captcha-empty-or-proof", Page: pictured("captcha.empty_or_proof")},
		{Name: "login-captcha-wrong", Page: pictured("captcha.wrong")},
		{Name: "login-captcha-expired", Page: pictured("captcha.expired")},
		{Name: "login-proof-missing", Page: unproved},
		{Name: "login-proof-again", Page: again},
		{Name: "login-empty-unproved", Page: empty},
		{Name: "login-passed", Page: passed},
		{Name: "login-changed", Page: changed},
		{Name: "login-unguarded", Page: loginPage(v, 200)},
		{Name: "login-empty", Page: loginPage(v, 422, emptyFaults()...)},
		{Name: "login-refused", Page: loginPage(refused, 422, page.Problem{Key: "login.refused"})},
		{Name: "login-too-fast", Page: loginPage(v, 422, page.Problem{Key: "trap.too_fast"})},
		{Name: "login-refused-without-notice", Page: loginPage(quiet, 422, page.Problem{Key: "login.refused"})},
		{Name: "login-cookies-refused", Page: loginPage(typed, 422, page.Problem{Key: "cookies.refused"})},
		{Name: "services", Page: page.Page{Template: "services", Heading: "services.heading", Title: "services.heading",
			View: servicesView{Email: "camille.serve@example.test", Services: []page.Link{{Label: "Déclarer une formation", URL: "https://formation.example.test/"}}}}},
	}
}

// emptyFaults is what a form sent empty has to mend.
func emptyFaults() []page.Problem {
	_, problems := faults("", "")
	return problems
}
