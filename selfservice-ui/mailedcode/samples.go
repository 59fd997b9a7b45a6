package mailedcode

import "efpconnect.example/selfservice-ui/page"

// Samples is every state of the page for one kind of flow, with invented data; name precedes theirs.
func Samples(texts Texts, name, address string) []page.Sample {
	view := View{
		Email:    address,
		Handle:   "h",
		Texts:    texts,
		SentAt:   "10\u00a0h\u00a032",
		NextAt:   "10\u00a0h\u00a034",
		Wait:     60,
		Lifetime: 24,
	}
	state := func(of string, notice *page.Notice, left int, problems ...page.Problem) page.Sample {
		v := view
		v.Left, v.Used, v.Ended = left, left < 3, left == 0
		p := codePage(v)
		p.Notice, p.Problems = notice, problems
		return page.Sample{Name: name + of, Page: p}
	}
	problem := func(key string, args ...any) page.Problem { return page.Problem{Field: "code", Key: key, Args: args} }
	asks := func(of, field, key string) page.Sample {
		asked := state(of, nil, 3, page.Problem{Field: field, Key: key})
		asked.Page.Guard = page.SampleGuard("code")
		asked.Page.Guard.Open = field == "code-de-securite"
		return asked
	}
	over := view
	over.Ended = true
	expired := page.Sample{Name: name + "-expired", Page: codePage(over)}
	expired.Page.Problems = []page.Problem{{Key: codeExpired}}
	pictureOnly := asks("-picture", "code-de-securite", "captcha.empty")
	pictureOnly.Page.Guard.Proof = ""
	return []page.Sample{
		pictureOnly,
		asks("-picture-or-proof", "code-de-securite", "captcha.empty_or_proof"),
		asks("-proof-again", "robot", "proof.again"),
		state("-too-fast", nil, 3, page.Problem{Key: "trap.too_fast"}),
		state("", nil, 3),
		state("-wrong", nil, 2, problem("code.wrong", "n", 2)),
		state("-wrong-last", nil, 1, problem("code.wrong_last")),
		state("-wrong-by-mail", nil, 4, problem("code.wrong_by_mail", "n", 4)),
		state("-wrong-by-mail-last", nil, 1, problem("code.wrong_by_mail_last")),
		state("-empty", nil, 3, problem("code.empty")),
		state("-letters", nil, 3, problem("code.letters")),
		state("-length", nil, 3, problem("code.length")),
		expired,
		state("-spent", nil, 0, page.Problem{Key: "code.spent"}),
		state("-spent-plain", nil, 0, page.Problem{Key: "code.spent_plain"}),
		state("-one-used", nil, 2),
		state("-renewed", &page.Notice{Kind: "info", Key: "code.renewed"}, 3),
		state("-resent", &page.Notice{Kind: "success", Key: "code.resent"}, 3),
		state("-too-early", &page.Notice{Kind: "warning", Key: "code.too_early", Args: []any{"hour", "10\u00a0h\u00a034"}}, 3),
		state("-not-sent", &page.Notice{Kind: "warning", Key: "code.not_sent"}, 3),
	}
}

// MailOnlySample is the page of a site that takes no code but by the mail's button.
func MailOnlySample(start string) page.Sample {
	return page.MessageSample("limit-mail-only", mailOnly(start))
}
