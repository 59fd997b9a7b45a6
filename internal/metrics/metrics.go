// Package metrics counts what an operator asks about: do resets go through, where do they end, what is refused, does Kratos
// answer. The site and its steps count; deploy/alerts.yml reads, and a test holds the two together.
//
// No label ever comes from a visitor. All methods may be called on a nil *Metrics, and do nothing then.
package metrics

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"efpconnect.example/internal/buildinfo"
	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/limit"
)

// Step is a point of a reset that is counted. How many were abandoned is what started and did not finish: see the rule
// efp:resets_abandoned:ratio.
type Step string

// The steps, in the order of the way.
const (
	Started         Step = "started"  // an address passed the gate and Kratos opened a flow
	Sent            Step = "sent"     // Kratos took the address: where there is an account, a mail is in its queue
	NotSent         Step = "not_sent" // it did not
	CodeWrong       Step = "wrong"
	CodeExpired     Step = "expired"
	CodeSpent       Step = "spent" // no try left, or used before
	CodeRight       Step = "right"
	PasswordRefused Step = "refused" // by Kratos; what the page itself refuses is no event
	Finished        Step = "finished"
)

// Steps are all of them.
var Steps = []Step{Started, Sent, NotSent, CodeWrong, CodeExpired, CodeSpent, CodeRight, PasswordRefused, Finished}

// Outcomes of a login, and of a notice.
const (
	LoginAccepted = "accepted"
	LoginRefused  = "refused"
	LoginInactive = "inactive"
	LoginLate     = "late"   // the answer left before Kratos's came
	LoginFailed   = "failed" // Kratos did not judge it

	NoticeSent    = "sent"
	NoticeRetried = "retried"
	NoticeGivenUp = "given_up"
	NoticeDropped = "dropped" // too many waited
)

// Events of a service that people sign in to.
const (
	TicketMade    = "ticket"  // somebody was sent on to it
	TicketValid   = "valid"   // it asked who that was, and was told
	TicketRefused = "refused" // it was not: late, used, another service's
	LogoutUntold  = "untold"  // it could not be told that a session ended
)

var (
	logins       = []string{LoginAccepted, LoginRefused, LoginInactive, LoginLate, LoginFailed}
	serviceEvent = []string{TicketMade, TicketValid, TicketRefused, LogoutUntold}
	notices      = []string{NoticeSent, NoticeRetried, NoticeGivenUp, NoticeDropped}
	captchaForms = map[string][]string{captcha.FormRecovery: everyWay, captcha.FormCode: everyWay, captcha.FormLogin: everyWay, captcha.FormRegister: everyWay, captcha.FormPassword: {"trap"}}
	everyWay     = []string{"picture", "proof", "trap"}
	captchaEnds  = map[string][]string{"picture": answerEnds, "proof": answerEnds, "trap": trapEnds}
	answerEnds   = []string{captcha.Right.String(), captcha.Wrong.String(), captcha.Unknown.String(), captcha.WrongForm.String()}
	trapEnds     = []string{captcha.Filled.String(), captcha.TooFast.String(), captcha.Stale.String()}
	permitStatus = []string{"2xx", "4xx", "5xx"}
)

// Metrics has a registry of its own, so that two sites of one test do not meet.
type Metrics struct {
	registry      *prometheus.Registry
	resets        *prometheus.CounterVec
	registrations *prometheus.CounterVec
	refusals      *prometheus.CounterVec
	captchas      *prometheus.CounterVec
	logins        *prometheus.CounterVec
	notices       *prometheus.CounterVec
	permits       *prometheus.CounterVec
	services      *prometheus.CounterVec
	kratos        *prometheus.HistogramVec
	requests      *prometheus.HistogramVec
	ready         *prometheus.GaugeVec
	instant       prometheus.Gauge
}

// seconds covers a page (1 ms), a Kratos that waits for a dead hook (3.2 s), and step 3 while the service that knows leaked
// passwords is down (20 s of Kratos's, 34 s of ours at most).
var seconds = []float64{0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 45}

// New returns metrics that are all zero, and already there.
func New() *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.resets = m.counter("efp_resets_total", "Resets of a password, by step reached.", "step")
	m.registrations = m.counter("efp_registrations_total", "Creations of an account, by step reached.", "step")
	m.refusals = m.counter("efp_refusals_total", "Requests refused by a limit.", "limit")
	m.captchas = m.counter("efp_captchas_total", "Answers to what a form asks, by form, way (picture, proof, trap) and outcome.", "form", "way", "outcome")
	m.logins = m.counter("efp_logins_total", "Logins, by outcome.", "outcome")
	m.notices = m.counter("efp_notices_total", "Notices « votre mot de passe a été modifié », by outcome.", "outcome")
	m.permits = m.counter("efp_permits_total", "Questions of Kratos's permit hook, by status answered.", "status")
	m.services = m.counter("efp_services_total", "Sign-in of services, by service (its id in services.yml) and event.", "service", "event")
	m.kratos = m.histogram("efp_kratos_seconds", "Calls to Kratos, by call and result (2xx to 5xx, error).", "call", "result")
	m.requests = m.histogram("efp_request_seconds", "Requests of browsers, by route and class of status.", "route", "status")
	m.ready = prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "efp_ready", Help: "1 when the part answered the last check of /health/ready."}, []string{"part"})
	m.instant = prometheus.NewGauge(prometheus.GaugeOpts{Name: "efp_login_instant_seconds", Help: "Instant at which a login is answered; 0 while logins are turned away."})
	m.registry.MustRegister(m.ready, m.instant, build())
	m.zero()
	return m
}

