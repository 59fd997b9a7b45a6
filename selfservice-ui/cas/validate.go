package cas

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/metrics"
	"efpconnect.example/internal/services"
)

// Failure codes of the protocol (CAS 3.0.3, 2.5.3).
const (
	invalidRequest      = "INVALID_REQUEST"
	invalidTicketSpec   = "INVALID_TICKET_SPEC"
	invalidTicket       = "INVALID_TICKET"
	invalidService      = "INVALID_SERVICE"
	unauthorizedService = "UNAUTHORIZED_SERVICE"
	unauthorizedProxy   = "UNAUTHORIZED_SERVICE_PROXY"
	internalError       = "INTERNAL_ERROR"
)

// failure is why a ticket was not valid; the zero failure is a success.
type failure struct{ code, text string }

// asked is what a service asks about a ticket.
type asked struct {
	service, ticket string
	prefix          string
	protocol        services.Protocol
	renew           bool
}

// maxTicket bounds what is looked up.
const maxTicket = 256

// validate spends the ticket and says what it stands for.
func (h *Handler) validate(ctx context.Context, a asked) (grant, failure) {
	switch {
	case a.service == "" || a.ticket == "":
		return grant{}, failure{invalidRequest, "service and ticket are both required"}
	case !strings.HasPrefix(a.ticket, ticketPrefix) || len(a.ticket) > maxTicket:
		return grant{}, failure{invalidTicketSpec, "not a service ticket"}
	}
	asking := unknownService
	if entry, err := h.Registry.Match(a.service); err == nil {
		asking = entry.ID
	}
	if err := h.Guard.Key(ctx, limit.TicketService, asking, "limit.site"); err != nil {
		return grant{}, failure{internalError, "too many validations: try again"}
	}
	g, found, err := tickets{h.Store}.take(ctx, a.ticket)
	if err != nil {
		h.Log.ErrorContext(ctx, "cas: ticket not read", "cause", err.Error())
		return grant{}, failure{internalError, "try again"}
	}
	f := a.judge(g, found)
	h.Log.InfoContext(ctx, "cas: ticket validated", "service", cmp.Or(g.Entry, unknownService), "outcome", f.word())
	switch {
	case f.code == "":
		h.Metrics.Service(g.Entry, metrics.TicketValid)
	case asking != unknownService:
		h.Metrics.Service(asking, metrics.TicketRefused)
	}
	return g, f
}

// unknownService stands for whoever the registry does not know, in limits and logs.
const unknownService = "unknown"

func (a asked) judge(g grant, found bool) failure {
	switch {
	case !found:
		return failure{invalidTicket, "the ticket is unknown, late or used"}
	case g.Protocol != a.protocol || !same(g.Prefix, a.prefix):
		return failure{invalidTicket, "the ticket was made for another way to validate it"}
	case !same(g.Service, a.service):
		return failure{invalidService, "the ticket was made for another service"}
	case a.renew && !g.NewLogin:
		return failure{invalidTicket, "the ticket was not made by a new login"}
	}
	return failure{}
}

// word is fit for logs.
func (f failure) word() string {
	if f.code == "" {
		return "valid"
	}
	return strings.ToLower(f.code)
}

// single reads a parameter that may stand once; false when it is repeated.
func single(r *http.Request, name string) (string, bool) {
	values := r.URL.Query()[name]
	if len(values) > 1 {
		return "", false
	}
	return strings.Join(values, ""), true
}

// askedBy reads the validating request of a CAS client.
func (h *Handler) askedBy(r *http.Request, prefix string) (asked, bool) {
	a := asked{prefix: prefix, protocol: services.CAS}
	var okService, okTicket bool
	a.service, okService = single(r, "service")
	a.ticket, okTicket = single(r, "ticket")
	a.renew = flag(r, "renew")
	return a, okService && okTicket
}

// flag tells whether a switch of the protocol is set: any value sets it, and its absence or "false" does not.
func flag(r *http.Request, name string) bool {
	value := r.URL.Query().Get(name)
	return value != "" && value != "false"
}

