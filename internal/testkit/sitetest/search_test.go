package sitetest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// kinds is one secret of each kind, with the letters that make encodings differ.
var kinds = map[string]string{
	"address":  "Camille+Serve@example.test",
	"code":     "123456",
	"spaced":   "1 2 3 4 5 6",
	"password": `Né "le" <12>\ & %25`,
	"token":    "ory_st_0Nmy6ccClWMpJKJYJEkUqSa62YAkiThF",
	"cookie":   "MTc5NTYzNDk4N3x+/dkt-INkYtVGZjaVRz==",
	"link":     "MTc5NTYzNDk4N3w3dzVjYmUwaFZSSHN3R0pn",
	"handle":   "24P2JYQLHYWDYFMTGQFTDAXFRV",
	"flow":     "01301e92-5f48-4678-8ba1-446402a9d228",
	"letters":  "abcdef",
}

// written is every way in which a text gets into a log, as another program writes it.
var written = map[string]func(string) string{
	"as it is":              func(s string) string { return s },
	"folded":                strings.ToLower,
	"in a query":            url.QueryEscape,
	"in a path":             url.PathEscape,
	"with small hex":        func(s string) string { return lowerEscapes(url.QueryEscape(s)) },
	"in a query of a query": func(s string) string { return "?a=" + url.QueryEscape("?b="+url.QueryEscape(s)) },
	"in quotes":             strconv.Quote,
	"in ASCII quotes":       strconv.QuoteToASCII,
	"in JSON":               func(s string) string { return asJSON(map[string]string{"a": s}) },
	"in JSON in JSON":       func(s string) string { return asJSON(map[string]string{"a": asJSON(s)}) },
	"in base64":             func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"in base64, second":     func(s string) string { return base64.StdEncoding.EncodeToString([]byte("x" + s + "yz")) },
	"in base64, third":      func(s string) string { return base64.StdEncoding.EncodeToString([]byte("xy" + s + "z")) },
	"in base64 of a URL":    func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(`{"é":"` + s + `"}`)) },
	"after an escape":       func(s string) string { return "%20" + s + "%20" },
	"in a sentence":         func(s string) string { return "no such thing: " + s + ", sorry" },
}

func asJSON(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

var readings = map[string]Reading{
	"strict": {},
	"site":   {Numbers: []string{"time", "ms"}, Run: "0123456789"},
	"kratos": {Numbers: []string{"time", "http_response.took"}, Run: "0123456789abcdef"},
}

// Each kind of secret, in each encoding, in the middle of a log, is found where it stands, and nothing else is.
func TestSearchFindsWhatIsPlanted(t *testing.T) {
	const usual = `{"time":"2026-11-25T19:28:56.277504498Z","level":"INFO","msg":"request","route":"/reinitialisation/suite/{link}","ms":1,"request":"NMA4D2IWNAOC5Y3I"}` + "\n"
	for what, value := range kinds {
		secrets := map[string]string{value: what, "an other one, never logged": "other"}
		for how, write := range written {
			for name, reading := range readings {
				log := usual + asJSON(map[string]any{"msg": "page", "error": map[string]any{"causes": []string{"none", write(value)}}}) + "\n" + usual
				found := Search([]byte(log), secrets, reading)
				if len(found) == 0 {
					t.Errorf("%s %s (%s) is not found: %s", what, how, name, write(value))
				}
				for _, f := range found {
					if f.What != what || f.Place != "error.causes" || !strings.HasPrefix(f.Line, `{"error"`) {
						t.Errorf("%s %s (%s): found %+v", what, how, name, f)
					}
				}
				// Outside JSON, as a panic is written.
				if found := Search([]byte(usual+"panic: "+write(value)), secrets, reading); len(found) == 0 || found[0].Place != noEntry {
					t.Errorf("%s %s (%s) in no entry: %+v", what, how, name, found)
				}
			}
			if found := Search([]byte(strings.Repeat(usual, 3)), secrets, readings["strict"]); len(found) > 0 {
				t.Fatalf("%s is found where it is not: %+v", what, found)
			}
		}
	}
}

// A code of six digits equals a number now and then: that is chance in a time, a duration or a longer number, and nowhere else.
func TestWhatIsChance(t *testing.T) {
	for _, c := range []struct {
		why, line    string
		site, kratos bool // found
	}{
		{"the time's own fraction", `{"time":"2026-11-25T19:28:56.123456Z"}`, false, false},
		{"the duration", `{"ms":123456}`, false, true},
		{"Kratos's duration", `{"http_response":{"took":123456}}`, true, false},
		{"a field of that name elsewhere", `{"error":{"ms":123456}}`, true, true},
		{"a number that nobody knows", `{"n":123456}`, true, true},
		{"a longer number", `{"cause":"127.0.0.1:1234567"}`, false, false},
		{"an identifier", `{"id":"0a123456-5f48-4678-8ba1-446402a9d228"}`, true, false},
		{"after a word", `{"cause":"code123456"}`, true, false},
		{"after an escape that ends with a digit", `{"cause":"%20123456"}`, true, true},
		{"after an escape of JSON", `{"cause":"\u0022123456"}`, true, true},
		{"before a letter", `{"cause":"123456z"}`, true, true},
		{"no entry", `took 123456`, true, true},
	} {
		for name, want := range map[string]bool{"site": c.site, "kratos": c.kratos} {
			if found := Search([]byte(c.line+"\n"), map[string]string{"123456": "code"}, readings[name]); len(found) > 0 != want {
				t.Errorf("%s (%s): found is %t in %s", c.why, name, !want, c.line)
			}
		}
	}
	if found := Search([]byte(`{"a":"12345678"}`), map[string]string{"12345678": "long"}, readings["kratos"]); len(found) != 1 {
		t.Error("eight digits are no chance")
	}
}

// A whole run is a few thousand secrets in some megabytes: it must not take minutes.
func BenchmarkSearch(b *testing.B) {
	var log strings.Builder
	secrets := map[string]string{}
	for n := range 20_000 {
		fmt.Fprintf(&log, `{"http_request":{"headers":{"user-agent":"Mozilla/5.0 essai"},"remote":"127.0.0.1:%05d"},"msg":"started handling request","time":"2026-11-25T19:28:56.%09dZ"}`+"\n", n, n*7919)
		if n%5 == 0 {
			secrets[fmt.Sprintf("MTc5NTYzNDk4N3w3dzVjYmUwaFZSSHN3R0pn%06d", n)] = "cookie"
		}
	}
	text := []byte(log.String())
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Search(text, secrets, readings["kratos"])
	}
}
