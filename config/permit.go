package config

import (
	"errors"

	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/v2"
)

const (
	passwordHooks = "selfservice.flows.settings.after.password.hooks"
	// permitBody is the Jsonnet of the permit's question: function(ctx) {flow: ctx.flow.id}
	permitBody = "base64://ZnVuY3Rpb24oY3R4KSB7ZmxvdzogY3R4LmZsb3cuaWR9"
)

// Two ways for an environment to undo what makes a reset safe. Both are silent in Kratos, so rendering refuses them.
var (
	// ErrNoPermit: the permit is not the first hook, or is set so that Kratos saves the password before it asks.
	ErrNoPermit = errors.New("the permit (web_hook of kratos.yml, response.parse true) is not the first of " + passwordHooks +
		": a list of an environment replaces the whole list, copy the permit into it")
	// ErrSessionsKept: a new password would leave the account's other sessions open.
	ErrSessionsKept = errors.New("revoke_active_sessions is missing in " + passwordHooks)
)

// checkPermit proves on the finished document that no password is saved without the site's word.
func checkPermit(document map[string]any) error {
	k := koanf.New(".")
	if err := k.Load(confmap.Provider(document, ""), nil); err != nil {
		return err
	}
	hooks := k.Slices(passwordHooks)
	if len(hooks) == 0 || !isPermit(hooks[0]) {
		return ErrNoPermit
	}
	for _, hook := range hooks[1:] {
		if hook.String("hook") == "revoke_active_sessions" {
			return nil
		}
	}
	return ErrSessionsKept
}

func isPermit(hook *koanf.Koanf) bool {
	return hook.String("hook") == "web_hook" &&
		hook.String("config.method") == "POST" &&
		hook.String("config.body") == permitBody &&
		hook.String("config.auth.type") == "api_key" &&
		hook.String("config.auth.config.value") != "" &&
		// Without parse, or with ignore, Kratos does not wait for the answer.
		hook.Bool("config.response.parse") && !hook.Bool("config.response.ignore")
}
