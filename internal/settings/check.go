package settings

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"efpconnect.example/internal/limit"
)

// checks are the faults a setting of each kind can have; the text never quotes the value of a secret.
var checks = map[string]func(value any) error{
	"":             func(any) error { return nil },
	"required":     required,
	"url":          func(v any) error { return address(v.(string)) },
	"optional-url": func(v any) error { return optional(v.(string)) },
	"positive":     positive,
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
	if s.RequestTimeout > 0 && s.RequestTimeout <= s.KratosTimeout {
		faults = append(faults, errors.New("request_timeout: must be longer than kratos_timeout"))
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

func positive(v any) error {
	if reflect.ValueOf(v).Int() <= 0 {
		return errors.New("must be more than zero")
	}
	return nil
}

func address(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("%q is no http(s) address", text)
	}
	return nil
}

func optional(text string) error {
	if text == "" {
		return nil
	}
	return address(text)
}

func origin(text string) error {
	u, err := url.Parse(text)
	if err != nil || address(text) != nil || u.Scheme+"://"+u.Host != text {
		return fmt.Errorf("%q is no origin (https://service.example, nothing after the host)", text)
	}
	return nil
}

func link(text string) error {
	label, target, found := strings.Cut(text, "=")
	if !found || label == "" || !strings.HasPrefix(target, "/") && address(target) != nil {
		return fmt.Errorf("%q is no label=address", text)
	}
	return nil
}

func network(text string) error {
	if _, err := netip.ParsePrefix(text); err != nil {
		return fmt.Errorf("%q is no network (10.0.0.0/8)", text)
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
