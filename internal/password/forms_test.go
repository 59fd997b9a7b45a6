package password_test

import (
	"slices"
	"testing"

	"efpconnect.example/internal/password"
)

func TestForms(t *testing.T) {
	for _, c := range []struct {
		why, typed string
		want       []string
	}{
		{"no accents, one form", "Abcdefghij1!", []string{"Abcdefghij1!"}},
		{"composed: a hash may be of the decomposed", "caf\u00e9", []string{"caf\u00e9", "cafe\u0301"}},
		{"decomposed: the same two", "cafe\u0301", []string{"caf\u00e9", "cafe\u0301"}},
		{"half of each: the raw one", "\u00e9e\u0301", []string{"\u00e9\u00e9", "\u00e9e\u0301"}},
		{"a ligature stays what it is", "\ufb01che", []string{"\ufb01che"}},
		{"so does a small two", "m\u00b2", []string{"m\u00b2"}},
		{"a full-width letter too", "\uff21bc", []string{"\uff21bc"}},
		{"the Ångström sign is Å", "\u212b", []string{"\u00c5", "\u212b"}},
		{"Vietnamese", "\u1ec7", []string{"\u1ec7", "e\u0323\u0302"}},
		{"Hangul", "\ud55c", []string{"\ud55c", "\u1112\u1161\u11ab"}},
		{"nothing is trimmed", " caf\u00e9 ", []string{" caf\u00e9 ", " cafe\u0301 "}},
		{"nothing", "", []string{""}},
		{"no UTF-8", "a\xff", []string{"a\xff"}},
	} {
		if got := password.Forms(c.typed); !slices.Equal(got, c.want) || password.Normal(c.typed) != c.want[0] {
			t.Errorf("%s: %+q gives %+q, want %+q", c.why, c.typed, got, c.want)
		}
	}
}
