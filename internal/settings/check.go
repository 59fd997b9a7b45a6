package settings

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"efpconnect.example/internal/captcha/proof"
	"efpconnect.example/internal/email"
	"efpconnect.example/internal/language"
	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/seal"
)

// checks are the faults a setting of each kind can have; the text never quotes the value of a secret.
var checks = map[string]func(value any) error{
	"":             func(any) error { return nil },
	"required":     required,
	"url":          func(v any) error { return address(v.(string)) },
	"origin":       func(v any) error { return origin(v.(string)) },
	"optional-url": func(v any) error { return optional(v.(string)) },
	"positive":     positive,
	"not-negative": notNegative,
	"listen":       func(v any) error { return listener(v.(string)) },
	"neighbour":    func(v any) error { return neighbour(v.(string)) },
	"optional-neighbour": func(v any) error {
		if v.(string) == "" {
			return nil
		}
		return neighbour(v.(string))
	},
	"redis":        func(v any) error { return server(v.(string), "redis", "rediss") },
	"relay":        func(v any) error { return server(v.(string), "smtp", "smtps", "smtp+starttls") },
	"keys":         keys,
	"mail":         func(v any) error { return email.CheckSetting(v.(string)) },
	"mails":        each(email.CheckSetting),
	"difficulty":   difficulty,
	"folder":       func(v any) error { return folder(v.(string)) },
	"origins":      each(origin),
	"links":        each(link),
	"languages":    each(spoken),
	"networks":     each(network),
	"protections":  each(protection),
	"limits":       each(limitOf),
	"level":        func(v any) error { return level(v.(string)) },
	"cookie":       func(v any) error { return cookieName(v.(string)) },
	"domains":      each(email.CheckDomain),
	"contact":      func(v any) error { return contact(v.(string)) },
	"registration": func(v any) error { return oneOf(v.(string), RegistrationClosed, RegistrationOpen, RegistrationDomains) },
	"state":        func(v any) error { return oneOf(v.(string), "none", "partial", "full") },
	"file":         func(v any) error { return readable(v.(string)) },
	"paths":        each(path),
}

// Values of registration.
const (
	RegistrationClosed  = "closed"
	RegistrationOpen    = "open"
	RegistrationDomains = "domains"
)

// Registers tells that people create an account on the site.
func (s Settings) Registers() bool {
	return s.Registration == RegistrationOpen || s.Registration == RegistrationDomains
}

// hookKeyLength is the least that the doctor's rule permit-secret asks of the same key.
const hookKeyLength = 32

// check looks at each setting by itself, then at what must agree. What could not be read is told already.
func (s Settings) check(unread ...string) []error {
	var faults []error
	value := reflect.ValueOf(s)
	for i, f := range fields() {
		if slices.Contains(unread, f.key) {
			continue
		}
		for _, fault := range apart(checks[f.check](value.Field(i).Interface())) {
			faults = append(faults, fmt.Errorf("%s (%s): %w", f.key, f.variable(), fault))
		}
	}
	if len(s.HookKey) > 0 && len(s.HookKey) < hookKeyLength {
		faults = append(faults, fmt.Errorf("hook_key (EFP_HOOK_KEY): shorter than %d characters", hookKeyLength))
	}
	if oneListener(s.Listen, s.InternalListen) {
		faults = append(faults, fmt.Errorf("internal_listen: is %s, which is in listen (%s) too: each listener has a port of its own", s.InternalListen, s.Listen))
	}
	if least := s.StepThree() + 2*time.Second; s.RequestTimeout > 0 && s.RequestTimeout < least {
		faults = append(faults, fmt.Errorf("request_timeout: must be %s at least, longer than kratos_password_timeout and kratos_timeout together, "+
			"kratos_timeout twice where accounts are created here", least))
	}
	switch {
	case strings.HasPrefix(s.SessionCookie, "__Host-"):
		faults = append(faults, errors.New("session_cookie: browsers send a cookie named __Host-… to the site alone, and the services need it; write __Secure-…"))
	case strings.HasPrefix(s.SessionCookie, "__Secure-") && !strings.HasPrefix(s.PublicURL, "https:"):
		faults = append(faults, errors.New("session_cookie: browsers take a cookie named __Secure-… over https alone, which public_url is not"))
	}
	if s.ServicesFile != "" && len(s.ServicesKey) < hookKeyLength {
		faults = append(faults, fmt.Errorf("services_key (EFP_SERVICES_KEY): with services_file, %d characters at least", hookKeyLength))
	}
	if (s.Registration == RegistrationDomains) != (len(s.RegistrationDomains) > 0) {
		faults = append(faults, errors.New("registration_domains (EFP_REGISTRATION_DOMAINS): is for registration "+RegistrationDomains+", and required there"))
	}
	if s.RequestTimeout > 0 && instants*s.AnswerAfter >= s.RequestTimeout {
		faults = append(faults, fmt.Errorf("answer_after: %d times as long must be less than request_timeout (%s), at which a request ends without its answer",
			instants, s.RequestTimeout))
	}
	return faults
}

