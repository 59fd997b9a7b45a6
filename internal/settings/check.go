package settings

import (
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"efpconnect.example/internal/captcha/proof"
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
	"redis":        func(v any) error { return server(v.(string), "redis", "rediss") },
	"relay":        func(v any) error { return server(v.(string), "smtp", "smtps", "smtp+starttls") },
	"keys":         keys,
	"mail":         func(v any) error { return mailbox(v.(string)) },
	"difficulty":   difficulty,
	"folder":       func(v any) error { return folder(v.(string)) },
	"origins":      each(origin),
	"links":        each(link),
	"languages":    each(language),
	"networks":     each(network),
	"protections":  each(protection),
	"limits":       each(limitOf),
	"level":        func(v any) error { return new(slog.LevelVar).UnmarshalText([]byte(v.(string))) },
}

// check looks at each setting by itself, then at what must agree.
func (s Settings) check() []error {
	var faults []error
	value := reflect.ValueOf(s)
	for i, f := range fields() {
		if err := checks[f.check](value.Field(i).Interface()); err != nil {
			faults = append(faults, fmt.Errorf("%s (%s): %w", f.key, f.variable(), err))
		}
	}
	if len(s.HookKey) > 0 && len(s.HookKey) < 16 {
		faults = append(faults, errors.New("hook_key (EFP_HOOK_KEY): shorter than 16 characters"))
	}
	if least := s.StepThree() + 2*time.Second; s.RequestTimeout > 0 && s.RequestTimeout < least {
		faults = append(faults, fmt.Errorf("request_timeout: must be %s at least, longer than kratos_password_timeout and kratos_timeout together", least))
	}
	return faults
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
		return fmt.Errorf("%q: there are picture and proof", text)
	}
	return nil
}

func limitOf(text string) error {
	_, err := limit.ParseRule(text)
	return err
}

func language(text string) error {
	if !slices.Contains([]string{"fr", "en"}, text) {
		return fmt.Errorf("%q: the site speaks fr and en", text)
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

func list(text string) []string {
	var parts []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

func setWith[T any](target reflect.Value, text string, parse func(string) (T, error)) error {
	if text == "" {
		return nil
	}
	value, err := parse(text)
	if err == nil {
		target.Set(reflect.ValueOf(value))
	}
	return err
}

func parseBool(text string) (bool, error) { return strconv.ParseBool(text) }
func parseInt(text string) (int, error)   { return strconv.Atoi(text) }
func parseTime(text string) (time.Time, error) {
	return time.Parse(time.RFC3339, text)
}