// build is always 1: its labels say which build a replica is.
func build() prometheus.Gauge {
	info := buildinfo.Read()
	g := prometheus.NewGauge(prometheus.GaugeOpts{
		Name:        "efp_build_info",
		Help:        "1, with the version, the commit and the compiler of this process.",
		ConstLabels: prometheus.Labels{"version": info.Version, "revision": info.Revision, "go": info.Go},
	})
	g.Set(1)
	return g
}

// zero makes every series of the counters. Prometheus sees no increase in a series that begins with its first event, so an alert
// on "one at all" would miss it.
func (m *Metrics) zero() {
	for _, step := range Steps {
		m.resets.WithLabelValues(string(step))
		m.registrations.WithLabelValues(string(step))
	}
	for _, rule := range limit.Defaults() {
		m.refusals.WithLabelValues(string(rule.Name))
	}
	for form, ways := range captchaForms {
		for _, way := range ways {
			for _, outcome := range captchaEnds[way] {
				m.captchas.WithLabelValues(form, way, outcome)
			}
		}
	}
	for counter, words := range map[*prometheus.CounterVec][]string{m.logins: logins, m.notices: notices, m.permits: permitStatus} {
		for _, word := range words {
			counter.WithLabelValues(word)
		}
	}
}

func (m *Metrics) counter(name, help string, labels ...string) *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	m.registry.MustRegister(c)
	return c
}

func (m *Metrics) histogram(name, help string, labels ...string) *prometheus.HistogramVec {
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: seconds}, labels)
	m.registry.MustRegister(h)
	return h
}

// Handler is what Prometheus scrapes. Mount it on the internal listener only.
func (m *Metrics) Handler() http.Handler {
	if m == nil {
		return http.NotFoundHandler()
	}
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Reset counts a step of a reset.
func (m *Metrics) Reset(step Step) {
	if m != nil {
		m.resets.WithLabelValues(string(step)).Inc()
	}
}

// Registration counts a step of the creation of an account.
func (m *Metrics) Registration(step Step) {
	if m != nil {
		m.registrations.WithLabelValues(string(step)).Inc()
	}
}

// Refused counts a refusal by a limit's name (package limit).
func (m *Metrics) Refused(limit string) {
	if m != nil {
		m.refusals.WithLabelValues(limit).Inc()
	}
}

// Captcha counts what an answer to a form was worth: picture, proof or trap.
func (m *Metrics) Captcha(form, way, outcome string) {
	if m != nil {
		m.captchas.WithLabelValues(form, way, outcome).Inc()
	}
}

// Login counts a login, by its outcome.
func (m *Metrics) Login(outcome string) {
	if m != nil {
		m.logins.WithLabelValues(outcome).Inc()
	}
}

// Instant notes the instant at which logins are answered, 0 while they are turned away.
func (m *Metrics) Instant(step time.Duration) {
	if m != nil {
		m.instant.Set(step.Seconds())
	}
}

// Notice counts what became of a notice.
func (m *Metrics) Notice(outcome string) {
	if m != nil {
		m.notices.WithLabelValues(outcome).Inc()
	}
}

// Services makes the series of these services, by their ids.
func (m *Metrics) Services(ids []string) {
	if m == nil {
		return
	}
	for _, id := range ids {
		for _, event := range serviceEvent {
			m.services.WithLabelValues(id, event)
		}
	}
}

// Service counts an event of a service that the registry knows.
func (m *Metrics) Service(id, event string) {
	if m != nil {
		m.services.WithLabelValues(id, event).Inc()
	}
}

// Request counts a browser's request. The route is its template, never its path.
func (m *Metrics) Request(route string, status int, took time.Duration) {
	if m != nil {
		m.requests.WithLabelValues(route, class(status)).Observe(took.Seconds())
	}
}

// Ready notes whether a part (kratos, store) answered.
func (m *Metrics) Ready(part string, ok bool) {
	if m == nil {
		return
	}
	value := 0.0
	if ok {
		value = 1
	}
	m.ready.WithLabelValues(part).Set(value)
}

// Permits counts the answers of the permit hook's handler.
func (m *Metrics) Permits(next http.Handler) http.Handler {
	if m == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := &Answer{ResponseWriter: w}
		next.ServeHTTP(answer, r)
		m.permits.WithLabelValues(class(answer.Status(r))).Inc()
	})
}

func class(status int) string { return strconv.Itoa(status/100) + "xx" }

// Transport counts and times the calls of a client of Kratos.
func (m *Metrics) Transport(base http.RoundTripper) http.RoundTripper {
	if m == nil {
		return base
	}
	return transport{base, m.kratos}
}

type transport struct {
	base    http.RoundTripper
	observe *prometheus.HistogramVec
}

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	started := time.Now()
	answer, err := t.base.RoundTrip(r)
	result := "error"
	if err == nil {
		result = class(answer.StatusCode)
	}
	t.observe.WithLabelValues(callOf(r.URL.Path), result).Observe(time.Since(started).Seconds())
	return answer, err
}

// callOf is the part of Kratos that a path asks; identifiers are in queries and in what follows, which is left out.
func callOf(path string) string {
	for _, call := range []string{"recovery", "registration", "settings", "login", "logout", "whoami", "sessions", "health"} {
		if strings.Contains(path, "/"+call) {
			return call
		}
	}
	return "other"
}
