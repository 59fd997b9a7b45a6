package config

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"

	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/v2"
)

const passwordHooks = "selfservice.flows.settings.after.password.hooks"

// Ways for an environment to undo what makes a reset, or an account's beginning, safe. All are silent in Kratos, so rendering refuses
// them.
var (
	// ErrNoPermit: the permit is not the first hook, or is set so that Kratos saves before it asks.
	ErrNoPermit = errors.New("the permit (web_hook of kratos.yml, response.parse true) is not the first hook: " +
		"a list of an environment replaces the whole list, copy the permit into it")
	// ErrSessionsKept: a new password would leave the account's other sessions open.
	ErrSessionsKept = errors.New("revoke_active_sessions is missing in " + passwordHooks)
	// ErrHalfOpen: accounts can be created, or people log in by a code, without what values.registration adds.
	ErrHalfOpen = errors.New("is open without its permits: set values.registration: " + RegistrationOpen + ", and no key of registration.yml by itself")
)

// PermitBody is the body of a permit's question, as Kratos reads it: Jsonnet in base64.
func PermitBody(flowType, method string) string {
	jsonnet := fmt.Sprintf(`function(ctx) {flow: ctx.flow.id, flow_type: %q, method: %q}`, flowType, method)
	return "base64://" + base64.StdEncoding.EncodeToString([]byte(jsonnet))
}

// Door is where a hook must ask the site before Kratos saves, and the key that opens it. A door without a key is always open.
type Door struct{ Hooks, FlowType, Method, OpenedBy string }

// Doors are all of them.
func Doors() []Door { return slices.Clone(doors) }

var doors = []Door{
	{passwordHooks, "settings", "password", ""},
	{"selfservice.flows.settings.after.profile.hooks", "settings", "profile", "selfservice.methods.profile.enabled"},
	{"selfservice.flows.registration.after.code.hooks", "registration", "code", registrationEnabled},
	{"selfservice.flows.registration.after.password.hooks", "registration", "password", registrationEnabled},
	{"selfservice.flows.login.after.code.hooks", "login", "code", "selfservice.methods.code.passwordless_enabled"},
}

const registrationEnabled = "selfservice.flows.registration.enabled"

// checkPermits proves on the finished document that Kratos saves nothing without the site's word.
func checkPermits(document map[string]any) error {
	k := koanf.New(".")
	if err := k.Load(confmap.Provider(document, ""), nil); err != nil {
		return err
	}
	var faults []error
	for _, p := range doors {
		if p.OpenedBy != "" && !opens(k, p.OpenedBy) {
			continue
		}
		hooks := k.Slices(p.Hooks)
		switch {
		case len(hooks) == 0 && p.OpenedBy != "":
			faults = append(faults, fmt.Errorf("%s %w", p.OpenedBy, ErrHalfOpen))
		case len(hooks) == 0 || !isPermit(hooks[0], PermitBody(p.FlowType, p.Method)):
			faults = append(faults, fmt.Errorf("%s: %w", p.Hooks, ErrNoPermit))
		}
	}
	if len(faults) == 0 && !revokesSessions(k) {
		faults = append(faults, ErrSessionsKept)
	}
	return errors.Join(faults...)
}

// opens tells whether a switch of Kratos's is on. Kratos opens registration where the key is not written; the other switches that
// are asked for are off by default.
func opens(k *koanf.Koanf, key string) bool {
	if !k.Exists(key) || k.Get(key) == nil {
		return key == registrationEnabled
	}
	return k.Bool(key)
}

func revokesSessions(k *koanf.Koanf) bool {
	for _, hook := range k.Slices(passwordHooks) {
		if hook.String("hook") == "revoke_active_sessions" {
			return true
		}
	}
	return false
}

func isPermit(hook *koanf.Koanf, body string) bool {
	return hook.String("hook") == "web_hook" &&
		hook.String("config.method") == "POST" &&
		hook.String("config.body") == body &&
		hook.String("config.auth.type") == "api_key" &&
		hook.String("config.auth.config.value") != "" &&
		// Without parse, or with ignore, Kratos does not wait for the answer.
		hook.Bool("config.response.parse") && !hook.Bool("config.response.ignore")
}
