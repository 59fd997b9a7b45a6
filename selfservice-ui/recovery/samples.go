package recovery

import (
	"efpconnect.example/internal/email"
	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/password"
	"efpconnect.example/selfservice-ui/mailedcode"
	"efpconnect.example/selfservice-ui/page"
)

// Samples is every state of this package's pages, with invented data.
func Samples() []page.Sample {
	var all []page.Sample
	for _, list := range [][]page.Sample{emailSamples(), codeSamples(), passwordSamples(), otherSamples()} {
		all = append(all, list...)
	}
	return all
}

const someone = "camille.serve@example.test"

func emailSamples() []page.Sample {
	again := emailPage(emailView{Identifier: someone})
	again.Notice = &page.Notice{Kind: "info", Key: "address.again"}
	guarded := emailPage(emailView{})
	guarded.Guard = page.SampleGuard("reinitialisation")
	list := []page.Sample{{Name: "address", Page: guarded}, {Name: "address-again", Page: again}, {Name: "address-under-way", Page: emailPage(emailView{Identifier: someone, UnderWay: PathCode})},
		{Name: "address-unguarded", Page: emailPage(emailView{})}}
	for name, key := range map[string]string{"captcha-empty": "captcha.empty", "captcha-empty-or-proof": "captcha.empty_or_proof",
		"captcha-wrong": "captcha.wrong", "captcha-expired": "captcha.expired"} {
		p := emailPage(emailView{Identifier: someone}, page.Problem{Field: "code-de-securite", Key: key})
		p.Guard = page.SampleGuard("reinitialisation")
		p.Guard.Open = true
		list = append(list, page.Sample{Name: "address-" + name, Page: p})
	}
	unproved := emailPage(emailView{Identifier: someone}, page.Problem{Field: "robot", Key: "proof.again"})
	unproved.Guard = page.SampleGuard("reinitialisation")
	list = append(list, page.Sample{Name: "address-proof-again", Page: unproved})
	for name, key := range map[string]string{"trap-filled": "trap.filled", "trap-too-fast": "trap.too_fast", "trap-stale": "trap.stale",
		"cookies-refused": "cookies.refused"} {
		list = append(list, page.Sample{Name: "address-" + name, Page: emailPage(emailView{Identifier: someone}, page.Problem{Key: key})})
	}
	for name, key := range map[string]string{"empty": "address.empty", "malformed": "address.malformed", "too-long": "address.too_long", "accented": "address.accented"} {
		list = append(list, page.Sample{Name: "address-" + name,
			Page: emailPage(emailView{Identifier: "camille.serve@example"}, page.Problem{Field: "identifiant", Key: key})})
	}
	asked := askAbout(emailView{Identifier: "camille.serve@gmial.com", Suggestion: "camille.serve@gmail.com"})
	asked.Guard = page.SampleGuard("reinitialisation")
	misspelt := emailPage(emailView{Identifier: "camille.serve@gmailcom", Suggestion: "camille.serve@gmail.com"}, page.Problem{Field: "identifiant", Key: "address.malformed"})
	return append(list, page.Sample{Name: "address-asked", Page: asked}, page.Sample{Name: "address-misspelt", Page: misspelt})
}

func codeSamples() []page.Sample {
	list := mailedcode.Samples(codeTexts, "code", someone)
	for _, sample := range list {
		if sample.Name == "code" {
			sample.Name += "-other-session"
			sample.Page.Notice = &page.Notice{Kind: "info", Key: "code.other_session", Args: []any{"current", "yann.le-goff@example.test", "address", someone}}
			return append(list, sample)
		}
	}
	return list
}

func passwordSamples() []page.Sample {
	policy := password.Default()
	f := flow{ID: "1", Email: email.MustParse(someone), Handle: "h", Token: "t"}
	state := func(name string, problems ...page.Problem) page.Sample {
		view := passwordView{recap: f.recap(), Policy: policy, Until: "11\u00a0h\u00a032"}
		return page.Sample{Name: "password" + name, Page: page.Page{Template: "password", Heading: "reset.heading", Step: 3, Problems: problems, View: view}}
	}
	problem := func(key string, args ...any) page.Problem {
		return page.Problem{Field: "mot-de-passe", Key: key, Args: args}
	}
	confirmation := func(key string) page.Problem { return page.Problem{Field: "confirmation", Key: key} }
	list := []page.Sample{
		state(""),
		state("-empty", problem("password.empty"), confirmation("password.unconfirmed")),
		state("-too-short", problem("password.too_short", "n", 12, "typed", 4)),
		state("-too-plain", problem("password.too_plain", "n", 3, "all", 4)),
		state("-guessable", problem("password.guessable")),
		state("-differs", confirmation("password.differs")),
		state("-too-fast", page.Problem{Key: "trap.too_fast"}),
		state("-unconfirmed", confirmation("password.unconfirmed")),
	}
	for _, kind := range []kratos.ReasonKind{kratos.TooShort, kratos.TooLong, kratos.TooSimilar, kratos.Breached, kratos.SameAsOld, kratos.Other} {
		key, limit := refusal(kratos.Reason{Kind: kind, Min: 12, Max: 72})
		list = append(list, state("-kratos-"+string(kind), problem(key, "n", limit)))
	}
	return list
}

func otherSamples() []page.Sample {
	f := flow{ID: "1", Email: email.MustParse(someone), Handle: "h", Done: true}
	leave := leaveView{Current: someone, Linked: "yann.le-goff@example.test", Path: PathCode}
	return []page.Sample{
		{Name: "done", Page: page.Page{Template: "done", Heading: "reset.heading", Title: "done.title", View: doneView{f.recap()}}},
		{Name: "link", Page: page.Page{Template: "link", Heading: "reset.heading", Title: "link.title", View: leave}},
		mailedcode.MailOnlySample(PathEmail), page.MessageSample("link-forged", errLinkForged), page.MessageSample("link-over", errLinkOver),
		page.MessageSample("code-used", errCodeUsed), page.MessageSample("flow-none", errNoFlow),
		page.MessageSample("flow-finished", errDone), page.MessageSample("flow-over", errOver),
		page.MessageSample("flow-other-tab", otherTab(f, "").(*page.Message)), page.MessageSample("flow-same-address", otherTab(f, someone).(*page.Message)), page.MessageSample("password-late", errLate),
		page.MessageSample("account-inactive", inactive("https://assistance.example.test/")),
	}
}
