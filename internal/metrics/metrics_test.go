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

	"go.yaml.in/yaml/v3"
)

// everything uses each method once, so that each metric has a value.
func everything(m *Metrics) {
	m.Reset(Started)
	m.Refused("ask.client")
	m.Captcha("reinitialisation", "wrong")
	m.Login("refused")
	m.Notice("sent")
	m.Request("/connexion", 503, 20*time.Millisecond)
	m.Ready("kratos", true)
	m.Ready("store", false)
	m.Permits(http.NotFoundHandler()).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", nil))
	base := roundTrip(func(r *http.Request) (*http.Response, error) {
		if r.URL.Path == "/health/ready" {
			return nil, errors.New("nobody listens")
		}
		return &http.Response{StatusCode: 400, Body: http.NoBody}, nil
	})
	for _, path := range []string{"/self-service/recovery", "/health/ready"} {
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
		`efp_captchas_total{form="reinitialisation",outcome="wrong"} 1`,
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
	name := regexp.MustCompile(`efp[_a-z]+`)
	label := regexp.MustCompile(`(efp_[a-z_]+)\{(\w+)(?:=~|!=|=)"([^"]*)"`)
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
			for _, found := range label.FindAllStringSubmatch(rule.Expr, -1) {
				if !regexp.MustCompile(`\n` + found[1] + `\{[^}]*` + found[2] + `="`).MatchString(exposed) {
					t.Errorf("%s%s: %s has no label %s", rule.Alert, rule.Record, found[1], found[2])
				}
				if found[2] == "step" && !strings.Contains(exposed, `step="`+found[3]+`"`) {
					t.Errorf("%s%s: there is no step %s", rule.Alert, rule.Record, found[3])
				}
			}
		}
	}
	if rules < 10 {
		t.Errorf("%d rules were read", rules)
	}
}
