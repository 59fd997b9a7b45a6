package mail

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"

	"efpconnect.example/internal/email"
)

func (c *Constants) setDefaults() {
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	for name, value := range map[*string]string{
		&c.Traits.Title: "title", &c.Traits.GivenName: "given_name", &c.Traits.FamilyName: "family_name",
	} {
		switch *name {
		case "":
			*name = value
		case NoTrait:
			*name = "" // the template then asks for none
		}
	}
}

// check returns all faults joined, each with the name of its field.
func (c Constants) check() error {
	fields := []struct {
		name, value string
		checks      []func(string) error
	}{
		{"PublicURL", c.PublicURL, []func(string) error{text, address, noQuery}},
		{"EnvironmentLabel", c.EnvironmentLabel, []func(string) error{text}},
		{"Ministry", c.Ministry, []func(string) error{required, text}},
		{"ServiceName", c.ServiceName, []func(string) error{required, text}},
		{"AssistanceURL", c.AssistanceURL, []func(string) error{text, address}},
		{"Sender", c.Sender, []func(string) error{text, sender}},
		{"Traits.Title", c.Traits.Title, []func(string) error{trait}},
		{"Traits.GivenName", c.Traits.GivenName, []func(string) error{trait}},
		{"Traits.FamilyName", c.Traits.FamilyName, []func(string) error{trait}},
	}
	var faults []error
	for _, field := range fields {
		for _, check := range field.checks {
			if err := check(field.value); err != nil {
				faults = append(faults, fmt.Errorf("%s: %w", field.name, err))
				break // one sentence a field is enough to mend it
			}
		}
	}
	if c.CodeLifetime < time.Minute || c.CodeLifetime%time.Minute != 0 {
		faults = append(faults, fmt.Errorf("CodeLifetime: %v is not a whole number of minutes", c.CodeLifetime))
	}
	return errors.Join(faults...)
}

func required(value string) error {
	if strings.Trim(value, " |") == "" {
		return errors.New("required")
	}
	return nil
}

// text refuses what Kratos would execute. One brace is refused like two: beside the template's own it would make a pair.
func text(value string) error {
	if strings.ContainsAny(value, "{}") {
		return fmt.Errorf("%q: no braces, Kratos's templates are made of them", value)
	}
	if strings.ContainsFunc(value, unicode.IsControl) {
		return fmt.Errorf("%q: no line break or other control character", value)
	}
	return nil
}

func address(value string) error {
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || strings.ContainsAny(value, " |") {
		return fmt.Errorf("%q is not an http(s) address", value)
	}
	return nil
}

// noQuery: a path is added to this one.
func noQuery(value string) error {
	if strings.ContainsAny(value, "?#") {
		return fmt.Errorf("%q: nothing may follow the path", value)
	}
	return nil
}

func sender(value string) error {
	if value == "" {
		return nil
	}
	return email.CheckSetting(value)
}

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func trait(value string) error {
	if value != "" && !identifier.MatchString(value) {
		return fmt.Errorf("%q is not the name of a trait (letters, digits and underscores)", value)
	}
	return nil
}
