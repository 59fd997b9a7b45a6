package browser

import (
	"regexp"
	"strings"
	"testing"
)

func TestDevice(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                          "Firefox sur Windows",
		"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0":                                                                    "Firefox sur Linux",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0":             "Edge sur Windows",
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36":                                     "Chrome sur Linux",
		"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36":                           "Chrome sur Android",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15":                     "Safari sur macOS",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1":   "Safari sur iPhone",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/140.0 Mobile/15E148 Safari/605.1.15": "Firefox sur iPhone",
		"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36":       "Samsung sur Android",
		"": "", "curl/8.5.0": "", "Firefox sur Windows": "", "Mozilla/5.0 (Windows NT 10.0)": "",
		"Mozilla/5.0 (Windows NT 10.0) Firefox/1\r\nBcc: x": "",
		strings.Repeat("Windows NT Firefox/", 1000):         "",
	} {
		got := Device(agent)
		if got != want {
			t.Errorf("%q: %q, want %q", agent, got, want)
		}
		// The mail's template takes nothing else: courier-templates/shared/person.gotmpl.
		if got != "" && !regexp.MustCompile(`^[A-Z][A-Za-z]{1,15} sur [A-Za-z]{2,10}$`).MatchString(got) {
			t.Errorf("%q: the mail does not take %q", agent, got)
		}
	}
}
