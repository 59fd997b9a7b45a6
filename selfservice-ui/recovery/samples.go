package recovery

import (
	"efpconnect.example/internal/email"
	"efpconnect.example/selfservice-ui/flows"
	"efpconnect.example/selfservice-ui/mailedcode"
	"efpconnect.example/selfservice-ui/newpassword"
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
	return newpassword.Samples("reset.heading", "password", newpassword.View{Email: someone, Action: PathPassword})
}

func otherSamples() []page.Sample {
	f := flow{Flow: flows.Flow{ID: "1", Email: email.MustParse(someone), Handle: "h", Done: true}}
	leave := mailedcode.LeaveView{Current: someone, Linked: "yann.le-goff@example.test", Path: PathCode}
	return []page.Sample{
		{Name: "done", Page: page.Page{Template: "done", Heading: "reset.heading", Title: "done.title", View: doneView{f.recap()}}},
		{Name: "link", Page: page.Page{Template: "link", Heading: "reset.heading", Title: "link.title", View: leave}},
		mailedcode.MailOnlySample(PathEmail), page.MessageSample("link-forged", errLinkForged), page.MessageSample("link-over", errLinkOver),
		page.MessageSample("code-used", errCodeUsed), page.MessageSample("flow-none", errNoFlow),
		page.MessageSample("flow-finished", errDone), page.MessageSample("flow-over", errOver),
		page.MessageSample("flow-other-tab", otherTab(f, "").(*page.Message)), page.MessageSample("flow-same-address", otherTab(f, someone).(*page.Message)), page.MessageSample("password-late", errLate),
		page.MessageSample("flow-elsewhere", errElsewhere), page.MessageSample("password-gone", gone("https://assistance.example.test/")),
		page.MessageSample("account-inactive", inactive("https://assistance.example.test/")),
	}
}
