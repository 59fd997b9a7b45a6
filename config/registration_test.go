package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"efpconnect.example/internal/lifetime"
	"efpconnect.example/selfservice-ui/sitepath"
)

// Closed, nothing of registration.yml is in the document; open, all of it.
func TestRegistration(t *testing.T) {
	for _, environment := range Environments() {
		closed, open := rendered(t, environment, nil), rendered(t, environment, map[string]any{Registration: RegistrationOpen})
		for key, want := range map[string][2]any{
			"selfservice.flows.registration.enabled":                              {false, true},
			"selfservice.methods.code.passwordless_enabled":                       {false, true},
			"selfservice.methods.code.mfa_enabled":                                {false, false},
			"selfservice.methods.profile.enabled":                                 {false, true},
			"selfservice.flows.registration.lifespan":                             {nil, fmt.Sprintf("%.0fh", lifetime.Flow.Hours())},
			"selfservice.flows.registration.login_hints":                          {nil, false},
			"selfservice.methods.code.config.missing_credential_fallback_enabled": {nil, false},
			"values": {nil, nil},
		} {
			if got := [2]any{closed.Get(key), open.Get(key)}; got != want {
				t.Errorf("%s: %s is %v closed and %v open", environment, key, got[0], got[1])
			}
		}
	}
}

// The documents name paths of the site: each is the one that the site answers at.
func TestDocumentsNamePathsOfTheSite(t *testing.T) {
	for _, environment := range Environments() {
		k := rendered(t, environment, map[string]any{Registration: RegistrationOpen})
		site := k.Strings("selfservice.allowed_return_urls")[0]
		for key, path := range map[string]string{
			"selfservice.default_browser_return_url":                    sitepath.Login,
			"selfservice.flows.error.ui_url":                            sitepath.Login,
			"selfservice.flows.login.ui_url":                            sitepath.Login,
			"selfservice.flows.logout.after.default_browser_return_url": sitepath.Login,
			"selfservice.flows.recovery.ui_url":                         sitepath.Reset,
			"selfservice.flows.settings.ui_url":                         sitepath.ResetPassword,
			"selfservice.flows.registration.ui_url":                     sitepath.Registration,
		} {
			if got := k.String(key); got != site+path {
				t.Errorf("%s: %s is %s, want %s", environment, key, got, site+path)
			}
		}
		for _, door := range Doors() {
			hook := k.Slices(door.Hooks)[0]
			if at, err := url.Parse(hook.String("config.url")); err != nil || at.Path != sitepath.PermitHook {
				t.Errorf("%s: %s asks at %v (%v), want %s", environment, door.Hooks, at, err, sitepath.PermitHook)
			}
		}
	}
}

// An environment may neither open a door by itself nor lose the permit behind it.
func TestNoDoorWithoutItsPermit(t *testing.T) {
	revoke := []any{map[string]any{"hook": "revoke_active_sessions"}}
	for why, c := range map[string]struct {
		overrides map[string]any
		want      error
	}{
		"registration by itself":               {map[string]any{"selfservice.flows.registration.enabled": true}, ErrHalfOpen},
		"login by code":                        {map[string]any{"selfservice.methods.code.passwordless_enabled": true}, ErrHalfOpen},
		"a profile that anybody may change":    {map[string]any{"selfservice.methods.profile.enabled": true}, ErrHalfOpen},
		"open, a list of one's own for a code": {map[string]any{Registration: RegistrationOpen, "selfservice.flows.registration.after.code.hooks": revoke}, ErrNoPermit},
		"open, registration by password":       {map[string]any{Registration: RegistrationOpen, "selfservice.flows.registration.after.password.hooks": revoke}, ErrNoPermit},
		"open, login by code":                  {map[string]any{Registration: RegistrationOpen, "selfservice.flows.login.after.code.hooks": revoke}, ErrNoPermit},
		"open, the profile":                    {map[string]any{Registration: RegistrationOpen, "selfservice.flows.settings.after.profile.hooks": revoke}, ErrNoPermit},
		"open, and sessions kept":              {map[string]any{Registration: RegistrationOpen}, nil},
	} {
		if _, err := Render("production", secrets(c.overrides)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", why, err, c.want)
		}
	}
	if _, err := Render("production", secrets(map[string]any{Registration: "ouvert"})); err == nil || !strings.Contains(err.Error(), `"ouvert"`) {
		t.Errorf("a value that is none: %v", err)
	}
}

// The schema differs in the code's identifier alone.
func TestSchemaFor(t *testing.T) {
	var closed, open map[string]any
	for target, content := range map[*map[string]any][]byte{&closed: SchemaFor(false), &open: SchemaFor(true)} {
		if err := json.Unmarshal(content, target); err != nil {
			t.Fatal(err)
		}
	}
	credentials := below(open, "properties", "traits", "properties", "email", "ory.sh/kratos", "credentials")
	if diff := cmp.Diff(map[string]any{"identifier": true, "via": "email"}, credentials["code"]); diff != "" {
		t.Error(diff)
	}
	delete(credentials, "code")
	if diff := cmp.Diff(closed, open); diff != "" {
		t.Error(diff)
	}
	dir := t.TempDir()
	if err := Write(dir, "production", secrets(map[string]any{Registration: RegistrationOpen, MountDir: dir}), nil); err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile(filepath.Join(dir, SchemaFile))
	if err != nil || !cmp.Equal(written, SchemaFor(true)) {
		t.Errorf("Write leaves another schema: %v", err)
	}
}
