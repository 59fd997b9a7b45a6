package mailedcode

import (
	"strings"
	"testing"
	"unicode"
)

// Kratos counts a try for whatever it is given, so nothing but six digits may reach it.
func TestClean(t *testing.T) {
	for _, c := range []struct{ why, typed, code, key string }{
		{"as the mail's text has it", "238392", "238392", ""},
		{"zeros at the front are digits", "000042", "000042", ""},
		{"as the guide draws it", "2 3 8 3 9 2", "238392", ""},
		{"in two halves", "238 392", "238392", ""},
		{"with a dash", "238-392", "238392", ""},
		{"with a no-break space, as copied from a page", "238\u00a0392", "238392", ""},
		{"with a narrow one", "238\u202f392", "238392", ""},
		{"with a dash of print", "238–392", "238392", ""},
		{"with a tab and dots", "\t238.392", "238392", ""},
		{"nothing", "", "", "code.empty"},
		{"nothing but spaces", "  \u00a0 ", "", "code.empty"},
		{"five", "23839", "", "code.length"},
		{"seven", "2383920", "", "code.length"},
		{"the security code of step 1", "a3b4c5", "", "code.letters"},
		{"an O for a zero", "23839O", "", "code.letters"},
		{"digits of other keyboards", "２３٨۳９２", "238392", ""},
		{"a small two is a sign", "²38392", "", "code.letters"},
		{"a sign", "+23839", "", "code.letters"},
		{"a line break", "238392\r\n", "238392", ""},
		{"a NUL", "238392\x00", "", "code.letters"},
		{"the link of the mail", "https://efpconnect.example.test/", "", "code.letters"},
		{"too much of everything", strings.Repeat("1", 1<<16), "", "code.length"},
	} {
		if code, key := Clean(c.typed); code != c.code || key != c.key {
			t.Errorf("%s: %q gives %q %q", c.why, c.typed, code, key)
		}
	}
}

// Whatever stands around digits is dropped, wherever it stands: the kind, not a list.
func TestCleanDropsTheKind(t *testing.T) {
	for r := rune(1); r <= unicode.MaxRune; r++ {
		if !unicode.IsSpace(r) && !unicode.In(r, unicode.Z, unicode.Pd, unicode.Variation_Selector, unicode.Bidi_Control, unicode.Join_Control) &&
			r != '\u00ad' && r != '\ufeff' && r != '\u200b' && r != '\u2060' {
			continue
		}
		for _, typed := range []string{string(r) + "238392", "238" + string(r) + "392", "238392" + string(r)} {
			if code, key := Clean(typed); code != "238392" {
				t.Errorf("%U: %+q gives %q %q", r, typed, code, key)
			}
		}
	}
}

func FuzzClean(f *testing.F) {
	for _, seed := range []string{"238392", "2 3-8.3\u00a09\u202f2", "x", "", "１２３４５６"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		code, key := Clean(typed)
		if (code == "") == (key == "") {
			t.Fatalf("%q gives %q and %q", typed, code, key)
		}
		if key != "" {
			return
		}
		if len(code) != 6 || strings.Trim(code, "0123456789") != "" {
			t.Fatalf("%q gives %q", typed, code)
		}
		// Not a digit more or less than was typed, in the same order.
		digits := strings.Map(func(c rune) rune {
			if c = asciiDigit(c); c < '0' || c > '9' {
				return -1
			}
			return c
		}, typed)
		if digits != code {
			t.Fatalf("%q gives %q", typed, code)
		}
	})
}
