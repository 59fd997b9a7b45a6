package cas

import (
	"encoding/json"
	"encoding/xml"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/services"
	"efpconnect.example/internal/store"
	"efpconnect.example/selfservice-ui/formguard"
)

const (
	aService = "https://formation.example.test/app?x=1&y=é"
	prefix   = "/cas"
)

const aRegistry = `services:
  - {id: formation, name: Formation, addresses: ["https://formation.example.test/app"], protocol: cas, identifier: email}
  - {id: contrats, name: Contrats, addresses: ["https://contrats.example.test/"], protocol: cas, identifier: email}
`

func handler(now func() time.Time) *Handler {
	registry, err := services.Parse([]byte(aRegistry))
	if err != nil {
		panic(err)
	}
	limits, err := limit.New(limit.Memory(10_000, now), limit.Defaults())
	if err != nil {
		panic(err)
	}
	log := slog.New(slog.DiscardHandler)
	return &Handler{
		Store:    store.NewMemory(30_000, now),
		Guard:    &formguard.Guard{Limits: limits, Now: now, Log: log},
		Registry: registry,
		Now:      now,
		Log:      log,
		Issuer:   "https://efpconnect.example.test",
	}
}

func issue(t *testing.T, h *Handler, change func(*grant)) string {
	t.Helper()
	g := grant{Service: aService, Entry: "formation", Protocol: services.CAS, Prefix: prefix, Session: "s", Account: "a", LoggedIn: time.Unix(1_700_000_000, 0),
		Released: services.Released{User: "camille.serve@example.test", Attributes: map[string]string{"givenName": "Camille <&>\x01", "sn": "Serve"}}}
	if change != nil {
		change(&g)
	}
	ticket, err := tickets{h.Store}.issue(t.Context(), g)
	if err != nil {
		t.Fatal(err)
	}
	return ticket
}

func get(h http.HandlerFunc, values url.Values) string {
	w := httptest.NewRecorder()
	h(w, httptest.NewRequest(http.MethodGet, "/?"+values.Encode(), nil))
	return w.Body.String()
}

func query(service, ticket string) url.Values {
	return url.Values{"service": {service}, "ticket": {ticket}}
}

func TestPlain(t *testing.T) {
	h := handler(time.Now)
	ticket := issue(t, h, nil)
	if got := get(h.plain(prefix), query(aService, ticket)); got != "yes\ncamille.serve@example.test\n" {
		t.Errorf("%q", got)
	}
	if got := get(h.plain(prefix), query(aService, ticket)); got != "no\n\n" {
		t.Errorf("a second time: %q", got)
	}
}

func TestServiceXML(t *testing.T) {
	h := handler(time.Now)
	body := get(h.service(prefix, true), query(aService, issue(t, h, nil)))
	var read struct {
		Success struct {
			User       string `xml:"user"`
			Attributes struct {
				GivenName string `xml:"givenName"`
				New       string `xml:"isFromNewLogin"`
				Date      string `xml:"authenticationDate"`
			} `xml:"attributes"`
		} `xml:"authenticationSuccess"`
	}
	if err := xml.Unmarshal([]byte(body), &read); err != nil {
		t.Fatal(err, body)
	}
	a := read.Success.Attributes
	if read.Success.User != "camille.serve@example.test" || a.GivenName != "Camille <&>" || a.New != "false" || a.Date != "2023-11-14T22:13:20Z" {
		t.Errorf("%+v in %s", read, body)
	}
	if body := get(h.service(prefix, false), query(aService, issue(t, h, nil))); strings.Contains(body, "attributes") {
		t.Errorf("2.0 has no attributes: %s", body)
	}
	values := query(aService, issue(t, h, nil))
	values.Set("format", "JSON")
	var j struct {
		ServiceResponse struct {
			AuthenticationSuccess struct {
				User       string
				Attributes map[string][]string
			}
		}
	}
	if err := json.Unmarshal([]byte(get(h.service(prefix, true), values)), &j); err != nil || j.ServiceResponse.AuthenticationSuccess.Attributes["sn"][0] != "Serve" {
		t.Errorf("%+v, %v", j, err)
	}
}

