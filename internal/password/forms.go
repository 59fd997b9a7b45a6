package password

import "golang.org/x/text/unicode/norm"

// Normal is a password as it is handed to Kratos: é is one character whichever keyboard typed it (NFC; NIST SP 800-63B, 5.1.1.2).
// Compatibility forms stay what they are: ﬁ and fi are two passwords, and so are ² and 2.
func Normal(typed string) string { return norm.NFC.String(typed) }

// Forms are the texts that a login tries, in this order: the normal one, and the other that a hash of former times may be of. The
// portal that accounts come from, and this site before it knew of forms, hashed what the keyboard sent: decomposed accents on some,
// composed ones on most. Who types decomposed ones has the raw text tried, who types composed ones the decomposed text.
//
// There is one form where the text has no accents, and never more than two. It depends on what was typed alone, so that known and
// unknown accounts cost the same.
func Forms(typed string) []string {
	normal, other := Normal(typed), typed
	if other == normal {
		other = norm.NFD.String(typed)
	}
	if other == normal {
		return []string{normal}
	}
	return []string{normal, other}
}
