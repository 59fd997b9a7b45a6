package profile

import (
	"regexp"
	"strings"
	"unicode"
)

// Forms of a telephone number that a trait may ask for.
const (
	phoneKeep = "keep" // as it is written
	phoneE164 = "e164" // +33612345678, where the number is French
)

// phoneTrait is the trait that holds a telephone number whatever the profile says of it.
const phoneTrait = "phone_number"

// isPhone tells a trait that holds a telephone number.
func (t *traitMap) isPhone() bool { return t.name == phoneTrait || t.trait.Phone != "" }

// noPhone tells what forms write where there is no number: "-", "0", "00 00 00 00 00".
func noPhone(value string) bool {
	digits := strings.Map(onlyDigits, value)
	return !strings.ContainsFunc(value, unicode.IsLetter) && (len(digits) < 2 || strings.Trim(digits, "0") == "")
}

func onlyDigits(r rune) rune {
	if r < '0' || r > '9' {
		return -1
	}
	return r
}

// phoneMarks are what people put between the digits.
var phoneMarks = strings.NewReplacer(" ", "", ".", "", "-", "", "/", "", "(", "", ")", "", "\u2010", "", "\u2011", "")

var (
	frenchPhone  = regexp.MustCompile(`^0([1-9][0-9]{8})$`)
	writtenPhone = regexp.MustCompile(`^(?:\+|00)(33|262|590|594|596)0?([1-9][0-9]{8})$`)
)

// overseas are the country codes of numbers that begin with 0 in the départements d’outre-mer, by their first four digits (ARCEP's
// numbering plan).
var overseas = map[string]string{
	"0262": "262", "0263": "262", "0269": "262", "0639": "262", "0692": "262", "0693": "262",
	"0590": "590", "0690": "590", "0691": "590",
	"0594": "594", "0694": "594",
	"0596": "596", "0696": "596", "0697": "596",
}

// internationalPhone writes a French number in the form of E.164. Any other value stays as it is.
func internationalPhone(value string) string {
	digits := phoneMarks.Replace(value)
	if found := writtenPhone.FindStringSubmatch(digits); found != nil {
		return "+" + found[1] + found[2]
	}
	if found := frenchPhone.FindStringSubmatch(digits); found != nil {
		country := overseas[digits[:4]]
		if country == "" {
			country = "33"
		}
		return "+" + country + found[1]
	}
	return value
}
