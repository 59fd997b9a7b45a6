package settings

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// parse puts a text into a field of any type. The error says what to write, and quotes nothing.
func parse(target reflect.Value, text string) error {
	switch target.Interface().(type) {
	case string:
		target.SetString(text)
	case []string:
		target.Set(reflect.ValueOf(list(strings.Split(text, ","))))
	case bool:
		return setWith(target, text, strconv.ParseBool, "true or false")
	case int:
		return setWith(target, text, strconv.Atoi, "a whole number")
	case time.Duration:
		return setWith(target, text, time.ParseDuration, "a number with its unit (800ms, 60s, 24h)")
	case time.Time:
		if text != "" { // none
			return setWith(target, text, parseTime, "a date with its hour (2026-12-31T23:59:59+01:00)")
		}
	default:
		return fmt.Errorf("no setting is a %s", target.Type())
	}
	return nil
}

// list is the parts without the spaces around them, and without empty ones.
func list(written []string) (parts []string) {
	for _, part := range written {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

func setWith[T any](target reflect.Value, text string, parse func(string) (T, error), write string) error {
	value, err := parse(text)
	if err != nil {
		return errors.New("write " + write) // what Go says is for programmers
	}
	target.Set(reflect.ValueOf(value))
	return nil
}

func parseTime(text string) (time.Time, error) { return time.Parse(time.RFC3339, text) }