// plain is CAS 1.0: /validate.
func (h *Handler) plain(prefix string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		a, ok := h.askedBy(r, prefix)
		answer := "no\n\n"
		if ok {
			if g, f := h.validate(r.Context(), a); f.code == "" {
				answer = "yes\n" + oneLine(g.Released.User) + "\n"
			}
		}
		write(w, "text/plain; charset=utf-8", []byte(answer))
	}
}

func oneLine(text string) string { return strings.NewReplacer("\r", "", "\n", "").Replace(text) }

// service is CAS 2.0 and 3.0: attributes are released in the latter alone.
func (h *Handler) service(prefix string, attributes bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		a, ok := h.askedBy(r, prefix)
		g, f := grant{}, failure{invalidRequest, "a parameter is repeated"}
		if ok {
			g, f = h.validate(r.Context(), a)
		}
		if !attributes {
			g.Released.Attributes = nil
		}
		if strings.EqualFold(r.URL.Query().Get("format"), "JSON") {
			write(w, "application/json; charset=utf-8", serviceJSON(g, f, attributes))
			return
		}
		write(w, "application/xml; charset=utf-8", serviceXML(g, f, attributes))
	}
}

// proxy refuses what is not offered, with the protocol's code: no proxy ticket is ever made.
func proxy(w http.ResponseWriter, _ *http.Request) {
	body := `<cas:serviceResponse xmlns:cas="` + casNamespace + `"><cas:proxyFailure code="` + unauthorizedProxy +
		`">proxy tickets are not offered</cas:proxyFailure></cas:serviceResponse>`
	write(w, "application/xml; charset=utf-8", []byte(body))
}

const casNamespace = "http://www.yale.edu/tp/cas"

// serviceXML is the answer of 2.0 and 3.0 (CAS 3.0.3, appendix A).
func serviceXML(g grant, f failure, attributes bool) []byte {
	var b strings.Builder
	b.WriteString(`<cas:serviceResponse xmlns:cas="` + casNamespace + `">`)
	if f.code != "" {
		b.WriteString(`<cas:authenticationFailure code="` + f.code + `">` + escaped(f.text) + `</cas:authenticationFailure>`)
	} else {
		b.WriteString(`<cas:authenticationSuccess><cas:user>` + escaped(g.Released.User) + `</cas:user>`)
		if attributes {
			b.WriteString(`<cas:attributes>`)
			for _, one := range standard(g) {
				b.WriteString(`<cas:` + one.name + `>` + escaped(one.value) + `</cas:` + one.name + `>`)
			}
			b.WriteString(`</cas:attributes>`)
		}
		b.WriteString(`</cas:authenticationSuccess>`)
	}
	b.WriteString(`</cas:serviceResponse>`)
	return []byte(b.String())
}

type attribute struct{ name, value string }

// standard are the attributes that 3.0 always has (CAS 3.0.3, 2.5.7), then the registry's, by name.
func standard(g grant) []attribute {
	list := []attribute{
		{"authenticationDate", g.LoggedIn.UTC().Format(time.RFC3339)},
		{"longTermAuthenticationRequestTokenUsed", "false"},
		{"isFromNewLogin", boolean(g.NewLogin)},
	}
	return append(list, released(g)...)
}

func released(g grant) []attribute {
	var list []attribute
	for name, value := range g.Released.Attributes {
		list = append(list, attribute{name, value})
	}
	slices.SortFunc(list, func(a, b attribute) int { return strings.Compare(a.name, b.name) })
	return list
}

func boolean(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

// serviceJSON is the same as JSON (CAS 3.0.3, 2.5.8): attributes are lists.
func serviceJSON(g grant, f failure, attributes bool) []byte {
	response := map[string]any{}
	if f.code != "" {
		response["authenticationFailure"] = map[string]any{"code": f.code, "description": f.text}
	} else {
		success := map[string]any{"user": g.Released.User}
		if attributes {
			lists := map[string]any{}
			for _, one := range standard(g) {
				lists[one.name] = []string{one.value}
			}
			success["attributes"] = lists
		}
		response["authenticationSuccess"] = success
	}
	body, err := json.Marshal(map[string]any{"serviceResponse": response})
	if err != nil {
		return nil // texts and lists of texts always marshal
	}
	return body
}

// write answers a service. Nothing of it may be kept by anybody in between.
func write(w http.ResponseWriter, kind string, body []byte) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(body) // a service that has gone needs no answer
}
