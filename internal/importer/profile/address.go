package profile

import (
	"crypto/sha256"
	"net/mail"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Limits of RFC 5321, in bytes.
const (
	maxAddress   = 254
	maxLocalPart = 64
)

// checkAddress returns the code of what is wrong with an e-mail address, "" for a sound one: one that a mail can be sent to, so
// with a domain of two labels at least, without quotes, comments or a display name.
func checkAddress(s string) string {
	if len(s) > maxAddress {
		return CodeAddressLong
	}
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return CodeAddress
	}
	if at > maxLocalPart {
		return CodeAddressLong
	}
	parsed, err := mail.ParseAddress(s)
	if err != nil || parsed.Address != s || parsed.Name != "" || strings.ContainsAny(s, "\"()<>[],;: ") {
		return CodeAddress
	}
	// Lookup refuses what no DNS name may hold: empty and long labels, a leading hyphen, an underscore.
	ascii, err := idna.Lookup.ToASCII(s[at+1:])
	if err != nil || !strings.Contains(ascii, ".") || strings.HasSuffix(ascii, ".") {
		return CodeAddress
	}
	if last := ascii[strings.LastIndexByte(ascii, '.')+1:]; strings.Trim(last, "0123456789") == "" {
		return CodeAddress // 192.0.2.1
	}
	return ""
}

// Key is what two addresses of one mailbox have in common: their text without case and Unicode form, as a digest, so that the
// journal holds no address.
type Key [16]byte

// AddressKey returns the key of an address.
func AddressKey(address string) Key {
	for i := range len(address) {
		if address[i] >= utf8.RuneSelf {
			address = norm.NFC.String(cases.Fold().String(norm.NFKC.String(address)))
			break
		}
	}
	sum := sha256.Sum256([]byte(strings.ToLower(strings.TrimSpace(address))))
	return Key(sum[:16])
}
