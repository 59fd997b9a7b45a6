package ui_test

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/seal"
	"efpconnect.example/internal/settings"
	"efpconnect.example/internal/testkit/kratostest"
	"efpconnect.example/internal/testkit/sitetest"
)

// stage is a site with people at each step, whose cookies, handles, codes and links a request may name in braces:
//
//	{code} {password} {done} {signed-in}             the cookies of a browser at that step
//	{handle} {handle-other} {handle-done}            of the flows at step 2, at step 3 and at the end
//	{right} {link} {cookie}                          of the flow at step 2
//	{link-cut} {link-flipped} {link-foreign} {link-expired}, and the same of {cookie}
//	{address}                                        of the person at step 3
type stage struct {
	*sitetest.Site
	has    *strings.Replacer
	opened string // the cookies of a browser that has opened step 1 and the login: one that keeps none is told so
}

func newStage(t testing.TB) *stage {
	t.Helper()
	site := sitetest.Start(t, sitetest.Options{
		Settings: func(set *settings.Settings) {
			set.ReturnTo = []string{"https://service.example.test"}
		},
		Engine: func(e *kratosprocess.Options) { e.Overrides["log.level"] = "error" }, // thousands of requests
	})
	second, right, link := walkTo(t, site, "etape2@example.test", "/reinitialisation/code")
	third, _, _ := walkTo(t, site, "etape3@example.test", "/reinitialisation/mot-de-passe")
	done, _, _ := walkTo(t, site, "terminee@example.test", "/reinitialisation/terminee")
	signedIn, _, _ := walkTo(t, site, "connecte@example.test", "/services")
	suite := link[strings.LastIndexByte(link, '/')+1:]
	cookie := cookieOf(t, second, "efp_reinitialisation")
	pairs := []string{
		"{code}", header(second), "{password}", header(third), "{done}", header(done), "{signed-in}", header(signedIn),
		"{handle}", second.Value("demande"), "{handle-other}", third.Value("demande"), "{handle-done}", done.Value("demande"),
		"{right}", right, "{address}", "etape3@example.test"}
	for name, sealed := range map[string]string{"link": suite, "cookie": cookie} {
		middle := len(sealed) / 2
		pairs = append(pairs, "{"+name+"}", sealed, "{"+name+"-cut}", sealed[:middle],
			"{"+name+"-flipped}", sealed[:middle]+string(sealed[middle]^1)+sealed[middle+1:])
		purpose := map[string]string{"link": "link suite", "cookie": "cookie efp_reinitialisation"}[name]
		pairs = append(pairs, "{"+name+"-foreign}", resealed(t, site, purpose, sealed, seal.NewKey(), time.Now()),
			"{"+name+"-expired}", resealed(t, site, purpose, sealed, site.Settings.Keys[0], time.Now().Add(-49*time.Hour)))
	}
	opened := site.NewBrowser()
	must(t, opened.Open("/reinitialisation"))
	must(t, opened.Open("/connexion"))
	return &stage{site, strings.NewReplacer(pairs...), header(opened)}
}

// walkTo is a new person's browser at one of the pages, with the code and link of its mail.
func walkTo(t testing.TB, site *sitetest.Site, address, path string) (b *sitetest.Browser, code, link string) {
	t.Helper()
	must(t, site.CreateAccount(kratostest.Identity{Email: address, Verified: true}))
	b = site.NewBrowser()
	steps := []func() error{
		func() error { return b.Open("/reinitialisation") },
		func() error { return b.Fill("identifiant", address) },
		func() error { return b.Submit("Suivant") },
		func() (err error) { code, link, err = site.Code(address, 1); return err },
		func() error { return b.Fill("code", code) },
		func() error { return b.Submit("Suivant") },
		func() error { return b.Fill("mot-de-passe", newPassword) },
		func() error { return b.Fill("confirmation", newPassword) },
		func() error { return b.Submit("Suivant") },
		func() error { return b.Submit("Terminer") },
		func() error { return b.Fill("mot-de-passe", newPassword) },
		func() error { return b.Submit("Je m’identifie avec") },
	}
	for _, step := range steps {
		must(t, step())
		if b.URL.Path == path && link != "" {
			return b, code, link
		}
	}
	t.Fatalf("%s was never reached: %d %s", path, b.Status, b.URL.Path)
	return nil, "", ""
}

func cookieOf(t testing.TB, b *sitetest.Browser, name string) string {
	t.Helper()
	for _, c := range b.Cookies() {
		if c.Name == name {
			return c.Value
		}
	}
	t.Fatalf("no cookie %s", name)
	return ""
}

// header is what a browser sends of its cookies.
func header(b *sitetest.Browser) string {
	var list []string
	for _, c := range b.Cookies() {
		list = append(list, c.Name+"="+c.Value)
	}
	return strings.Join(list, "; ")
}

// resealed is what a sealed text holds, sealed anew by a key at a time.
func resealed(t testing.TB, site *sitetest.Site, purpose, sealed, key string, at time.Time) string {
	t.Helper()
	own, err := seal.New(site.Settings.Keys, time.Now)
	must(t, err)
	var held json.RawMessage
	must(t, own.Open(purpose, sealed, &held))
	other, err := seal.New([]string{key}, func() time.Time { return at })
	must(t, err)
	text, err := other.Seal(purpose, 48*time.Hour, held)
	must(t, err)
	return text
}

// request is an attempt as it is sent to the site.
func (s *stage) request(a attempt, secret string) (*http.Request, bool) {
	fill := func(text string) string {
		return long.Replace(s.has.Replace(strings.ReplaceAll(text, "{secret}", secret)))
	}
	path, query, _ := strings.Cut(fill(a.path), "?")
	r, err := http.NewRequest(fill(a.method), s.URL, strings.NewReader(fill(a.body)))
	if err != nil {
		return nil, false
	}
	r.URL.Path, r.URL.RawQuery = "/"+strings.TrimPrefix(path, "/"), query
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for line := range strings.SplitSeq(fill(a.header), "\n") {
		name, value, found := strings.Cut(line, ":")
		switch {
		case !found:
		case strings.EqualFold(name, "Host"):
			r.Host = strings.TrimSpace(value)
		case strings.TrimSpace(value) == "":
			r.Header.Del(name)
		default:
			r.Header.Set(name, strings.TrimSpace(value))
		}
	}
	r.Header.Set("Cookie", cmp.Or(fill(a.cookie), s.opened))
	return r, true
}