// Each way to hand in a ticket that is none, or another's, with the protocol's code. Whatever the answer, the ticket is spent.
func TestFailures(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	h := handler(func() time.Time { return now })
	for why, c := range map[string]struct {
		ask  func(ticket string) url.Values
		made func(*grant)
		late bool
		want string
	}{
		"no service":          {ask: func(ticket string) url.Values { return url.Values{"ticket": {ticket}} }, want: invalidRequest},
		"no ticket":           {ask: func(string) url.Values { return url.Values{"service": {aService}} }, want: invalidRequest},
		"a service twice":     {ask: func(ticket string) url.Values { return url.Values{"ticket": {ticket}, "service": {aService, aService}} }, want: invalidRequest},
		"a ticket twice":      {ask: func(ticket string) url.Values { return url.Values{"ticket": {ticket, ticket}, "service": {aService}} }, want: invalidRequest},
		"a proxy ticket":      {ask: func(string) url.Values { return query(aService, "PT-1") }, want: invalidTicketSpec},
		"too long":            {ask: func(string) url.Values { return query(aService, "ST-"+strings.Repeat("A", 300)) }, want: invalidTicketSpec},
		"invented":            {ask: func(string) url.Values { return query(aService, "ST-INVENTED") }, want: invalidTicket},
		"another service":     {ask: func(ticket string) url.Values { return query("https://other.example.test/", ticket) }, want: invalidService},
		"one byte more":       {ask: func(ticket string) url.Values { return query(aService+"&z", ticket) }, want: invalidService},
		"a saml ticket":       {made: func(g *grant) { g.Protocol = services.SAML }, want: invalidTicket},
		"under another path":  {made: func(g *grant) { g.Prefix = "/autre" }, want: invalidTicket},
		"late":                {late: true, want: invalidTicket},
		"a new login, wanted": {ask: func(ticket string) url.Values { v := query(aService, ticket); v.Set("renew", "true"); return v }, want: invalidTicket},
	} {
		ticket := issue(t, h, c.made)
		if c.late {
			now = now.Add(ticketLife + time.Second)
		}
		values := query(aService, ticket)
		if c.ask != nil {
			values = c.ask(ticket)
		}
		if body := get(h.service(prefix, true), values); !strings.Contains(body, `<cas:authenticationFailure code="`+c.want+`"`) {
			t.Errorf("%s: %s", why, body)
		}
		if values.Get("ticket") == ticket && c.want != invalidRequest {
			if body := get(h.service(prefix, true), query(aService, ticket)); !strings.Contains(body, invalidTicket) {
				t.Errorf("%s: the ticket was not spent: %s", why, body)
			}
		}
	}
	renewed := issue(t, h, func(g *grant) { g.NewLogin = true })
	values := query(aService, renewed)
	values.Set("renew", "true")
	if body := get(h.service(prefix, true), values); !strings.Contains(body, "authenticationSuccess") {
		t.Errorf("a new login: %s", body)
	}
	w := httptest.NewRecorder()
	proxy(w, nil)
	if !strings.Contains(w.Body.String(), unauthorizedProxy) {
		t.Errorf("/proxy: %s", w.Body)
	}
}

// However many ask at once, one is answered yes.
func TestOneTicketOneAnswer(t *testing.T) {
	h := handler(time.Now)
	for range 20 {
		ticket := issue(t, h, nil)
		var yes atomic.Int32
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				if strings.HasPrefix(get(h.plain(prefix), query(aService, ticket)), "yes") {
					yes.Add(1)
				}
			})
		}
		if all.Wait(); yes.Load() != 1 {
			t.Fatalf("%d times yes", yes.Load())
		}
	}
}

// Whatever ticket is brought a second time, late or for another service: none of ten thousand is valid.
func TestTenThousandWrongTickets(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	h := handler(func() time.Time { return now })
	valid := func(service, ticket string) bool {
		_, f := h.validate(t.Context(), asked{service: service, ticket: ticket, prefix: prefix, protocol: services.CAS})
		return f.code == ""
	}
	accepted := 0
	for i := range 10_000 {
		now = now.Add(100 * time.Millisecond) // within the limit of a service
		ticket, service := issue(t, h, nil), aService
		switch i % 4 {
		case 0:
			if !valid(aService, ticket) {
				t.Fatal("a right one is refused")
			}
		case 1:
			now = now.Add(ticketLife)
		case 2:
			service = "https://contrats.example.test/"
		case 3:
			ticket = ticket[:len(ticket)-1] + string('A'+rune(i%26)) + "A"
		}
		if valid(service, ticket) {
			accepted++
		}
	}
	if accepted != 0 {
		t.Errorf("%d accepted", accepted)
	}
}

// A service that asks without end is bounded alone, and its tickets are not spent by that.
func TestOneServicesLoop(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	h := handler(func() time.Time { return now })
	const app = "https://formation.example.test/app"
	var body string
	asked := 0
	for ; asked < 5000 && !strings.Contains(body, internalError); asked++ {
		body = get(h.service(prefix, true), query(app, "ST-INVENTED"))
	}
	if asked != h.Guard.Limits.Burst(limit.TicketService)+1 {
		t.Errorf("bounded after %d", asked)
	}
	ticket := issue(t, h, func(g *grant) { g.Service = app })
	if body := get(h.service(prefix, true), query(app, ticket)); !strings.Contains(body, internalError) {
		t.Errorf("past the limit: %s", body)
	}
	const other = "https://contrats.example.test/"
	if body := get(h.service(prefix, true), query(other, issue(t, h, func(g *grant) { g.Service, g.Entry = other, "contrats" }))); !strings.Contains(body, "Success") {
		t.Errorf("another service: %s", body)
	}
	now = now.Add(time.Second)
	if body := get(h.service(prefix, true), query(app, ticket)); !strings.Contains(body, "Success") {
		t.Errorf("a second later: %s", body)
	}
}

