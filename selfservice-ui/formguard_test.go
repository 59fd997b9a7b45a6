package ui_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"efpconnect.example/internal/settings"
	"efpconnect.example/internal/testkit/sitetest"
)

// formguardJourneys walks the scripts that need limits and a security code of their own: each begins with a comment that says which.
//
//	# settings name=value…    settings of the site, lists with commas
//	# trap                    the least time to fill a form in is kept
//	# breaker                 nothing else
func formguardJourneys(t *testing.T, record *sitetest.Record) {
	for _, script := range scripts(t, "formguard") {
		t.Run(nameOf(script), func(t *testing.T) {
			t.Parallel()
			o := formguardOptions(t, script)
			o.Record = record
			testscript.Run(t, walks(sitetest.Start(t, o), script))
		})
	}
}

func formguardOptions(t *testing.T, script string) sitetest.Options {
	t.Helper()
	words := strings.Fields(strings.TrimPrefix(firstLine(t, script), "#"))
	o := sitetest.Options{HoneypotOn: words[0] == "trap"}
	if words[0] == "settings" {
		o.Settings = func(set *settings.Settings) {
			for _, word := range words[1:] {
				name, value, _ := strings.Cut(word, "=")
				change(t, set, name, strings.Split(value, ","))
			}
		}
	}
	return o
}

// change sets one text or list of the settings by the name administrators know; limits are added to those of the tests.
func change(t *testing.T, set *settings.Settings, name string, values []string) {
	t.Helper()
	for i := range reflect.TypeFor[settings.Settings]().NumField() {
		if reflect.TypeFor[settings.Settings]().Field(i).Tag.Get("key") == name {
			field := reflect.ValueOf(set).Elem().Field(i)
			if field.Kind() == reflect.String {
				field.SetString(values[0])
				return
			}
			field.Set(reflect.AppendSlice(field, reflect.ValueOf(values)))
			return
		}
	}
	t.Fatalf("no setting %q", name)
}
