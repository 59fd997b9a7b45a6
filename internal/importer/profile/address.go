package profile

import (
	"crypto/sha256"
	"strings"

	"golang.org/x/text/unicode/norm"

	"efpconnect.example/internal/email"
)

// addressCodes are the reasons of a row for what package email finds wrong with its address.
var addressCodes = map[email.Fault]string{
	email.Empty:     CodeMissing,
	email.Malformed: CodeAddress,
	email.TooLong:   CodeAddressLong,
	email.Accented:  CodeAddressAccent,
}

// readAddress judges a row's address as the site judges one that is typed; code says what is wrong with it. It is sent to Kratos in
// small letters.
func readAddress(raw string) (address, code string) {
	a, fault := email.Parse(raw)
	return a.Fold(), addressCodes[fault]
}

// Key is what two addresses of one mailbox have in common, as a digest, so that the journal holds no address.
type Key [16]byte

// AddressKey returns the key of an address. What Kratos has and is none by our rules is told apart by its text, in small
// letters as Kratos compares it, in one Unicode form.
func AddressKey(address string) Key {
	if a, fault := email.Parse(address); fault == "" {
		return keyOf(a.Fold())
	}
	return keyOf(norm.NFC.String(strings.ToLower(strings.TrimSpace(address))))
}

func keyOf(folded string) Key {
	sum := sha256.Sum256([]byte(folded))
	return Key(sum[:16])
}
