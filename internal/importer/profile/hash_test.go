package profile

import "testing"

// No text passes for a hash that is longer than any real one, or that a log or a spreadsheet would stumble over.
func FuzzHash(f *testing.F) {
	for _, hash := range []string{
		"$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy", "{SSHA}JFZFs0oHzxbMwkSJmYVeI8MnTDy/276a",
		"$argon2id$v=19$m=1024,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$c2FsdHNhbHRzYWx0c2FsdA", "$sha512-crypt$rounds=5000$a$b", "$scrypt$ln=1024,r=8,p=1$AAAAAAAA$AAAAAAAAAAAAAAAA", "$", "}",
	} {
		f.Add(hash)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !validHash(s) {
			return
		}
		if len(s) > 700 || (s[0] != '$' && s[0] != '{') {
			t.Errorf("%q passes", s)
		}
		for _, r := range s {
			if r <= ' ' || r > '~' {
				t.Errorf("%q passes", s)
			}
		}
	})
}
