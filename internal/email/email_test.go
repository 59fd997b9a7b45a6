package email_test

import (
	"encoding/json"
	"net/mail"
	"strings"
	"testing"
	"unicode"

	"efpconnect.example/internal/email"
)

const ordinary = "camille.serve@example.test"

// labels are 180 bytes of domain.
var labels = strings.Repeat("b23456789.", 18)

func TestParse(t *testing.T) {
	local := strings.Repeat("a", email.MaxLocal)
	for _, c := range []struct{ why, typed, want string }{
		{"an ordinary one", ordinary, ordinary},
		{"a tag", "camille+efp@example.test", "camille+efp@example.test"},
		{"an apostrophe is allowed before the @", "o'neill@example.test", "o'neill@example.test"},
		{"every sign that may stand there", "!#$%&'*+-/=?^_`{|}~@example.test", "!#$%&'*+-/=?^_`{|}~@example.test"},
		{"capitals stay as they were typed, but for the domain's", "Camille.SERVE@Example.TEST", "Camille.SERVE@example.test"},
		{"a company's sub-domain with digits", "a@mail2.3m.example.test", "a@mail2.3m.example.test"},
		{"spaces around", "  " + ordinary + "\t", ordinary},
		{"a no-break space, as copied from a page", ordinary + "\u00a0", ordinary},
		{"a line end, as copied from a table", ordinary + "\r\n", ordinary},
		{"an ideographic space and a blank of Braille", "\u3000" + ordinary + "\u2800", ordinary},
		{"a domain with an accent is its xn-- form", "camille@éxample.test", "camille@xn--xample-9ua.test"},
		{"the same, decomposed", "camille@e\u0301xample.test", "camille@xn--xample-9ua.test"},
		{"the same, as other browsers send it", "camille@xn--xample-9ua.test", "camille@xn--xample-9ua.test"},
		{"the same, in capitals", "camille@XN--XAMPLE-9UA.TEST", "camille@xn--xample-9ua.test"},
		{"ß is a letter of its own", "a@straße.example.test", "a@xn--strae-oqa.example.test"},
		{"a full-width domain, as browsers take it", "a@ｅｘａｍｐｌｅ.test", "a@example.test"},
		{"64 bytes before the @, the most there may be", local + "@example.test", local + "@example.test"},
		{"a long one that is right", local + "@" + labels + "fr", local + "@" + labels + "fr"},
		{"an old accent of typewriters for an apostrophe", "o´brien@example.test", "o'brien@example.test"},
		{"two of them", "d’o’brien@example.test", "d'o'brien@example.test"},
		{"a hyphen that does not break, as word processors make it", "marie\u2011claire@ma\u2011ville.test", "marie-claire@ma-ville.test"},
		{"a dash that a telephone has made", "marie–claire@example.test", "marie-claire@example.test"},
	} {
		got, fault := email.Parse(c.typed)
		if fault != "" || got.String() != c.want {
			t.Errorf("%s: %+q gives %q %q, want %q", c.why, c.typed, got, fault, c.want)
		}
	}
}