const envelope = `<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Header/><SOAP-ENV:Body>` +
	`<samlp:Request xmlns:samlp="urn:oasis:names:tc:SAML:1.0:protocol" MajorVersion="1" MinorVersion="1" RequestID="_r1" IssueInstant="2026-11-30T10:00:00Z">` +
	`<samlp:AssertionArtifact>TICKET</samlp:AssertionArtifact></samlp:Request></SOAP-ENV:Body></SOAP-ENV:Envelope>`

func postSAML(h *Handler, target, body string) string {
	w := httptest.NewRecorder()
	h.saml(prefix)(w, httptest.NewRequest(http.MethodPost, "/samlValidate?"+url.Values{"TARGET": {target}}.Encode(), strings.NewReader(body)))
	return w.Body.String()
}

func TestSAML(t *testing.T) {
	h := handler(func() time.Time { return time.Unix(1_700_000_000, 0) })
	saml := func(g *grant) { g.Protocol = services.SAML }
	body := postSAML(h, aService, strings.Replace(envelope, "TICKET", issue(t, h, saml), 1))
	var read struct {
		Body struct {
			Response struct {
				InResponseTo string `xml:",attr"`
				Recipient    string `xml:",attr"`
				Status       struct {
					StatusCode struct {
						Value string `xml:",attr"`
					}
				}
				Assertion struct {
					Conditions struct {
						NotBefore    string `xml:",attr"`
						NotOnOrAfter string `xml:",attr"`
					}
					AttributeStatement struct {
						Subject   struct{ NameIdentifier string }
						Attribute []struct {
							AttributeName  string `xml:",attr"`
							AttributeValue string
						}
					}
					AuthenticationStatement struct {
						Subject struct{ NameIdentifier string }
					}
				}
			}
		}
	}
	if err := xml.Unmarshal([]byte(body), &read); err != nil {
		t.Fatal(err, body)
	}
	response := read.Body.Response
	if response.Status.StatusCode.Value != "samlp:Success" || response.InResponseTo != "_r1" || response.Recipient != aService ||
		response.Assertion.AuthenticationStatement.Subject.NameIdentifier != "camille.serve@example.test" ||
		response.Assertion.Conditions.NotOnOrAfter != "2023-11-14T22:14:20.000Z" || len(response.Assertion.AttributeStatement.Attribute) != 2 {
		t.Errorf("%+v\n%s", response, body)
	}
	// A ticket of CAS is none here, and the other way round: TestFailures.
	if body := postSAML(h, aService, strings.Replace(envelope, "TICKET", issue(t, h, nil), 1)); !strings.Contains(body, "samlp:RequestDenied") {
		t.Errorf("a ticket of CAS: %s", body)
	}
	for why, text := range map[string]string{
		"not XML":             "ticket=ST-1",
		"empty":               "",
		"a DOCTYPE":           `<!DOCTYPE x [<!ENTITY a "b">]>` + envelope,
		"an entity":           strings.Replace(envelope, "TICKET", "&a;", 1),
		"another encoding":    `<?xml version="1.0" encoding="ISO-8859-1"?>` + envelope,
		"bytes that are none": "\xff" + envelope,
		"two artifacts":       strings.Replace(envelope, "<samlp:AssertionArtifact>", "<samlp:AssertionArtifact>ST-0</samlp:AssertionArtifact><samlp:AssertionArtifact>", 1),
		"no artifact":         strings.Replace(envelope, "TICKET", " ", 1),
		"cut":                 envelope[:len(envelope)-20],
		"too deep":            strings.Repeat("<a>", 30) + envelope + strings.Repeat("</a>", 30),
		"a megabyte":          envelope + strings.Repeat(" ", 1<<20),
	} {
		ticket := issue(t, h, saml)
		body := postSAML(h, aService, strings.Replace(text, "TICKET", ticket, 1))
		if !strings.Contains(body, "samlp:RequestDenied") || strings.Contains(body, "camille") {
			t.Errorf("%s: %s", why, body)
		}
	}
}

func FuzzReadSAML(f *testing.F) {
	f.Add(envelope)
	f.Fuzz(func(t *testing.T, body string) {
		read, err := readSAML(httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body)))
		if err == nil && (read.Artifact == "" || len(body) > maxXML || strings.Contains(body, "<!DOCTYPE")) {
			t.Errorf("%q: %+v", body, read)
		}
	})
}

// What goes out is well-formed XML whatever a name holds.
func FuzzEscaped(f *testing.F) {
	f.Add("Camille <&>\x00\ufffe")
	f.Fuzz(func(t *testing.T, text string) {
		if err := xml.Unmarshal([]byte("<a>"+escaped(text)+"</a>"), new(struct{})); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	})
}
