package doctor

import (
	"strings"
	"testing"

	"efpconnect.example/internal/password"
	"efpconnect.example/selfservice-ui/recovery"
)

// TestEveryRule is what makes a rule one: it finds fault with its broken sample, and none with the mended one. A rule without
// both fails here.
func TestEveryRule(t *testing.T) {
	seen := map[string]bool{}
	for _, rule := range Rules() {
		t.Run(rule.ID, func(t *testing.T) {
			if seen[rule.ID] {
				t.Error("another rule has this id")
			}
			seen[rule.ID] = true
			for name, text := range map[string]string{"id": rule.ID, "why": rule.Why, "what to write": rule.Write, "broken sample": rule.Broken, "passing sample": rule.Passes} {
				if strings.TrimSpace(text) == "" {
					t.Fatalf("no %s", name)
				}
			}
			if found := rule.Examine(sample(t, rule.Broken)); len(found) == 0 {
				t.Error("finds nothing in its broken sample")
			} else if found[0].Key == "" || found[0].Says == "" {
				t.Errorf("does not say where, or what: %+v", found[0])
			}
			for _, finding := range rule.Examine(sample(t, rule.Passes)) {
				t.Errorf("its passing sample: %s %s", finding.Key, finding.Says)
			}
		})
	}
}

func sample(t *testing.T, text string) *Facts {
	t.Helper()
	f, err := Read(text)
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return f
}

// More ways to break a rule than its one sample shows. Each was, or could be, written in good faith.
func TestMoreBroken(t *testing.T) {
	for _, c := range []struct{ why, rule, facts string }{
		{"the permit after another hook", "permit-first", `kratos: {selfservice: {flows: {settings: {after: {password: {hooks: [{hook: revoke_active_sessions}, ` + permitSample + `]}}}}}}`},
		{"ignore makes Kratos go on at once", "permit-blocks", `kratos: {selfservice: {flows: {settings: {after: {password: {hooks: [` + strings.Replace(permitSample, "parse: true", "parse: true, ignore: true", 1) + `]}}}}}}`},
		{"a hook by GET carries no flow", "permit-blocks", `kratos: {selfservice: {flows: {settings: {after: {password: {hooks: [` + strings.Replace(permitSample, "POST", "GET", 1) + `]}}}}}}`},
		{"a key of a tutorial", "permit-secret", `kratos: {selfservice: {flows: {settings: {after: {password: {hooks: [` + strings.Replace(permitSample, "of the environment, 32 characters or more", "change-me", 1) + `]}}}}}}`},
		{"a refusal of the Internet stops resets", "breach-check", `kratos: {selfservice: {methods: {password: {config: {ignore_network_errors: false}}}}}`},
		{"link is open where nothing is written", "ways-closed", `kratos: {selfservice: {methods: {profile: {enabled: false}}}}`},
		{"a code of an hour, as Kratos's default", "code-lifetime", `kratos: {selfservice: {flows: {recovery: {lifespan: 48h}}}}`},
		{"a session shorter than step 3", "step-3-lifetime", `kratos: {session: {lifespan: 1h}, selfservice: {flows: {settings: {lifespan: 1h, privileged_session_max_age: 2h}}}}`},
		{"Kratos started with --dev behind https", "cookies-secure", `{site: {public_url: "https://e.example.test"}, processes: [{name: kratos, command: [serve, --dev]}]}`},
		{"a service elsewhere, and no domain", "cookie-domain", `{site: {public_url: "https://e.example.test", return_to: ["https://s.example.test"]}, kratos: {}}`},
		{"a domain that only looks alike", "cookie-domain", `{site: {public_url: "https://badexample.test"}, kratos: {cookies: {domain: example.test}}}`},
		{"no secret at all", "secrets-strong", `kratos: {}`},
		{"33 characters to encrypt with", "secrets-strong", `kratos: {secrets: {cookie: ["tZ4vJq7Kp2Xw9LmR"], cipher: ["Yd8RkP3nWq5TzL7vBxM2hJc9GsF4aNe6x"]}}`},
		{"no courier", "one-courier", `processes: [{name: kratos, command: [serve]}]`},
		{"a relay by an address of the Internet", "mail-relay", `kratos: {courier: {smtp: {connection_uri: "smtp://203.0.113.9:25/"}}}`},
		{"DSN wins too", "variables-win", `variables: [DSN]`},
		{"an identity schema nobody logs in with", "schema-recovery", `schema: {properties: {traits: {properties: {email: {"ory.sh/kratos": {recovery: {via: email}}}}}}}`},
	} {
		var rule *Rule
		for _, r := range Rules() {
			if r.ID == c.rule {
				rule = r
			}
		}
		if rule == nil {
			t.Fatalf("no rule %s", c.rule)
		}
		if len(rule.Examine(sample(t, c.facts))) == 0 {
			t.Errorf("%s: %s finds nothing", c.why, c.rule)
		}
	}
}

// Facts that are not known make no finding: doctor --file has neither processes nor settings.
func TestNothingKnown(t *testing.T) {
	for _, rule := range append(processRules, pageRules...) {
		for _, finding := range rule.Examine(&Facts{}) {
			t.Errorf("%s speaks of what it does not know: %s", rule.ID, finding.Says)
		}
	}
}

// The numbers that rules compare with are those of the pages and of the policy.
func TestNumbers(t *testing.T) {
	times := recovery.DefaultTimes()
	if times.Code != codeLife || times.Flow != flowLife || times.Settings != stepLife {
		t.Errorf("the site's times are %+v", times)
	}
	if password.Default().MinLength != 12 {
		t.Errorf("the policy asks for %d characters, the rule password-policy for 12", password.Default().MinLength)
	}
}

func FuzzRead(f *testing.F) {
	for _, rule := range Rules() {
		f.Add(rule.Broken)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if facts, err := Read(text); err == nil {
			Examine(facts) // whatever an administrator's file holds, no rule may panic
		}
	})
}
