package metrics

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/settings"
)

// everything uses each method once, so that each metric has a value.
func everything(m *Metrics) {
	m.Service("formation", TicketRefused)
	m.Reset(Started)
	m.Refused("ask.client")
	m.Captcha("reinitialisation", "picture", "wrong")
	m.Login("refused")
	m.Notice("sent")
	m.Request("/connexion", 503, 20*time.Millisecond)
	m.Ready("kratos", true)
	m.Ready("store", false)
	m.Permits(http.NotFoundHandler()).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", nil))
	base := roundTrip(func(r *http.Request) (*http.Response, error) {
		switch r.URL.Path {
		case "/health/ready":
			return nil, errors.New("nobody listens")
		case "/sessions/whoami":
			return &http.Response{StatusCode: 502, Body: http.NoBody}, nil
		}
		return &http.Response{StatusCode: 400, Body: http.NoBody}, nil
	})
	for _, path := range []string{"/self-service/recovery", "/self-service/login", "/health/ready", "/sessions/whoami"} {
		_, _ = m.Transport(base).RoundTrip(httptest.NewRequest(http.MethodGet, path+"?flow=3f9a", nil))
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func scrape(t *testing.T, m *Metrics) string {
	t.Helper()
	server := httptest.NewServer(m.Handler())
	t.Cleanup(server.Close)
	answer, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestScrape(t *testing.T) {
	m := New()
	everything(m)
	got := scrape(t, m)
	for _, line := range []string{
		`efp_resets_total{step="started"} 1`,
		`efp_resets_total{step="finished"} 0`, // there before the first one
		`efp_refusals_total{limit="ask.client"} 1`,
		`efp_captchas_total{form="reinitialisation",outcome="wrong",way="picture"} 1`,
		`efp_notices_total{outcome="given_up"} 0`, // an alert waits for the first one
		`efp_refusals_total{limit="login.site"} 0`,
		`efp_permits_total{status="5xx"} 0`,
		`efp_logins_total{outcome="refused"} 1`,
		`efp_notices_total{outcome="sent"} 1`,
		`efp_permits_total{status="4xx"} 1`,
		`efp_request_seconds_count{route="/connexion",status="5xx"} 1`,
		`efp_kratos_seconds_count{call="recovery",result="4xx"} 1`,
		`efp_kratos_seconds_count{call="health",result="error"} 1`,
		`efp_ready{part="kratos"} 1`,
		`efp_ready{part="store"} 0`,
		`go_goroutines`,
	} {
		if !strings.Contains(got, "\n"+line) {
			t.Errorf("no line %s", line)
		}
	}
	if strings.Contains(got, "3f9a") {
		t.Error("a flow's id became a label")
	}
}

// An alert on the first event sees it in a series that was there before alone.
func TestNoCounterBeginsWithItsFirstEvent(t *testing.T) {
	m := New()
	m.Services([]string{"formation"})
	series := func() []string { return regexp.MustCompile(`(?m)^efp_\w+_total\{.*\}`).FindAllString(scrape(t, m), -1) }
	before := series()
	for _, step := range Steps {
		m.Reset(step)
	}
	for _, form := range []string{captcha.FormRecovery, captcha.FormCode, captcha.FormPassword, captcha.FormLogin} {
		for _, caught := range []captcha.Caught{captcha.Filled, captcha.TooFast, captcha.Stale} {
			m.Captcha(form, "trap", caught.String())
		}
		if form == captcha.FormPassword {
			continue // asks for nothing else
		}
		for _, outcome := range []captcha.Outcome{captcha.Right, captcha.Wrong, captcha.Unknown, captcha.WrongForm} {
			m.Captcha(form, "picture", outcome.String())
			m.Captcha(form, "proof", outcome.String())
		}
	}
	everything(m)
	if diff := cmp.Diff(before, series()); diff != "" {
		t.Error(diff)
	}
}

// Step 3 waits for the service that knows leaked passwords: how long must be told apart from for ever.
func TestBucketsReachAsFarAsAStepMayTake(t *testing.T) {
	m := New()
	longest := settings.Defaults().RequestTimeout
	m.Request("/reinitialisation/mot-de-passe", 200, longest)
	if got := scrape(t, m); !strings.Contains(got, `status="2xx",le="20"} 0`) || !strings.Contains(got, `status="2xx",le="45"} 1`) {
		t.Errorf("%v is in no bucket", longest)
	}
}

func TestNil(t *testing.T) {
	var m *Metrics
	everything(m) // must not panic
	if m.Transport(http.DefaultTransport) != http.DefaultTransport {
		t.Error("a nil Metrics wraps nothing")
	}
}

// TestAlerts holds deploy/alerts.yml to what is really counted: names, and the values of labels.
func TestAlerts(t *testing.T) {
	content, err := os.ReadFile("../../deploy/alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct {
			Rules []struct {
				Alert, Record, Expr string
				Annotations         map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(content, &file); err != nil {
		t.Fatal(err)
	}
	m := New()
	everything(m)
	exposed := scrape(t, m)
	begun := New()
	begun.Services([]string{"formation"})
	before := scrape(t, begun)
	name := regexp.MustCompile(`efp[_a-z]+`)
	selector := regexp.MustCompile(`(efp_[a-z_]+)\{([^}]*)\}`)
	rules := 0
	for _, group := range file.Groups {
		for _, rule := range group.Rules {
			rules++
			if rule.Alert != "" && rule.Annotations["summary"] == "" {
				t.Errorf("%s does not say what people see", rule.Alert)
			}
			for _, found := range name.FindAllString(rule.Expr, -1) {
				if !strings.Contains(exposed, "\n"+found+"{") {
					t.Errorf("%s%s asks for %s, which nobody counts", rule.Alert, rule.Record, found)
				}
			}
			for _, found := range selector.FindAllStringSubmatch(rule.Expr, -1) {
				// What has no zero before its first event is of no use to an alert that waits for one event.
				series := exposed
				if strings.HasSuffix(found[1], "_total") {
					series = before
				}
				for _, labels := range alternatives(found[2]) {
					if !selects(t, series, found[1], labels) {
						t.Errorf("%s%s: no series is %s{%s}", rule.Alert, rule.Record, found[1], labels)
					}
				}
			}
		}
	}
	if rules < 10 {
		t.Errorf("%d rules were read", rules)
	}
}

// alternatives writes a selector once for each side of its |, each of which must select something.
func alternatives(labels string) (all []string) {
	before, after, found := strings.Cut(labels, "|")
	if !found {
		return []string{labels}
	}
	start, end := strings.LastIndexByte(before, '"')+1, strings.IndexByte(after, '"')
	for _, rest := range alternatives(after) {
		all = append(all, before[:start]+rest)
	}
	return append(all, before+after[end:])
}

// selects tells whether a series of the exposition has such labels.
func selects(t *testing.T, exposed, name, labels string) bool {
	t.Helper()
	one := regexp.MustCompile(`(\w+)(=~|!=|=)"([^"]*)"`)
	wanted := one.FindAllStringSubmatch(labels, -1)
	if len(wanted) == 0 {
		t.Errorf("%s{%s}: labels this test cannot read", name, labels)
	}
	for _, series := range regexp.MustCompile(`(?m)^`+name+`\{([^}]*)\}`).FindAllStringSubmatch(exposed, -1) {
		has := map[string]string{}
		for _, label := range one.FindAllStringSubmatch(series[1], -1) {
			has[label[1]] = label[3]
		}
		fits := true
		for _, w := range wanted {
			value, known := has[w[1]]
			switch w[2] {
			case "=":
				fits = fits && value == w[3]
			case "!=":
				fits = fits && known && value != w[3]
			case "=~":
				fits = fits && regexp.MustCompile(`^(?:`+w[3]+`)$`).MatchString(value)
			}
		}
		if fits {
			return true
		}
	}
	return false
}
