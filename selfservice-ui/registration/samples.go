package registration

import (
	"time"

	"efpconnect.example/internal/email"
	"efpconnect.example/internal/password"
	"efpconnect.example/selfservice-ui/mailedcode"
	"efpconnect.example/selfservice-ui/newpassword"
	"efpconnect.example/selfservice-ui/page"
)

const someone = "camille.serve@example.test"

// Samples is every state of this package's own pages, with invented data. Those that the reset has too are here in their first state.
func Samples() []page.Sample {
	typed := formView{Names: Names{Title: "Madame", Given: "Camille", Family: "Serve"}, Identifier: someone}
	guarded := formPage(formView{})
	guarded.Guard = page.SampleGuard("creation")
	again := formPage(typed)
	again.Notice = &page.Notice{Kind: "info", Key: "register.again"}
	misspelt := typed
	misspelt.Identifier, misspelt.Suggestion = "camille.serve@gmial.com", "camille.serve@gmail.com"
	asked := formPage(misspelt)
	asked.Notice = &page.Notice{Kind: "info", Key: "address.suggest", Args: []any{"address", misspelt.Suggestion}}
	underWay := typed
	underWay.UnderWay = PathCode
	f := newFlow("1", email.MustParse(someone), Names{}, time.Time{}, "")
	step3 := newpassword.View{Email: someone, Action: PathPassword}
	named := step3
	named.Names = Names{}
	list := []page.Sample{
		{Name: "register", Page: guarded},
		{Name: "register-again", Page: again},
		{Name: "register-asked", Page: asked},
		{Name: "register-under-way", Page: formPage(underWay)},
		{Name: "register-exists", Page: existsPage(existsView{})},
		{Name: "register-made", Page: existsPage(existsView{Made: true})},
		{Name: "register-done", Page: donePage(f)},
		{Name: "register-code", Page: sampleOf(mailedcode.Samples(codeTexts, "c", someone), "c")},
		{Name: "register-password", Page: sampleOf(newpassword.Samples(heading, "p", step3), "p")},
		{Name: "register-link", Page: page.Page{Template: "link", Heading: heading, Title: "link.title",
			View: mailedcode.LeaveView{Current: someone, Linked: "yann.le-goff@example.test", Path: PathCode}}},
	}
	step3Names := sampleOf(newpassword.Samples(heading, "p", named), "p")
	step3Names.Notice = &page.Notice{Kind: "info", Key: "register.names_here"}
	wrong := Names{Given: "www.exemple.test", Family: "a@b", Phone: "un"}
	list = append(list,
		page.Sample{Name: "register-password-names", Page: step3Names},
		page.Sample{Name: "register-password-names-empty", Page: newpassword.Page(heading, sampleView(named), Names{}.faults()...)},
		page.Sample{Name: "register-empty", Page: formPage(formView{}, append(Names{}.faults(), page.Problem{Field: "identifiant", Key: "address.empty"})...)},
		page.Sample{Name: "register-wrong-names", Page: formPage(formView{Names: wrong, Identifier: "camille"}, append(wrong.faults(), page.Problem{Field: "identifiant", Key: "address.malformed"})...)},
		page.Sample{Name: "register-domain", Page: formPage(typed, page.Problem{Field: "identifiant", Key: "register.domain", Args: []any{"domains", "example.org"}})},
	)
	for name, m := range map[string]*page.Message{"none": errNone, "used": errUsed, "over": errOver, "late": errLate,
		"link-forged": errLinkForged, "link-over": errLinkOver, "other-tab": otherTab(f), "inactive": inactive("https://assistance.example.test/")} {
		list = append(list, page.MessageSample("register-"+name, m))
	}
	return list
}

func sampleView(v newpassword.View) newpassword.View {
	v.Policy, v.Handle, v.Until = password.Default(), "h", "11\u00a0h\u00a032"
	return v
}

func sampleOf(list []page.Sample, name string) page.Page {
	for _, sample := range list {
		if sample.Name == name {
			return sample.Page
		}
	}
	return page.Page{}
}
