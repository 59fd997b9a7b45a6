package recovery

import (
	"efpconnect.example/internal/email"
	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/password"
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
	f := flow{ID: "1", Email: email.MustParse(someone), Handle: "h"}
	view := codeView{recap: f.recap(), SentAt: "10\u00a0h\u00a032", NextAt: "10\u00a0h\u00a034", Wait: 60, Left: 3, Lifetime: 24}
	state := func(name string, notice *page.Notice, left int, problems ...page.Problem) page.Sample {
		v := view
		v.Left, v.Spent = left, left == 0
		return page.Sample{Name: "code" + name, Page: page.Page{Template: "code", Heading: "reset.heading", Step: 2, Notice: notice, Problems: problems, View: v}}
	}
	problem := func(key string, args ...any) page.Problem { return page.Problem{Field: "code", Key: key, Args: args} }
	asks := func(name, field, key string) page.Sample {
		asked := state(name, nil, 3, page.Problem{Field: field, Key: key})
		asked.Page.Guard = page.SampleGuard("code")
		asked.Page.Guard.Open = field == "code-de-securite"
		return asked
	}
	pictureOnly := asks("-picture", "code-de-securite", "captcha.empty")
	pictureOnly.Page.Guard.Proof = ""
	return []page.Sample{
		pictureOnly, asks("-picture-or-proof", "code-de-securite", "captcha.empty_or_proof"), asks("-proof-again", "robot", "proof.again"),
		state("-too-fast", nil, 3, page.Problem{Key: "trap.too_fast"}),
		state("", nil, 3),
		state("-wrong", nil, 2, problem("code.wrong", "n", 2)),
		state("-wrong-last", nil, 1, problem("code.wrong_last")),
		state("-wrong-by-mail", nil, 4, problem("code.wrong_by_mail", "n", 4)),
		state("-wrong-by-mail-last", nil, 1, problem("code.wrong_by_mail_last")),
		state("-empty", nil, 3, problem("code.empty")),
		state("-letters", nil, 3, problem("code.letters")),
		state("-length", nil, 3, problem("code.length")),
		state("-expired", nil, 3, problem("code.expired")),
		state("-spent", nil, 0, problem("code.spent")),
		state("-spent-plain", nil, 0, problem("code.spent_plain")),
		state("-renewed", &page.Notice{Kind: "info", Key: "code.renewed"}, 3),
		state("-resent", &page.Notice{Kind: "success", Key: "code.resent"}, 3),
		state("-too-early", &page.Notice{Kind: "warning", Key: "code.too_early", Args: []any{"hour", "10\u00a0h\u00a034"}}, 3),
		state("-other-session", &page.Notice{Kind: "info", Key: "code.other_session", Args: []any{"current", "yann.le-goff@example.test", "address", someone}}, 3),
		state("-not-sent", &page.Notice{Kind: "warning", Key: "code.not_sent"}, 3),
	}
}

func passwordSamples() []page.Sample {
	policy := password.Default()
	f := flow{ID: "1", Email: email.MustParse(someone), Handle: "h", Token: "t"}
	state := func(name, typed string, problems ...page.Problem) page.Sample {
		report := policy.Check(typed)
		view := passwordView{recap: f.recap(), Policy: policy, Report: report, Typed: len(problems) > 0 && problems[0].Field != "" && listed(report), Until: "11\u00a0h\u00a032"}
		return page.Sample{Name: "password" + name, Page: page.Page{Template: "password", Heading: "reset.heading", Step: 3, Problems: problems, View: view}}
	}
	problem := func(key string, args ...any) page.Problem {
		return page.Problem{Field: "mot-de-passe", Key: key, Args: args}
	}
	confirmation := func(key string) page.Problem { return page.Problem{Field: "confirmation", Key: key} }
	list := []page.Sample{
		state("", ""),
		state("-empty", "", problem("password.empty"), confirmation("password.unconfirmed")),
		state("-too-short", "Abc1", problem("password.too_short", "n", 12, "typed", 4)),
		state("-too-plain", "abcdefghijklm", problem("password.too_plain", "n", 3, "all", 4)),
		state("-guessable", "Motdepasse2026!", problem("password.guessable")),
		state("-differs", "Abcdefghijk1!", confirmation("password.differs")),
		state("-too-fast", "", page.Problem{Key: "trap.too_fast"}),
		state("-unconfirmed", "Abcdefghijk1!", confirmation("password.unconfirmed")),
	}
	for _, kind := range []kratos.ReasonKind{kratos.TooShort, kratos.TooLong, kratos.TooSimilar, kratos.Breached, kratos.SameAsOld, kratos.Other} {
		key, limit := refusal(kratos.Reason{Kind: kind, Min: 12, Max: 72})
		list = append(list, state("-kratos-"+string(kind), "Abcdefghijk1!", problem(key, "n", limit)))
	}
	return list
}

func otherSamples() []page.Sample {
	f := flow{ID: "1", Email: email.MustParse(someone), Handle: "h", Done: true}
	leave := leaveView{Current: someone, Linked: "yann.le-goff@example.test", Path: PathCode}
	over := &page.Message{Status: 410, Heading: "reset.heading", Text: "flow.over", Actions: []page.Action{actionRestart, actionLogin}}
	return []page.Sample{
		{Name: "done", Page: page.Page{Template: "done", Heading: "reset.heading", Title: "done.title", View: doneView{f.recap()}}},
		{Name: "link", Page: page.Page{Template: "link", Heading: "reset.heading", Title: "link.title", View: leave}},
		page.MessageSample("limit-mail-only", errMailOnly), page.MessageSample("link-forged", errLinkForged), page.MessageSample("link-over", errLinkOver),
		page.MessageSample("code-used", errCodeUsed), page.MessageSample("flow-none", errNoFlow),
		page.MessageSample("flow-finished", errDone), page.MessageSample("flow-over", over),
		page.MessageSample("flow-other-tab", otherTab(f, "").(*page.Message)), page.MessageSample("flow-same-address", otherTab(f, someone).(*page.Message)), page.MessageSample("password-late", errLate),
		page.MessageSample("account-inactive", inactive("https://assistance.example.test/")),
	}
}
