package email

import (
	"fmt"
	"strings"
)

// CheckSetting says what is wrong with an address that an administrator has written down, nil for a sound one. Others read it as it is
// written (Kratos, a relay), so it must stand there as mail programs take it.
func CheckSetting(text string) error {
	a, fault := Parse(text)
	switch {
	case fault == TooLong:
		return fmt.Errorf("%q is longer than an e-mail address (%d bytes, %d of them before the @)", text, MaxBytes, MaxLocal)
	case fault == Accented:
		return fmt.Errorf("%q is no address that a relay delivers: before the @ there is ASCII alone", text)
	case fault != "":
		return fmt.Errorf("%q is no bare e-mail address", text)
	case !strings.EqualFold(a.String(), text):
		return fmt.Errorf("%q must be written %s", text, a)
	}
	return nil
}

// CheckDomain says what is wrong with a domain that an administrator has written down, nil for one that an address may have.
func CheckDomain(text string) error {
	switch ascii, ok := domainInASCII(text); {
	case !ok:
		return fmt.Errorf("%q is no domain of an e-mail address (example.org)", text)
	case ascii != text:
		return fmt.Errorf("%q must be written %s", text, ascii)
	}
	return nil
}
