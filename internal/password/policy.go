// Package password holds the password policy of EFP Connect as data: twelve
// characters at least, and three of four classes (lower case, upper case,
// digit, special character).
//
// It is the one place that says what a good password is. The page's list of
// criteria, the live script (check.js, fed with the Policy as JSON), the
// server's check and the texts all read the same object. Any package may
// import it; it knows no page and no Kratos. What depends on the account
// (likeness to the identifier, reuse, known breaches) is judged by Kratos.
package password

import (
	_ "embed"
	"regexp"
)

// Script is check.js: an ES module whose check(policy, password) computes in
// the browser what Policy.Check computes here.
//
//go:embed check.js
var Script string

// Policy is what a password must satisfy. Its JSON form is the first argument
// of check in check.js.
type Policy struct {
	// MinLength is in characters, see Report.Characters.
	MinLength int `json:"minLength"`
	// Required is how many of Classes must be present.
	Required int `json:"required"`
	// MaxBytes caps the UTF-8 length. It only protects the hash function from
	// absurd input: ANSSI (2021, R22) wants no maximum that a person can feel.
	MaxBytes int     `json:"maxBytes"`
	Classes  []Class `json:"classes"`
	// MinGuesses is how many guesses a password must withstand, see Guessable. The server alone judges by it.
	MinGuesses float64 `json:"-"`
}

// Class is one kind of character.
type Class struct {
	// Name is the key under which pages find the class's French text.
	Name string `json:"name"`
	// Pattern finds a character of the class in an NFC string. Only syntax
	// that means the same in Go and in a JavaScript expression with the u flag.
	Pattern *regexp.Regexp `json:"pattern"`
}

// Names of the default classes.
const (
	Lower   = "lower"
	Upper   = "upper"
	Digit   = "digit"
	Special = "special"
)

// CNIL's method (délibération 2022-100) gives 71 to 78 bits to twelve
// characters of three classes: above the 50 that it asks of a password whose
// tries are limited.
var defaults = Policy{
	MinLength:  12,
	Required:   3,
	MaxBytes:   1024,
	MinGuesses: 2e10,
	Classes: []Class{
		{Lower, regexp.MustCompile(`\p{Ll}`)},
		// Titlecase digraphs such as ǅ begin with a capital.
		{Upper, regexp.MustCompile(`[\p{Lu}\p{Lt}]`)},
		// Decimal digits of every script; ² and ½ are signs.
		{Digit, regexp.MustCompile(`\p{Nd}`)},
		// Neither letter nor digit, space included. A combining mark that NFC
		// could not join to its letter is part of that letter.
		{Special, regexp.MustCompile(`[^\p{L}\p{M}\p{Nd}]`)},
	},
}

// Default returns the policy of EFP Connect.
func Default() Policy {
	p := defaults
	p.Classes = append([]Class(nil), defaults.Classes...)
	return p
}
