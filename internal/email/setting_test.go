package email_test

import (
	"strings"
	"testing"

	"efpconnect.example/internal/email"
)

func TestCheckSetting(t *testing.T) {
	for text, want := range map[string]string{
		"no-reply@example.test":                   "",
		"No-Reply@Example.TEST":                   "",
		"no-reply@xn--xample-9ua.test":            "",
		"":                                        "no bare e-mail address",
		"EFP <no-reply@example.test>":             "no bare e-mail address",
		"no-reply@localhost":                      "no bare e-mail address",
		"no-reply@192.0.2.1":                      "no bare e-mail address",
		"no-reply@[192.0.2.1]":                    "no bare e-mail address",
		"réponse@example.test":                    "before the @ there is ASCII alone",
		"no-reply@éxample.test":                   "must be written no-reply@xn--xample-9ua.test",
		"no\u2011reply@example.test":              "must be written no-reply@example.test",
		"no-reply@example.test ":                  "must be written no-reply@example.test",
		strings.Repeat("a", 65) + "@example.test": "longer than an e-mail address",
	} {
		err := email.CheckSetting(text)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%+q: %v, want %q", text, err, want)
		}
	}
}

func TestCheckDomain(t *testing.T) {
	for text, want := range map[string]string{
		"mairie-exemple.test": "",
		"":                    "no domain",
		"exemple":             "no domain",
		"@exemple.test":       "no domain",
		"*.exemple.test":      "no domain",
		"192.0.2.1":           "no domain",
		"Exemple.test":        "must be written exemple.test",
		"éxample.test":        "must be written xn--xample-9ua.test",
	} {
		err := email.CheckDomain(text)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%+q: %v, want %q", text, err, want)
		}
	}
}
