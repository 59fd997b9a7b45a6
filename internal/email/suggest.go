package email

import (
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/publicsuffix"
)

// Suggest is the address that a typed one was probably meant to be, where its domain is written like a well-known one and is none,
// or ends in what no domain ends in. configured are further domains that many accounts have. It looks at the text alone, so that it
// tells nothing about accounts. It would rather miss a typo than doubt a right domain: a question about every second company's
// address is one that nobody reads.
//
// What Parse refuses is taken too, as far as the part before the @ is sound: gmailcom, gmail,com.
func Suggest(typed string, configured []string) (Address, bool) {
	text := clean(typed)
	at := strings.LastIndexByte(text, '@')
	if at < 0 || len(typed) > maxTyped {
		return Address{}, false
	}
	domain := strings.ToLower(text[at+1:])
	if ascii, ok := domainInASCII(domain); ok {
		domain = ascii
	}
	meant := meantDomain(domain, configured)
	if meant == "" || meant == domain {
		return Address{}, false
	}
	a, fault := Parse(text[:at+1] + meant)
	return a, fault == ""
}

// meantDomain is the domain that was probably meant; the same one where there is nothing to ask.
func meantDomain(domain string, configured []string) string {
	if right(domain, configured) {
		return domain
	}
	if other := elsewhere[domain]; other != "" {
		return other
	}
	mended := mendDots(domain)
	if mended != domain && (right(mended, configured) || existingTop(mended)) {
		return mended
	}
	for _, list := range [][]string{configured, wellKnown} {
		for _, known := range list {
			if misspells(mended, known) {
				return known
			}
		}
	}
	return mendTop(mended)
}

func right(domain string, configured []string) bool {
	return slices.Contains(wellKnown, domain) || slices.Contains(likeWellKnown, domain) || slices.Contains(configured, domain)
}

// mendDots writes dots for commas and leaves out those that are one too many.
func mendDots(domain string) string {
	labels := strings.FieldsFunc(domain, func(r rune) bool { return r == '.' || r == ',' || r == ';' || blank(r) })
	return strings.Join(labels, ".")
}

// misspells tells that a domain is a slip of the finger away from a known one.
func misspells(domain, known string) bool {
	name, top := cut(known)
	typedName, typedTop := cut(domain)
	if typedTop == "" {
		return nameSlip(strings.ReplaceAll(known, ".", ""), domain) // gmailcom
	}
	sameTop := typedTop == top || topSlip(typedTop, top)
	return sameTop && (typedName == name || nameSlip(name, typedName))
}

// cut parts a domain before its last label.
func cut(domain string) (name, top string) {
	if i := strings.LastIndexByte(domain, '.'); i > 0 {
		return domain[:i], domain[i+1:]
	}
	return domain, ""
}

// Lengths of a name, in letters. Short names have real neighbours at one slip (free, fred; sfr, sfa), so they have none here.
const (
	shortName = 5 // from here on one slip
	longName  = 7 // from here on a slip of the first letter too
)

// nameSlip tells one slip of the finger: a letter too many, too few, another, or two changed over. Digits are no slips: ville1 and
// ville2 are two places.
func nameSlip(name, typed string) bool {
	if typed == name {
		return true
	}
	length := utf8.RuneCountInString(name)
	if length < shortName || !oneSlip(name, typed) || digits(name) != digits(typed) {
		return false
	}
	return length >= longName || typed[0] == name[0] || len(typed) > 1 && typed[0] == name[1] && typed[1] == name[0]
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// slipsThatExist are top levels that exist and are typed for another all the same, at a provider that has no address there.
var slipsThatExist = map[string][]string{"com": {"cm", "co", "om"}, "net": {"ne"}}

// topSlip tells that a top level was typed for another.
func topSlip(typed, top string) bool {
	return slices.Contains(slipsThatExist[top], typed) || !exists(typed) && oneSlip(top, typed)
}

// tops are the ends that most domains of the country have, the likeliest first.
var tops = []string{"fr", "com", "net", "org", "eu"}

// mendTop ends a domain in what it was probably meant to end in, where no domain ends so: mairie-exemple.ft, entreprise.con.
func mendTop(domain string) string {
	name, typed := cut(domain)
	if typed == "" {
		for _, top := range tops[:2] {
			if rest, ok := strings.CutSuffix(domain, top); ok && len(top)+shortName < len(domain) {
				return rest + "." + top // mairie-exemplefr
			}
		}
		return domain
	}
	if rest, ok := strings.CutSuffix(domain, ".gov.fr"); ok {
		return rest + ".gouv.fr"
	}
	if exists(typed) {
		return domain
	}
	for _, top := range tops {
		if oneSlip(top, typed) && (len(top) > 2 || len(typed) <= 3 && (typed[0] == top[0] || len(typed) == 2 && typed[0] == top[1])) {
			return name + "." + top
		}
	}
	return domain
}

// exists tells that there are domains which end so (Public Suffix List, ICANN's part).
func exists(top string) bool {
	_, icann := publicsuffix.PublicSuffix("x." + top)
	return icann
}

func existingTop(domain string) bool {
	_, top := cut(domain)
	return top != "" && exists(top)
}

// oneSlip tells that one of four slips makes b of a: the optimal string alignment distance is 1.
func oneSlip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	switch restA, restB := a[i:], b[i:]; len(b) - len(a) {
	case 0:
		if len(restA) == 0 {
			return false // the same
		}
		changedOver := len(restA) > 1 && restA[0] == restB[1] && restA[1] == restB[0] && restA[2:] == restB[2:]
		return restA[1:] == restB[1:] || changedOver
	case 1:
		return restA == restB[1:]
	}
	return false
}
