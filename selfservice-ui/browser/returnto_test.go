package browser

import (
	"bytes"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"testing"
)

var origins = ReturnTo{"https://service.example.test", "http://127.0.0.1:4455"}

// Whoever can make our login end on their own site gets people to type their password again there.
func TestAllowed(t *testing.T) {
	const own = "https://service.example.test"
	for _, c := range []struct{ why, raw, want string }{
		{"the origin itself", own, own},
		{"any page of it", own + "/a/b?c=d&e=f#g", own + "/a/b?c=d&e=f#g"},
		{"a host has no case", "https://SERVICE.example.test/A", "https://SERVICE.example.test/A"},
		{"a port of the list", "http://127.0.0.1:4455/x", "http://127.0.0.1:4455/x"},
		{"nothing", "", ""},
		{"another site", "https://attacker.example.test/", ""},
		{"the same words further right", "https://attacker.example.test/" + own, ""},
		{"a longer host", "https://service.example.test.attacker.example.test/", ""},
		{"a shorter one", "https://example.test/", ""},
		{"no TLS", "http://service.example.test/", ""},
		{"another port", own + ":8443/", ""},
		{"a name before an at sign is no host", own + "@attacker.example.test/", ""},
		{"nor is one of ours after it harmless: it shows as ours", "https://attacker@service.example.test/", ""},
		{"a backslash is a slash to browsers, not to Go", "https://attacker.example.test\\@service.example.test/", ""},
		{"no scheme: the browser takes the page's", "//service.example.test/", ""},
		{"a path of this site has no origin", "/services", ""},
		{"a script", "javascript:alert(1)//https://service.example.test", ""},
		{"data", "data:text/html,x", ""},
		{"an opaque address", "https:service.example.test", ""},
		{"a line break would end a header", own + "/\r\nSet-Cookie: a=b", ""},
		{"a tab is taken out by browsers", "https://attacker.example.test\t.service.example.test/", ""},
		{"a space before", " " + own, ""},
		{"what OpenID Connect asks with", own + "/?" + strings.Repeat("a", 1400), own + "/?" + strings.Repeat("a", 1400)},
		{"as long as it may be", own + "/" + strings.Repeat("a", maxReturnTo-len(own)-1), own + "/" + strings.Repeat("a", maxReturnTo-len(own)-1)},
		{"one byte more", own + "/" + strings.Repeat("a", maxReturnTo-len(own)), ""},
		{"too long once it is written as an address", own + "/" + strings.Repeat("é", maxReturnTo/4), ""},
		{"bytes that are no text", own + "/?a=\xff", ""},
		{"no address", "https://[::1", ""},
		{"a letter that folds to one of ours", "https://\u017fervice.example.test/", ""}, // ſ
		{"the same, written by its bytes", "https://%C5%BFervice.example.test/", ""},
		{"an origin in other letters", "https://service.еxample.test/", ""}, // Cyrillic е
	} {
		if got := origins.Allowed(c.raw); got != c.want {
			t.Errorf("%s: %q gives %q, want %q", c.why, c.raw, got, c.want)
		}
	}
	if got := ReturnTo(nil).Allowed(own); got != "" {
		t.Errorf("an empty list allows %q", got)
	}
}

// A reset carries less: the sealed cookie and the mail's link are full before. What is dropped is logged, and nothing of it.
func TestCarriedAndNoted(t *testing.T) {
	const own = "https://service.example.test/"
	long, most := own+strings.Repeat("a", 1400), own+strings.Repeat("a", maxCarried-len(own)-2)
	for _, c := range []struct{ why, raw, carried, cause string }{
		{"one that fits", most, most, ""},
		{"none", "", "", ""},
		{"one for a login alone", long, "", "too long for a reset"},
		{"one that is full of quotation marks", own + "?" + strings.Repeat("'\"", 400), "", "too long for a reset"},
		{"one for nobody", own + strings.Repeat("a", 2000), "", "too long"},
		{"another origin", "https://secret.example.test/", "", "not an origin of the setting return_to"},
		{"no address", "secret", "", "no address"},
	} {
		got := origins.Carried(c.raw)
		if got != c.carried {
			t.Errorf("%s: %q", c.why, got)
		}
		var out bytes.Buffer
		origins.Note(t.Context(), slog.New(slog.NewTextHandler(&out, nil)), c.raw, got)
		if said := out.String(); (said == "") != (c.cause == "") || !strings.Contains(said, c.cause) || strings.Contains(said, "secret") || strings.Contains(said, "example") {
			t.Errorf("%s: the log says %q", c.why, said)
		}
	}
}

// Whatever comes out is on the list as a browser reads it too: nothing before the origin, and a delimiter after it.
func FuzzAllowed(f *testing.F) {
	for _, seed := range []string{"https://service.example.test/a?b#c", "https://service.example.test\\@attacker.example.test", "//x", "https://a@b/", "HTTPS://service.example.test"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got := origins.Allowed(raw)
		if got == "" {
			return
		}
		at := slices.IndexFunc(origins, func(origin string) bool {
			return len(got) >= len(origin) && strings.EqualFold(got[:len(origin)], origin)
		})
		if at < 0 {
			t.Fatalf("%q gives %q", raw, got)
		}
		if rest := got[len(origins[at]):]; rest != "" && !strings.ContainsRune("/?#", rune(rest[0])) {
			t.Fatalf("%q gives %q: the host goes on", raw, got)
		}
		if strings.ContainsAny(got, "\\\t\r\n ") || len(got) > 4*maxReturnTo {
			t.Fatalf("%q gives %q", raw, got)
		}
		if again := origins.Allowed(got); len(got) <= maxReturnTo && again != got {
			t.Fatalf("%q gives %q, then %q", raw, got, again)
		}
		if u, err := url.Parse(got); err != nil || u.User != nil {
			t.Fatalf("%q gives %q", raw, got)
		}
	})
}
