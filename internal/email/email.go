// Package email holds an e-mail address as a type. Parse makes it, once, where a text comes in: a form, a setting, a row of the
// import, an answer of Kratos. What is behind that edge takes an Address, so that a text that nobody has judged does not compile.
//
// Any package may import it; it knows no page and no Kratos.
package email

import (
	"regexp"
	"strings"

	"golang.org/x/net/idna"
)

// Address is an address that a mail can be sent to. The zero Address is none. Two Addresses are one mailbox where their Folds are
// the same text.
type Address struct {
	local  string // as typed, in ASCII
	domain string // in ASCII and small letters
}

// Fault is what is wrong with a text that is no address: the key of the sentence that says so.
type Fault string

// The faults. The text of each is a key of the site's words.
const (
	Empty     Fault = "address.empty"
	Malformed Fault = "address.malformed"
	TooLong   Fault = "address.too_long"
	Accented  Fault = "address.accented" // before the @, where no relay carries anything but ASCII
)

// Error makes a Fault an error; it quotes nothing of what was typed.
func (f Fault) Error() string { return string(f) }

// RFC 5321, 4.5.3.1, in bytes of what is sent: the part before the @, and the whole.
const (
	MaxLocal = 64
	MaxBytes = 254
)

// maxTyped bounds what is looked at: no address is as long, with whatever a copy may have added.
const maxTyped = 2048

// Parse judges a text as it was typed or copied: what cannot be seen is dropped, typographic signs are made those of the keyboard,
// and the domain is written in ASCII. The fault is "" for a sound address.
//
// It asks at least what Kratos asks ("format": "email" of ory/jsonschema), so that Kratos never answers a typo by silence. The
// part before the @ is judged before any letter changes its case: ToLower makes an ASCII letter of some that are none (İ, the
// Kelvin sign), and with it somebody else's address.
func Parse(typed string) (Address, Fault) {
	if len(typed) > maxTyped {
		return Address{}, TooLong
	}
	text := clean(typed)
	if text == "" {
		return Address{}, Empty
	}
	at := strings.LastIndexByte(text, '@')
	if at < 0 {
		return Address{}, tooLongOr(Malformed, len(text))
	}
	local, domain := text[:at], text[at+1:]
	if fault := localFault(local); fault != "" {
		return Address{}, fault
	}
	ascii, ok := domainInASCII(domain)
	if size := len(local) + 1 + max(len(ascii), len(domain)); !ok {
		return Address{}, tooLongOr(Malformed, size)
	}
	if len(local) > MaxLocal || len(local)+1+len(ascii) > MaxBytes {
		return Address{}, TooLong
	}
	return Address{local: local, domain: ascii}, ""
}

// tooLongOr says of a text that is malformed as well that it is too long: that is the fault a person sees.
func tooLongOr(other Fault, size int) Fault {
	if size > MaxBytes {
		return TooLong
	}
	return other
}

// dotAtom is the part before the @ without quotes or comments (RFC 5322, 3.2.3), which no mailbox of people has.
var dotAtom = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$")

func localFault(local string) Fault {
	switch {
	case strings.ContainsFunc(local, outside):
		return Malformed
	case strings.ContainsFunc(local, func(r rune) bool { return r >= 0x80 }):
		return Accented
	case !dotAtom.MatchString(local):
		return tooLongOr(Malformed, len(local))
	}
	return ""
}

// hostNames is the domain of an address as browsers and DNS know it (UTS 46, and the rules of host names).
var hostNames = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(true), idna.BidiRule(),
	idna.CheckJoiners(true), idna.VerifyDNSLength(true))

// topLevel is what the last label of a name begins with. Numbers there are an IP address, in decimal or (0x7f) in hexadecimal.
var topLevel = regexp.MustCompile(`\.[a-z][a-z0-9-]*$`)

// domainInASCII also refuses a domain of one label: nobody has a mailbox on a top level.
func domainInASCII(domain string) (string, bool) {
	if strings.ContainsFunc(domain, outside) {
		return "", false
	}
	ascii, err := hostNames.ToASCII(domain)
	if err != nil || !topLevel.MatchString(ascii) {
		return "", false
	}
	return ascii, true
}

// String is the address as a mail server takes it; "" for the zero Address.
func (a Address) String() string { return a.join(a.domain) }

// Display is the address as people write it: with the accents of its domain.
func (a Address) Display() string {
	if shown, err := idna.Display.ToUnicode(a.domain); err == nil {
		return a.join(shown)
	}
	return a.String()
}

// Fold is what the spellings of one mailbox have in common. Kratos finds an account by it, at recovery and at login alike.
func (a Address) Fold() string { return strings.ToLower(a.String()) }

// Local is the part before the @.
func (a Address) Local() string { return a.local }

// Domain is the part after the @, in ASCII and small letters.
func (a Address) Domain() string { return a.domain }

// IsZero tells that it is none.
func (a Address) IsZero() bool { return a == Address{} }

func (a Address) join(domain string) string {
	if a.IsZero() {
		return ""
	}
	return a.local + "@" + domain
}

// MarshalText lets an Address lie in a sealed cookie.
func (a Address) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText judges again: what a former release has written is a text from outside.
func (a *Address) UnmarshalText(text []byte) error {
	read, fault := Parse(string(text))
	if fault != "" && fault != Empty {
		return fault
	}
	*a = read
	return nil
}

// MustParse is for addresses that a program has in its text; it panics on a fault.
func MustParse(text string) Address {
	a, fault := Parse(text)
	if fault != "" {
		panic("email: " + string(fault))
	}
	return a
}
