package sitetest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// What the record hears of a walk, whether a person typed it or never saw it: what passes between browser and site, between
// site and Kratos, and what the mails say.

// tickets notes the ticket in the address that a browser is sent to.
func (r *Record) tickets(location string) {
	at, err := url.Parse(location)
	if err != nil {
		return
	}
	for _, name := range []string{"ticket", "SAMLart"} {
		r.Secret("ticket", at.Query().Get(name))
	}
}

// sent notes what a browser sends: who it is, and every field of its form, known to the site or not.
func (r *Record) sent(request *http.Request) {
	r.Secret("user agent", request.UserAgent())
	for _, address := range strings.Split(request.Header.Get("X-Forwarded-For"), ",") {
		r.Secret("client address", address)
	}
	for _, place := range []string{"/reinitialisation/suite/", "/creer-un-compte/suite/", "/securite/"} {
		if _, rest, found := strings.Cut(request.URL.Path, place); found {
			value, _, _ := strings.Cut(rest, "/")
			r.Secret("link", value)
		}
	}
	r.form(request.URL.RawQuery)
	if request.GetBody == nil {
		return
	}
	body, err := request.GetBody()
	if err != nil {
		return
	}
	raw, err := io.ReadAll(io.LimitReader(body, 64<<10)) // what is longer the site reads no further
	if err != nil {
		return
	}
	r.form(string(raw))
}

// ofService are fields by which a service names itself and what it asks for: they say nothing of a person, and client_id is a name
// of services.yml, which the log has. So is service where it is no address.
var ofService = []string{"client_id", "scope", "response_type"}

// form notes the fields of a form, and of what is none every piece that could be one.
func (r *Record) form(raw string) {
	for pair := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(value); err == nil {
			value = plain
		}
		if slices.Contains(ofService, name) || name == "service" && !strings.Contains(value, "://") {
			continue
		}
		r.Secret("field "+name, value)
	}
}

// noting is a jar that tells the record of each cookie, sent again or not.
type noting struct {
	http.CookieJar
	record *Record
}

func newJar(record *Record) http.CookieJar {
	jar, _ := cookiejar.New(nil) // fails for no reason
	if record == nil {
		return jar
	}
	return noting{jar, record}
}

func (n noting) SetCookies(u *url.URL, cookies []*http.Cookie) {
	n.record.cookies(cookies)
	n.CookieJar.SetCookies(u, cookies)
}

func (r *Record) cookies(cookies []*http.Cookie) {
	for _, cookie := range cookies {
		r.Secret("cookie "+cookie.Name, cookie.Value)
	}
}

// asked notes what the site tells Kratos: the token, the person's session, every text of the body.
func (r *Record) asked(request *http.Request, body []byte) {
	r.Secret("token", request.Header.Get("X-Session-Token"))
	r.cookies(request.Cookies())
	var told any
	if json.Unmarshal(body, &told) == nil {
		r.texts(told)
	}
}

// texts notes the texts of a document by their names, but for what the protocol itself says in them.
func (r *Record) texts(document any) {
	switch v := document.(type) {
	case map[string]any:
		for name, inner := range v {
			if text, ok := inner.(string); ok && name != "method" {
				r.Secret("kratos "+name, text)
			}
			r.texts(inner)
		}
	case []any:
		for _, inner := range v {
			r.texts(inner)
		}
	}
}

// answered is what Kratos's answers hold of a person. An id opens an API flow to whoever knows it.
type answered struct {
	ID           string
	Token        string `json:"logout_token"`
	Identity     struct{ ID string }
	ContinueWith []struct {
		Token string `json:"ory_session_token"`
		Flow  struct{ ID string }
	} `json:"continue_with"`
	UI struct {
		Nodes []struct {
			Attributes struct {
				Name  string
				Value any
			}
		}
	}
}

// answered notes the ids, tokens and cookies that Kratos gave.
func (r *Record) answered(route string, answer *http.Response, body []byte) {
	r.cookies(answer.Cookies())
	var a answered
	if json.Unmarshal(body, &a) != nil {
		return // nothing is given by what is no document
	}
	what := "flow"
	if route == "/sessions/whoami" {
		what = "session"
	}
	r.Secret(what, a.ID)
	r.Secret("token", a.Token)
	r.Secret("account", a.Identity.ID)
	for _, next := range a.ContinueWith {
		r.Secret("token", next.Token)
		r.Secret("flow", next.Flow.ID)
	}
	for _, node := range a.UI.Nodes {
		if value, ok := node.Attributes.Value.(string); ok && node.Attributes.Name != "method" {
			r.Secret("kratos "+node.Attributes.Name, value)
		}
	}
}

var (
	codeInMail = regexp.MustCompile(`(?m)^\s*(\d[ \d]{4,14}\d)\s*$`)
	linkInMail = regexp.MustCompile(`https?://\S+/(?:reinitialisation|creer-un-compte)/suite/\S+`)
)

// mailed notes what every mail holds, also those that nobody opened.
func (r *Record) mailed(s *Site) {
	for _, mail := range s.Mailbox.Messages() {
		for _, to := range mail.To {
			r.Secret("address", to)
		}
		if found := codeInMail.FindStringSubmatch(mail.Text); found != nil {
			r.Secret("code", strings.ReplaceAll(found[1], " ", ""))
			r.Secret("code", strings.TrimSpace(found[1]))
		}
		if _, link, found := strings.Cut(linkInMail.FindString(mail.Text), "/suite/"); found {
			r.Secret("link", link)
		}
	}
}
