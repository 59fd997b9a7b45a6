package sitetest

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/sync/errgroup"
)

// Browser is a browser without JavaScript: it keeps cookies, follows redirects within the site, fills and submits forms
// as they stand in the page.
type Browser struct {
	client *http.Client
	Site   *Site
	Status int
	Header http.Header
	URL    *url.URL
	Source string

	page *html.Node
	form url.Values
	last func() (*http.Request, error) // makes the last form's request anew
}

// NewBrowser opens a browser of its own: no cookie is shared with another one.
func (s *Site) NewBrowser() *Browser {
	b := &Browser{Site: s, form: url.Values{}}
	b.client = &http.Client{Jar: newJar(s.Record), Timeout: time.Minute, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if !strings.HasPrefix(r.URL.String(), s.URL) && (s.Hydra == nil || !strings.HasPrefix(r.URL.String(), s.Hydra.PublicURL)) {
			return http.ErrUseLastResponse // another service: nothing listens there in a test
		}
		return nil
	}}
	return b
}

// Open goes to a path of the site, or of Hydra's public port: hydra:/oauth2/auth.
func (b *Browser) Open(path string) error {
	target := path
	if under, found := strings.CutPrefix(path, "hydra:"); found && b.Site.Hydra != nil {
		target = b.Site.Hydra.PublicURL + under
	}
	if strings.HasPrefix(path, "/") {
		target = b.Site.URL + path
	}
	r, err := http.NewRequest(http.MethodGet, target, nil)
	if err != nil {
		return err
	}
	return b.Do(r)
}

// Do sends a request as this browser and reads the page it ends on.
func (b *Browser) Do(r *http.Request) error {
	if r.UserAgent() == "" {
		r.Header.Set("User-Agent", "Mozilla/5.0 (essai sans JavaScript)")
	}
	if b.Site.Record != nil {
		b.Site.Record.sent(r)
		b.Site.Record.cookies(b.Cookies())
	}
	response, err := b.client.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	b.Status, b.Header, b.URL, b.Source, b.form = response.StatusCode, response.Header, response.Request.URL, string(raw), url.Values{}
	b.page, err = html.ParseWithOptions(strings.NewReader(b.Source), html.ParseOptionEnableScripting(false)) // what stands in a noscript is this browser's
	if b.Site.Record != nil {
		b.Site.Record.tickets(response.Header.Get("Location"))
		visit(b.page, func(n *html.Node) {
			if n.Data == "input" {
				b.Site.Record.Secret("field "+attr(n, "name"), attr(n, "value"))
			}
		})
	}
	return err
}

// Fill types into a field, named by its name.
func (b *Browser) Fill(name, value string) error {
	if find(b.page, func(n *html.Node) bool { return attr(n, "name") == name }) == nil {
		return fmt.Errorf("the page has no field %q", name)
	}
	b.form.Set(name, value)
	return nil
}

// Submit presses a button, named by what it says; "" is the first one. Fields not filled keep what the page gave them; a disabled
// one is sent only when filled, as a script would have enabled it.
func (b *Browser) Submit(button string) error {
	if _, err := b.Request(button); err != nil {
		return err
	}
	return b.Again()
}

// Again sends the last form once more, as a reload does.
func (b *Browser) Again() error {
	r, err := b.last()
	if err != nil {
		return err
	}
	return b.Do(r)
}

// AtOnce sends the form that pressing the button would send that many times in parallel, each time with the cookies this
// browser has now, and gives what each ended on.
func (b *Browser) AtOnce(n int, button string) ([]*Browser, error) {
	if _, err := b.Request(button); err != nil {
		return nil, err
	}
	cookies := b.Cookies()
	for _, cookie := range cookies {
		cookie.Path = "/"
	}
	ended := make([]*Browser, n)
	var sending errgroup.Group
	for i := range ended {
		ended[i] = b.Site.NewBrowser()
		ended[i].SetCookies(cookies)
		ended[i].last = b.last
		sending.Go(ended[i].Again)
	}
	return ended, sending.Wait()
}

// Place is the page's address within the site, without the handle of the tab whose form led there.
func (b *Browser) Place() string {
	here := *b.URL
	query := here.Query()
	if query.Has("reponse") {
		query.Del("reponse")
		here.RawQuery, here.Fragment = query.Encode(), ""
	}
	return strings.TrimPrefix(here.String(), b.Site.URL)
}

// Tab is another tab of this browser: the same cookies, a page of its own.
func (b *Browser) Tab() *Browser {
	return &Browser{Site: b.Site, client: b.client, form: url.Values{}}
}

