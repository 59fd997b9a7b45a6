package password

import (
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// State is where a password stands on one criterion.
type State string

// The states of a criterion. Optional is a class that is absent while enough
// others are there: the page says "facultatif", not failed.
const (
	Missing  State = "missing"
	Met      State = "met"
	Optional State = "optional"
)

// Report is the verdict on one password. It holds nothing of the password but
// its length, and is not meant for logs.
type Report struct {
	// OK is the verdict: every criterion holds and the password is usable.
	OK bool `json:"ok"`
	// Characters is the length, in code points after NFC. Code points because
	// NIST SP 800-63B counts so, and because a browser counts the same
	// (perceived characters change with each Unicode version, and older
	// browsers cannot find them); after NFC so that é is one character
	// whichever keyboard typed it.
	Characters int `json:"characters"`
	// Length is the criterion on MinLength.
	Length State `json:"length"`
	// Variety is the criterion "Required classes out of all".
	Variety State `json:"variety"`
	// Classes has one entry for each class of the policy, in its order.
	Classes []ClassState `json:"classes"`
	// TooLong tells that the password exceeds MaxBytes.
	TooLong bool `json:"tooLong"`
	// Malformed tells that the input is not UTF-8: no browser sends that, and
	// Kratos would save something else than what was typed.
	Malformed bool `json:"malformed"`
}

// ClassState is the state of one class.
type ClassState struct {
	Name  string `json:"name"`
	State State  `json:"state"`
}

// Check judges pw, which is taken as it is: no space is trimmed.
func (p Policy) Check(pw string) Report {
	if len(pw) > p.MaxBytes {
		// Not looked at any further: its size is the attack.
		pw = ""
		r := p.Check(pw)
		r.TooLong = true
		return r
	}
	text := norm.NFC.String(pw)
	r := Report{Characters: utf8.RuneCountInString(text), Malformed: !utf8.ValidString(pw)}
	present := 0
	for _, c := range p.Classes {
		s := Missing
		if c.Pattern.MatchString(text) {
			s = Met
			present++
		}
		r.Classes = append(r.Classes, ClassState{Name: c.Name, State: s})
	}
	r.Length = metIf(r.Characters >= p.MinLength)
	r.Variety = metIf(present >= p.Required)
	if r.Variety == Met {
		for i := range r.Classes {
			if r.Classes[i].State == Missing {
				r.Classes[i].State = Optional
			}
		}
	}
	r.OK = r.Length == Met && r.Variety == Met && !r.Malformed
	return r
}

func metIf(ok bool) State {
	if ok {
		return Met
	}
	return Missing
}
