package doctor

import (
	"slices"

	"efpconnect.example/config"
	"efpconnect.example/internal/lifetime"
)

// ways are the keys that open a way into an account, or to change one, that no page of ours covers: each method that this Kratos knows
// but the password, the code of the recovery, and what doors-permitted looks at.
func (f *Facts) ways() (keys []string) {
	doors := []string{"selfservice.methods.password.enabled", "selfservice.methods.code.enabled"}
	for _, door := range config.Doors() {
		doors = append(doors, door.OpenedBy)
	}
	for _, method := range f.schema().Below("selfservice.methods") {
		key := "selfservice.methods." + method + ".enabled"
		if f.schema().Knows(key) && !slices.Contains(doors, key) {
			keys = append(keys, key)
		}
	}
	return append(keys, "selfservice.methods.code.mfa_enabled", flows+"verification.enabled")
}

// recoveryRules: the code reaches the person, and the three steps hold together in time.
var recoveryRules = []*Rule{
	{
		ID:      "recovery-by-code",
		Gravity: Broken,
		Why:     "The site drives Kratos's recovery by code. Closed, or by link, step 1 fails for everybody.",
		Write:   flows + "recovery: {enabled: true, use: code} and selfservice.methods.{code,password}.enabled: true",
		Broken:  `kratos: {selfservice: {flows: {recovery: {enabled: true, use: link}}, methods: {code: {enabled: true}, password: {enabled: true}}}}`,
		Passes:  `kratos: {selfservice: {flows: {recovery: {enabled: true, use: code}}, methods: {code: {enabled: true}, password: {enabled: true}}}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			for _, key := range []string{flows + "recovery.enabled", "selfservice.methods.code.enabled"} {
				if !f.truth(key) {
					say(key, "is not true%s", f.unwritten(key))
				}
			}
			if !f.truth("selfservice.methods.password.enabled") {
				say("selfservice.methods.password.enabled", "is false")
			}
			if use := f.choice(flows + "recovery.use"); use != "code" {
				say(flows+"recovery.use", "is %q", use)
			}
		},
	},
	{
		ID:      "continue-with",
		Gravity: Broken,
		Why:     "Without the flag the right code answers with a redirection meant for a browser, and no session: step 3 is never reached.",
		Write:   "feature_flags.use_continue_with_transitions: true",
		Broken:  `kratos: {feature_flags: {}}`,
		Passes:  `kratos: {feature_flags: {use_continue_with_transitions: true}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			if !f.truth("feature_flags.use_continue_with_transitions") {
				say("feature_flags.use_continue_with_transitions", "is not true")
			}
		},
	},
	{
		ID:      "code-lifetime",
		Gravity: Broken,
		Why:     "The mail and step 2 promise 24 hours, the site refuses a code after them, and a code resent near the end of a shorter flow would die with it.",
		Write:   "selfservice.methods.code.config.lifespan: 24h and " + flows + "recovery.lifespan: 48h",
		Broken:  `kratos: {selfservice: {methods: {code: {config: {lifespan: 24h}}}, flows: {recovery: {lifespan: 24h}}}}`,
		Passes:  `kratos: {selfservice: {methods: {code: {config: {lifespan: 24h}}}, flows: {recovery: {lifespan: 48h}}}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			if got := f.life("selfservice.methods.code.config.lifespan"); got != lifetime.Code {
				say("selfservice.methods.code.config.lifespan", "is %s%s", got, f.unwritten("selfservice.methods.code.config.lifespan"))
			}
			if got := f.life(flows + "recovery.lifespan"); got < lifetime.Flow {
				say(flows+"recovery.lifespan", "is %s, shorter than a code and the time in which it may be sent again", got)
			}
		},
	},
	{
		ID:      "step-3-lifetime",
		Gravity: Broken,
		Why:     "Past privileged_session_max_age Kratos answers 403 to a new password, with no way on for an account that has none yet. After a refused password the site opens the settings flow again: twice its life.",
		Write:   flows + "settings: {lifespan: 1h, privileged_session_max_age: 2h} and session.lifespan as long at least",
		Broken:  `kratos: {session: {lifespan: 24h}, selfservice: {flows: {settings: {lifespan: 1h, privileged_session_max_age: 15m}}}}`,
		Passes:  `kratos: {session: {lifespan: 24h}, selfservice: {flows: {settings: {lifespan: 1h, privileged_session_max_age: 2h}}}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			step := f.life(flows + "settings.lifespan")
			privileged := f.life(flows + "settings.privileged_session_max_age")
			if step < lifetime.Password {
				say(flows+"settings.lifespan", "is %s: the page says one hour", step)
			}
			if privileged < 2*step {
				say(flows+"settings.privileged_session_max_age", "is %s, for a step 3 of %s", privileged, step)
			}
			if session := f.life("session.lifespan"); session < privileged {
				say("session.lifespan", "is %s: the session ends before step 3", session)
			}
		},
	},
	{
		ID:      "second-factor",
		Gravity: Broken,
		Why:     "An account that has a second factor is then asked for it, which no page of the site does: after the right code step 3 answers 500, and services read 403 in place of the session.",
		Write:   flows + "settings.required_aal: aal1 and session.whoami.required_aal: aal1",
		Broken:  `kratos: {selfservice: {flows: {settings: {required_aal: highest_available}}}, session: {whoami: {required_aal: aal1}}}`,
		Passes:  `kratos: {selfservice: {flows: {settings: {required_aal: aal1}}}, session: {whoami: {required_aal: aal1}}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			for _, key := range []string{flows + "settings.required_aal", "session.whoami.required_aal"} {
				if got := f.choice(key); got != "aal1" {
					say(key, "is %s%s", got, f.unwritten(key))
				}
			}
		},
	},
	{
		ID:      "login-unproved",
		Gravity: Broken,
		Why:     "Whoever was imported with a password and has never proved the address is refused, and the site has no page that proves one.",
		Write:   "no require_verified_address under " + flows + "login.after",
		Broken:  `kratos: {selfservice: {flows: {login: {after: {password: {hooks: [{hook: require_verified_address}]}}}}}}`,
		Passes:  `kratos: {selfservice: {flows: {login: {after: {password: {hooks: []}}}}}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			for _, key := range []string{flows + "login.after.password.hooks", flows + "login.after.hooks"} {
				for _, hook := range f.hooks(key) {
					if hook.String("hook") == "require_verified_address" {
						say(key, "require_verified_address is there")
					}
				}
			}
		},
	},
	{
		ID:      "recovery-hooks",
		Gravity: Broken,
		Why:     "A hook after recovery runs before any password is chosen: revoking sessions there ends the same person's other tab, a refusal spends the code and answers 500.",
		Write:   "nothing under " + flows + "recovery.{before,after}",
		Broken:  `kratos: {selfservice: {flows: {recovery: {after: {hooks: [{hook: revoke_active_sessions}]}}}}}`,
		Passes:  `kratos: {selfservice: {flows: {recovery: {enabled: true}}}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			for _, key := range []string{flows + "recovery.before.hooks", flows + "recovery.after.hooks"} {
				if len(f.document.Slices(key)) > 0 {
					say(key, "there are hooks")
				}
			}
		},
	},
	{
		ID:      "unknown-addresses",
		Gravity: Danger,
		Why:     "A mail to an address without an account lets anybody write to anybody in the ministry's name.",
		Write:   flows + "recovery.notify_unknown_recipients: false",
		Broken:  `kratos: {selfservice: {flows: {recovery: {notify_unknown_recipients: true}}}}`,
		Passes:  `kratos: {selfservice: {flows: {recovery: {notify_unknown_recipients: false}}}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			if f.truth(flows + "recovery.notify_unknown_recipients") {
				say(flows+"recovery.notify_unknown_recipients", "is true")
			}
		},
	},
	{
		ID:      "ways-closed",
		Gravity: Danger,
		Why:     "Each is a way into an account, or to change one, that no page of the site covers and no limit of it protects. A key that is not written has Kratos’s default.",
		Write:   "enabled: false for each, unless another site of yours uses it",
		Broken:  `kratos: {selfservice: {methods: {link: {enabled: true}}}}`,
		Passes:  `kratos: {selfservice: {methods: {link: {enabled: false}}}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			for _, key := range f.ways() {
				if f.truth(key) {
					say(key, "is open%s", f.unwritten(key))
				}
			}
		},
	},
	{
		ID:      "schema-recovery",
		Gravity: Broken,
		Why:     "Without recovery.via on the address, Kratos answers as for an unknown one and sends nothing (kratos issue 2446); without the password identifier nobody can log in afterwards.",
		Write:   `in the identity schema, on the e-mail trait: "ory.sh/kratos": {"credentials": {"password": {"identifier": true}}, "recovery": {"via": "email"}}`,
		Broken:  `schema: {properties: {traits: {properties: {email: {type: string, ory.sh/kratos: {credentials: {password: {identifier: true}}}}}}}}`,
		Passes:  `schema: {properties: {traits: {properties: {email: {type: string, ory.sh/kratos: {credentials: {password: {identifier: true}}, recovery: {via: email}}}}}}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			if f.Schema == nil {
				return
			}
			recovery, identifier := false, false
			for _, trait := range traits(f.Schema) {
				recovery = recovery || at(trait, "ory.sh/kratos", "recovery", "via") == "email"
				identifier = identifier || at(trait, "ory.sh/kratos", "credentials", "password", "identifier") == true
			}
			if !recovery {
				say("identity schema", "no trait has recovery.via: email")
			}
			if !identifier {
				say("identity schema", "no trait is the identifier of the password")
			}
		},
	},
	{
		ID:      "traits-known",
		Gravity: Advice,
		Why:     "The mail greets by traits whose names are settings. A name that the schema does not have makes every mail begin with a bare « Bonjour, ».",
		Write:   `trait_title, trait_given_name and trait_family_name of the settings: names of your schema's traits, "" where it has none`,
		Broken:  `{schema: {properties: {traits: {properties: {email: {}, prenom: {}, nom: {}}}}}, site: {traits: [given_name, nom]}}`,
		Passes:  `{schema: {properties: {traits: {properties: {email: {}, prenom: {}, nom: {}}}}}, site: {traits: [prenom, nom]}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			if f.Schema == nil || f.Site == nil {
				return
			}
			known := traits(f.Schema)
			for _, name := range f.Site.Traits {
				if _, ok := known[name]; !ok && name != "" {
					say("settings: traits", "%q is no trait of the identity schema", name)
				}
			}
		},
	},
}

func traits(schema map[string]any) map[string]any {
	found, _ := at(schema, "properties", "traits", "properties").(map[string]any)
	return found
}
