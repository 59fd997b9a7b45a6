package doctor

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"efpconnect.example/config/validate"
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
		{"a body that names no flow", "permit-blocks", `kratos: {selfservice: {flows: {settings: {after: {password: {hooks: [` + strings.Replace(permitSample, permitBody, "base64://e30=", 1) + `]}}}}}}`},
		{"a key of a tutorial", "permit-secret", `kratos: {selfservice: {flows: {settings: {after: {password: {hooks: [` + strings.Replace(permitSample, "of the site, 32 characters or more", "change-me", 1) + `]}}}}}}`},
		{"a refusal of the Internet stops resets", "breach-check", `kratos: {selfservice: {methods: {password: {config: {ignore_network_errors: false}}}}}`},
		{"link is open where nothing is written", "ways-closed", `kratos: {selfservice: {methods: {profile: {enabled: false}}}}`},
		{"a code of an hour, as Kratos's default", "code-lifetime", `kratos: {selfservice: {flows: {recovery: {lifespan: 48h}}}}`},
		{"a session shorter than step 3", "step-3-lifetime", `kratos: {session: {lifespan: 1h}, selfservice: {flows: {settings: {lifespan: 1h, privileged_session_max_age: 2h}}}}`},
		{"Kratos started with --dev behind https", "cookies-secure", `{site: {public_url: "https://e.example.test"}, processes: [{name: kratos, command: [serve, --dev]}]}`},
		{"accounts in a file, of a document alone", "database-shared", `kratos: {dsn: "sqlite:///var/lib/kratos.sqlite?_fk=true", selfservice: {default_browser_return_url: "https://e.example.test/"}}`},
		{"accounts in memory, in containers", "database-shared", `{kratos: {dsn: memory}, processes: [{name: kratos, command: [serve]}]}`},
		{"a service elsewhere, and no domain", "cookie-domain", `{site: {public_url: "https://e.example.test", return_to: ["https://s.example.test"]}, kratos: {}}`},
		{"a domain that only looks alike", "cookie-domain", `{site: {public_url: "https://badexample.test"}, kratos: {cookies: {domain: example.test}}}`},
		{"no secret at all", "secrets-strong", `kratos: {}`},
		{"33 characters to encrypt with", "secrets-strong", `kratos: {secrets: {cookie: ["tZ4vJq7Kp2Xw9LmR"], cipher: ["Yd8RkP3nWq5TzL7vBxM2hJc9GsF4aNe6x"]}}`},
		{"no courier", "one-courier", `processes: [{name: kratos, command: [serve]}]`},
		{"a relay by an address of the Internet", "mail-relay", `kratos: {courier: {smtp: {connection_uri: "smtp://203.0.113.9:25/"}}}`},
		{"DSN wins too", "variables-win", `variables: [DSN]`},
		{"no host is every host", "ports-bound", `kratos: {serve: {public: {host: 127.0.0.1}}}`},
		{"every address of IPv6", "ports-bound", `kratos: {serve: {public: {host: 127.0.0.1}, admin: {host: "::"}}}`},
		{"an address of the Internet", "ports-bound", `kratos: {serve: {public: {host: 203.0.113.9}, admin: {host: 127.0.0.1}}}`},
		{"the host's own network publishes everything", "ports-private", `processes: [{name: id, command: [kratos, serve], host: true}]`},
		{"a Kratos of an image of one's own", "ports-private", `processes: [{name: id, image: "registry.example.test/id:1", command: [/usr/bin/kratos, serve], published: [4434]}]`},
		{"a proxy that everybody may be", "proxy-trusted", `site: {public_url: "https://e.example.test", trusted_proxies: [0.0.0.0/0]}`},
		{"a site that leaves before Kratos has given up", "breach-check", `{kratos: {selfservice: {methods: {password: {config: {ignore_network_errors: true}}}}}, site: {password_timeout: 5s}}`},
		{"an identity schema nobody logs in with", "schema-recovery", `schema: {properties: {traits: {properties: {email: {"ory.sh/kratos": {recovery: {via: email}}}}}}}`},
	} {
		if rule := ruleOf(t, c.rule); len(rule.Examine(sample(t, c.facts))) == 0 {
			t.Errorf("%s: %s finds nothing", c.why, c.rule)
		}
	}
}

// The demonstration loses its accounts at its end, and a document without a database may be given one by a variable.
func TestDatabaseOfTheDemonstration(t *testing.T) {
	rule := ruleOf(t, "database-shared")
	for _, facts := range []string{
		`{kratos: {dsn: memory, selfservice: {default_browser_return_url: "http://127.0.0.1:4455/connexion"}}, site: {public_url: "http://127.0.0.1:4455"}}`,
		`{kratos: {selfservice: {default_browser_return_url: "https://e.example.test/"}}}`,
	} {
		for _, finding := range rule.Examine(sample(t, facts)) {
			t.Errorf("%s: %s of %s", finding.Key, finding.Says, facts)
		}
	}
}

// What is no Kratos is not taken for one, whatever the words of its command.
func TestOtherProcesses(t *testing.T) {
	f := sample(t, `{variables: [PATH], processes: [{name: hydra, image: "oryd/hydra:v2", command: [serve, all, --dev], published: [4444]},
  {name: config, image: "efpconnect/selfservice:1", command: [/bin/kratos-config, render]}]}`)
	for _, finding := range Examine(f) {
		if finding.Rule.ID == "ports-private" || finding.Rule.ID == "one-courier" || finding.Rule.ID == "telemetry-off" {
			t.Errorf("%s: %s %s", finding.Rule.ID, finding.Key, finding.Says)
		}
	}
}

// Kratos reads a variable for each key of its schema: the rule knows them all.
func TestVariablesOfTheSchema(t *testing.T) {
	var schema struct {
		Properties map[string]struct{ Type string }
	}
	if err := json.Unmarshal(validate.Schema, &schema); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"help", "config", "sqa-opt-out"} { // of the command line; telemetry is to be off
		delete(schema.Properties, key)
	}
	rule := ruleOf(t, "variables-win")
	for key, property := range schema.Properties {
		name := strings.ToUpper(strings.ReplaceAll(key, "-", "_"))
		if property.Type == "object" || property.Type == "" {
			name += "_SOMETHING"
		}
		if len(rule.Examine(&Facts{Variables: []string{name}})) == 0 {
			t.Errorf("%s may override %s unseen", name, key)
		}
	}
}

func ruleOf(t *testing.T, id string) *Rule {
	t.Helper()
	for _, rule := range Rules() {
		if rule.ID == id {
			return rule
		}
	}
	t.Fatalf("no rule %s", id)
	return nil
}

// Facts that are not known make no finding: doctor --file has neither processes nor settings.
func TestNothingKnown(t *testing.T) {
	for _, rule := range slices.Concat(processRules, siteRules, pageRules) {
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
