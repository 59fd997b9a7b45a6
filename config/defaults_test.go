package config

import (
	"strings"
	"testing"

	"github.com/knadh/koanf/v2"

	"efpconnect.example/internal/lifetime"
)

// everywhere runs a check on each environment as it would be rendered.
func everywhere(t *testing.T, check func(*testing.T, *koanf.Koanf)) {
	t.Helper()
	for _, environment := range Environments() {
		t.Run(environment, func(t *testing.T) { check(t, rendered(t, environment, nil)) })
	}
}

func TestClosedEverywhere(t *testing.T) {
	everywhere(t, func(t *testing.T, k *koanf.Koanf) {
		for _, key := range []string{
			"selfservice.flows.registration.enabled", "selfservice.flows.verification.enabled",
			"selfservice.flows.recovery.notify_unknown_recipients",
			"selfservice.methods.link.enabled", "selfservice.methods.profile.enabled", "selfservice.methods.oidc.enabled",
			"selfservice.methods.totp.enabled", "selfservice.methods.lookup_secret.enabled",
			"selfservice.methods.webauthn.enabled", "selfservice.methods.passkey.enabled",
			"selfservice.methods.code.passwordless_enabled", "selfservice.methods.code.mfa_enabled",
			"log.leak_sensitive_values",
		} {
			// Written, not only absent: Kratos's own default for several is true.
			if value, ok := k.Get(key).(bool); !ok || value {
				t.Errorf("%s is %v, want false", key, k.Get(key))
			}
		}
		if k.Exists("selfservice.flows.recovery.after") {
			t.Error("a hook after recovery acts before any password is chosen")
		}
		if k.String("hashers.algorithm") != "argon2" {
			t.Error("bcrypt cuts a password at 72 bytes")
		}
	})
}

// What the mail and the pages promise rests on these, one on the other.
func TestLifetimesHoldTogether(t *testing.T) {
	everywhere(t, func(t *testing.T, k *koanf.Koanf) {
		code := k.Duration("selfservice.methods.code.config.lifespan")
		recovery := k.Duration("selfservice.flows.recovery.lifespan")
		step3 := k.Duration("selfservice.flows.settings.lifespan")
		privileged := k.Duration("selfservice.flows.settings.privileged_session_max_age")
		session := k.Duration("session.lifespan")
		if code != lifetime.Code || recovery != lifetime.Flow || step3 != lifetime.Password || session != lifetime.Session {
			t.Errorf("a code lives %s, a reset %s, step 3 %s, a session %s: the site and the mail say otherwise", code, recovery, step3, session)
		}
		if recovery < 2*code {
			t.Errorf("a flow of %s ends before a code of %s sent again near its middle", recovery, code)
		}
		// A fresh settings flow may be opened at the last moment of step 3, and lives as long again.
		if step3 <= 0 || privileged < 2*step3 {
			t.Errorf("privileged for %s, with a step 3 of %s: Kratos would answer 403 in the middle of it", privileged, step3)
		}
		if session < privileged {
			t.Errorf("a session of %s ends before %s", session, privileged)
		}
	})
}

func TestBreachCheck(t *testing.T) {
	const enabled = "selfservice.methods.password.config.haveibeenpwned_enabled"
	for environment, want := range map[string]bool{"demo": false, "rct": true, "production": true} {
		if got := rendered(t, environment, nil).Bool(enabled); got != want {
			t.Errorf("%s: %s is %v, want %v", environment, enabled, got, want)
		}
	}
}

// Whoever adds a value to an environment's file must not add a secret with it.
func TestNoSecretInFiles(t *testing.T) {
	for _, environment := range Environments() {
		k, err := merge(files, environment, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{HookKey, DSN, CookieSecret, CipherSecret} {
			if k.String(key) != "" {
				t.Errorf("%s: %s is written in a file", environment, key)
			}
		}
		for _, key := range []string{"secrets.cookie", "secrets.cipher"} {
			for _, secret := range k.Strings(key) {
				if !placeholder.MatchString(secret) {
					t.Errorf("%s: %s is written in a file", environment, key)
				}
			}
		}
		if strings.Contains(k.String(SMTPURI), "@") || k.String("dsn") != "${dsn}" {
			t.Errorf("%s: a user and a password may be written in a file", environment)
		}
	}
}