func TestParseFaults(t *testing.T) {
	local := strings.Repeat("a", email.MaxLocal)
	for _, c := range []struct {
		why, typed string
		want       email.Fault
	}{
		{"nothing typed", "", email.Empty},
		{"spaces", " \t\u00a0", email.Empty},
		{"what nobody sees", "\u200b\ufeff", email.Empty},
		{"no @", "camille.serve", email.Malformed},
		{"nothing before it", "@example.test", email.Malformed},
		{"nothing after it", "camille@", email.Malformed},
		{"two of them", "a@b@example.test", email.Malformed},
		{"no dot: nobody has a mailbox on a top level", "camille@localhost", email.Malformed},
		{"a dot at the end, the most common typo", "camille@example.test.", email.Malformed},
		{"two dots", "camille@example..test", email.Malformed},
		{"two dots before the @", "camille..serve@example.test", email.Malformed},
		{"a dot before the @", "camille.@example.test", email.Malformed},
		{"a dot at the beginning", ".camille@example.test", email.Malformed},
		{"a comma for a dot", "camille@example,test", email.Malformed},
		{"a comma and a second address: Kratos's mail would go to both", "a@example.test,b@example.test", email.Malformed},
		{"a space inside", "camille serve@example.test", email.Malformed},
		{"a no-break space inside", "camille@exam\u00a0ple.test", email.Malformed},
		{"a space before the @", "camille @example.test", email.Malformed},
		{"a name around it: what programs copy", "Camille <camille@example.test>", email.Malformed},
		{"mailto: what links copy", "mailto:camille@example.test", email.Malformed},
		{"quotes", `"camille serve"@example.test`, email.Malformed},
		{"a comment", "camille(efp)@example.test", email.Malformed},
		{"a line break would end a mail's header", "camille@example.test\r\nBcc: x@example.test", email.Malformed},
		{"a line break before the @", "camille\n@example.test", email.Malformed},
		{"a NUL", "camille\x00@example.test", email.Malformed},
		{"a NUL at the end", "camille@example.test\x00", email.Malformed},
		{"no UTF-8", "camille\xff@example.test", email.Malformed},
		{"no UTF-8 in the domain", "camille@ex\xffample.test", email.Malformed},
		{"a label that begins with a dash", "camille@-example.test", email.Malformed},
		{"a label of 64", "camille@" + local + ".test", email.Malformed},
		{"an underscore is in no host name", "camille@my_example.test", email.Malformed},
		{"an xn-- that stands for nothing", "camille@xn--999999999.test", email.Malformed},
		{"a slash that hides in one character", "camille@a℀b.test", email.Malformed},
		{"65 before the @", local + "a@example.test", email.TooLong},
		{"255 bytes", strings.Repeat("a", email.MaxBytes-12) + "@example.test", email.TooLong},
		{"254 characters and more bytes than that in ASCII", "a@" + strings.Repeat("é23456789.", 24) + "fr", email.TooLong},
		{"a long text without an @", strings.Repeat("a", 300), email.TooLong},
		{"a page of text", strings.Repeat("a", 1<<16), email.TooLong},
		{"a page of what nobody sees", strings.Repeat("\u200b", 1<<16), email.TooLong},
	} {
		if got, fault := email.Parse(c.typed); fault != c.want || !got.IsZero() {
			t.Errorf("%s: %+q gives %q %q, want %q", c.why, c.typed, got, fault, c.want)
		}
	}
}

// Kratos makes an account of an accent before the @, and writes a recipient that no relay delivers. Letters that lowering or
// composing would turn into an ASCII one are accents too: with them somebody asks for another person's account.
func TestBeforeTheAtThereIsASCII(t *testing.T) {
	for _, local := range []string{"é", "hélène", "e\u0301", "İ2", "\u0131", "ſerve", "\u212aevin", "\u212bke", "ｃamille", "камилла", "camille日", "a\u0301\u0327", "😀", "caｍille"} {
		if got, fault := email.Parse(local + "@example.test"); fault != email.Accented {
			t.Errorf("%+q@: %q %q", local, got, fault)
		}
	}
}

// Whatever cannot be seen is dropped, wherever it stands: the kind, not a list.
func TestWhatNobodySees(t *testing.T) {
	marks := 0
	for r := rune(0x80); r <= unicode.MaxRune; r++ {
		if !email.Invisible(r) {
			continue
		}
		marks++
		m := string(r)
		for _, typed := range []string{m + ordinary, ordinary + m, "camille" + m + ".serve@example.test", "camille.serve@exa" + m + "mple.test", "camille.serve" + m + "@" + m + "example.test", m + " " + m + ordinary} {
			if got, fault := email.Parse(typed); fault != "" || got.String() != ordinary {
				t.Fatalf("%U: %+q gives %q %q", r, typed, got, fault)
			}
		}
	}
	for _, r := range "\u00ad\u034f\u061c\u115f\u1160\u17b4\u180e\u180b\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2064\u2066\u2069\u3164\ufe00\ufe0f\ufeff\uffa0\U000e0001\U000e0061\U000e0100" {
		if !email.Invisible(r) {
			t.Errorf("%U is not among the invisible", r)
		}
	}
	for _, r := range "aé'-\u0301\u0600\u20e3 " {
		if email.Invisible(r) {
			t.Errorf("%U is among the invisible", r)
		}
	}
	if marks < 300 {
		t.Errorf("only %d marks are known as invisible", marks)
	}
}

// A typographic apostrophe is the keyboard's: o’brien has the account of o'brien.
func TestApostrophes(t *testing.T) {
	for _, sign := range "\u2018\u2019\u201b\u2032\u00b4\u02b9\u02bb\u02bc\uff07" {
		if got, fault := email.Parse("o" + string(sign) + "brien@example.test"); fault != "" || got.String() != "o'brien@example.test" {
			t.Errorf("%U gives %q %q", sign, got, fault)
		}
	}
}