// Request is what pressing the button would send.
func (b *Browser) Request(button string) (*http.Request, error) {
	pressed := find(b.page, func(n *html.Node) bool {
		return n.Data == "button" && attr(n, "type") != "button" && (button == "" || strings.Contains(textOf(n), button))
	})
	if pressed == nil {
		return nil, fmt.Errorf("the page has no button %q", button)
	}
	form := formOf(b.page, pressed)
	if form == nil {
		return nil, fmt.Errorf("the button %q is in no form", button)
	}
	values := url.Values{}
	visit(form, func(n *html.Node) {
		name := attr(n, "name")
		if n.Data == "input" && name != "" && (!disabled(n) || b.form.Has(name)) {
			values.Set(attr(n, "name"), attr(n, "value"))
		}
	})
	for name := range b.form {
		if values.Has(name) {
			values.Set(name, b.form.Get(name))
		}
	}
	if name := attr(pressed, "name"); name != "" {
		values.Set(name, attr(pressed, "value"))
	}
	action, err := b.URL.Parse(attr(form, "action"))
	if err != nil {
		return nil, err
	}
	b.last = func() (*http.Request, error) { return Post(action.String(), values) }
	return b.last()
}

// formOf is the form a button sends: the one that its form attribute names, else the one around it.
func formOf(page, button *html.Node) *html.Node {
	if id := attr(button, "form"); id != "" {
		return find(page, func(n *html.Node) bool { return n.Data == "form" && attr(n, "id") == id })
	}
	for n := button; n != nil; n = n.Parent {
		if n.Data == "form" {
			return n
		}
	}
	return nil
}

// Post is a form's request as a browser on the same site sends it.
func Post(target string, values url.Values) (*http.Request, error) {
	r, err := http.NewRequest(http.MethodPost, target, strings.NewReader(values.Encode()))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return r, nil
}

// Follow clicks a link, named by what it says.
func (b *Browser) Follow(words string) error {
	link := find(b.page, func(n *html.Node) bool { return n.Data == "a" && strings.Contains(textOf(n), words) })
	if link == nil {
		return fmt.Errorf("the page has no link %q", words)
	}
	target, err := b.URL.Parse(attr(link, "href"))
	if err != nil {
		return err
	}
	return b.Open(target.String())
}

// Text is what the page says, spaces folded (a no-break space is a space).
func (b *Browser) Text() string { return fold(textOf(b.page)) }

// Title is the page's <title>.
func (b *Browser) Title() string {
	n := find(b.page, func(n *html.Node) bool { return n.Data == "title" })
	if n == nil {
		return ""
	}
	return fold(textOf(n))
}

// Value is what a field holds.
func (b *Browser) Value(name string) string {
	return attr(find(b.page, func(n *html.Node) bool { return attr(n, "name") == name }), "value")
}

// Cookies are what this browser would send to the site.
func (b *Browser) Cookies() []*http.Cookie {
	return b.client.Jar.Cookies(b.home())
}

// SetCookies puts cookies into this browser.
func (b *Browser) SetCookies(cookies []*http.Cookie) {
	b.client.Jar.SetCookies(b.home(), cookies)
}

func (b *Browser) home() *url.URL {
	u, err := url.Parse(b.Site.URL)
	if err != nil {
		panic(err) // made by Start
	}
	return u
}

func fold(s string) string { return strings.Join(strings.Fields(s), " ") }

func visit(n *html.Node, see func(*html.Node)) {
	if n == nil {
		return
	}
	see(n)
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		visit(child, see)
	}
}

func find(root *html.Node, is func(*html.Node) bool) (found *html.Node) {
	visit(root, func(n *html.Node) {
		if found == nil && n.Type == html.ElementNode && is(n) {
			found = n
		}
	})
	return found
}

func attr(n *html.Node, name string) string {
	if n == nil {
		return ""
	}
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func disabled(n *html.Node) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "disabled" })
}

func textOf(root *html.Node) string {
	var b strings.Builder
	visit(root, func(n *html.Node) {
		if n.Type == html.TextNode && n.Parent != nil && n.Parent.Data != "script" && n.Parent.Data != "style" {
			b.WriteString(n.Data)
		}
		if n.Type == html.ElementNode && (n.Data == "p" || n.Data == "li" || n.Data == "br" || n.Data == "div" || n.Data == "h1" || n.Data == "h2") {
			b.WriteByte(' ')
		}
	})
	return b.String()
}