// oneListener tells two addresses that one process cannot both listen on.
func oneListener(a, b string) bool {
	hostA, portA, errA := net.SplitHostPort(a)
	hostB, portB, errB := net.SplitHostPort(b)
	if errA != nil || errB != nil || portA != portB || portA == "0" {
		return false
	}
	everywhere := []string{"", "0.0.0.0", "::"}
	return hostA == hostB || slices.Contains(everywhere, hostA) || slices.Contains(everywhere, hostB)
}

// apart are the faults of a list, each of which is told with the setting's name.
func apart(err error) []error {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}

var errRequired = errors.New("is required")

func required(v any) error {
	if reflect.ValueOf(v).Len() == 0 {
		return errRequired
	}
	return nil
}

func notNegative(v any) error {
	if reflect.ValueOf(v).Int() < 0 {
		return errors.New("must not be less than zero")
	}
	return nil
}

func positive(v any) error {
	if reflect.ValueOf(v).Int() <= 0 {
		return errors.New("must be more than zero")
	}
	return nil
}

// keys says which one is at fault, and quotes none.
func keys(v any) error {
	if err := required(v); err != nil {
		return err
	}
	seen := map[string]int{}
	for i, key := range v.([]string) {
		if first := seen[key]; first > 0 {
			return fmt.Errorf("number %d is number %d again", i+1, first)
		}
		seen[key] = i + 1
	}
	_, err := seal.New(v.([]string), time.Now)
	return err
}

func difficulty(v any) error {
	if n := v.(int); n < proof.LeastDifficulty || n > proof.MostDifficulty {
		return fmt.Errorf("is %d, not between %d and %d", n, proof.LeastDifficulty, proof.MostDifficulty)
	}
	return nil
}

func protection(text string) error {
	if text != "picture" && text != "proof" {
		return fmt.Errorf("%q: there are picture, proof, and alone: both, nothing", text)
	}
	return nil
}

func oneOf(text string, allowed ...string) error {
	if !slices.Contains(allowed, text) {
		return fmt.Errorf("%q: write one of %s", text, strings.Join(allowed, ", "))
	}
	return nil
}

func limitOf(text string) error {
	_, err := limit.ParseRule(text)
	return err
}

func level(text string) error {
	if new(slog.LevelVar).UnmarshalText([]byte(text)) != nil {
		return fmt.Errorf("%q: there are debug, info, warn and error", text)
	}
	return nil
}

// token is what a cookie's name is made of (RFC 6265, 4.1.1).
var token = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")

func cookieName(text string) error {
	if text == "" {
		return errRequired
	}
	if !token.MatchString(text) {
		return fmt.Errorf("%q is no cookie's name", text)
	}
	return nil
}

func spoken(text string) error {
	if !slices.Contains(language.All, text) {
		return fmt.Errorf("%q: the site speaks %s", text, strings.Join(language.All, " and "))
	}
	return nil
}

func each(check func(string) error) func(any) error {
	return func(v any) error {
		var faults []error
		for _, one := range v.([]string) {
			faults = append(faults, check(one))
		}
		return errors.Join(faults...)
	}
}