// An address on an IP number has one answer, however it is written.
func TestNumbersAreNoDomain(t *testing.T) {
	for _, domain := range []string{"192.0.2.1", "[192.0.2.1]", "[IPv6:2001:db8::1]", "2001:db8::1", "127.1", "0x7f.0x1", "1.2.3.0x4", "192.0.2.1.", "mairie.1", "１９２.0.2.1", "3221225985", "a.0"} {
		if got, fault := email.Parse("camille@" + domain); fault != email.Malformed {
			t.Errorf("%s: %q %q", domain, got, fault)
		}
	}
}

func TestFoldAndDisplay(t *testing.T) {
	for typed, want := range map[string][2]string{
		"Camille.SERVE@Example.TEST":  {"camille.serve@example.test", "Camille.SERVE@example.test"},
		"camille@xn--xample-9ua.test": {"camille@xn--xample-9ua.test", "camille@éxample.test"},
		"camille@ÉXAMPLE.test":        {"camille@xn--xample-9ua.test", "camille@éxample.test"},
	} {
		if a := email.MustParse(typed); a.Fold() != want[0] || a.Display() != want[1] {
			t.Errorf("%s: %q, %q; want %q", typed, a.Fold(), a.Display(), want)
		}
	}
	if zero := (email.Address{}); zero.String() != "" || zero.Fold() != "" || zero.Display() != "" {
		t.Error("the zero address is a text")
	}
}

// An address lies in sealed cookies as its text; what is none there is an error, not an address.
func TestJSON(t *testing.T) {
	type flow struct{ Email email.Address }
	text, err := json.Marshal(flow{email.MustParse("Camille@éxample.test")})
	if err != nil || string(text) != `{"Email":"Camille@xn--xample-9ua.test"}` {
		t.Fatal(string(text), err)
	}
	var back flow
	if err := json.Unmarshal(text, &back); err != nil || back.Email.Display() != "Camille@éxample.test" {
		t.Error(back, err)
	}
	if err := json.Unmarshal([]byte(`{"Email":""}`), &back); err != nil || !back.Email.IsZero() {
		t.Error(back, err)
	}
	if err := json.Unmarshal([]byte(`{"Email":"hélène@example.test"}`), &back); err == nil {
		t.Error("an address that no mail reaches was read from a cookie")
	}
}

// What passes here must pass Kratos's schema too ("format": "email" of ory/jsonschema, as isEmail below): what Kratos refuses is
// answered by a silence that nobody can explain to the person. And it is the same address when it comes back.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{ordinary, "a@b", "\"a b\"@example.test", "a@example.test ", "é@example.test", "a@exa_mple.test", "<a@example.test>",
		"\u200bcamille@example.test\ufeff", "o’brien@example.test", "İ2@example.test", "a@192.0.2.1", "a@é.test", "a@xn--e-ufa.fr", "a\x00@b.c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		a, fault := email.Parse(typed)
		if fault != "" {
			if !a.IsZero() {
				t.Errorf("%q is both an address and %s", typed, fault)
			}
			return
		}
		for _, text := range []string{a.String(), a.Fold()} {
			if !isEmail(text) {
				t.Errorf("%q passes here as %q and not at Kratos", typed, text)
			}
			again, fault := email.Parse(text)
			if fault != "" || again.Fold() != a.Fold() {
				t.Errorf("%q is %q, and that is %q %q", typed, a, again, fault)
			}
		}
		if again, fault := email.Parse(a.Display()); fault != "" || again != a {
			t.Errorf("%q is shown as %q, which is %q %q", typed, a.Display(), again, fault)
		}
		if strings.ContainsFunc(a.String(), func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Errorf("%q is %q", typed, a)
		}
	})
}

// isEmail is Kratos's own rule, written down from its documentation: 254 bytes, 64 of them before the last @, a host name after
// it, and RFC 5322.
func isEmail(s string) bool {
	at := strings.LastIndexByte(s, '@')
	if len(s) > 254 || at < 0 || at > 64 {
		return false
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(s[at+1:], "."), ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.Trim(strings.ToLower(label), "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	_, err := mail.ParseAddress(s)
	return err == nil
}
