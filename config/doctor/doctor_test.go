package doctor

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"efpconnect.example/config"
	"efpconnect.example/config/validate"
	"efpconnect.example/internal/password"
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

func TestMoreBroken(t *testing.T) {
	for _, c := range broken {
		if rule := ruleOf(t, c.rule); len(rule.Examine(sample(t, c.facts))) == 0 {
			t.Errorf("%s: %s finds nothing", c.why, c.rule)
		}
	}
}

// Each thing that a rule can say is said of a broken sample: the source tells where they are, the samples which of them are reached.
func TestEveryConditionHasASample(t *testing.T) {
	said := map[string]bool{}
	examine := func(rule *Rule, facts *Facts) {
		facts.prepare()
		rule.check(facts, func(string, string, ...any) {
			_, file, line, _ := runtime.Caller(1)
			said[fmt.Sprintf("%s:%d", filepath.Base(file), line)] = true
		})
	}
	for _, rule := range Rules() {
		examine(rule, sample(t, rule.Broken))
	}
	for _, c := range broken {
		examine(ruleOf(t, c.rule), sample(t, c.facts))
	}
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 10 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(source), "\n") {
			if at := fmt.Sprintf("%s:%d", file, i+1); strings.HasPrefix(strings.TrimSpace(line), "say(") && !said[at] {
				t.Errorf("%s: no sample is broken in this way: %s", at, strings.TrimSpace(line))
			}
		}
	}
}

// Every key that a rule asks Kratos's default of is one that Kratos has.
func TestKeysOfTheSchema(t *testing.T) {
	asked := regexp.MustCompile(`f\.(?:truth|number|life|choice|bytes|list|unwritten)\(([^()]+)\)`)
	known := map[string]string{"flows": flows, "passwordKeys": passwordKeys, "cors": "serve.public.cors."}
	later := []string{"secrets.pagination"} // v26.2.0's
	checked := 0
	files, _ := filepath.Glob("*.go")
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range asked.FindAllStringSubmatch(string(source), -1) {
			key := ""
			for part := range strings.SplitSeq(found[1], "+") {
				part = strings.TrimSpace(part)
				text, err := strconv.Unquote(part)
				if err != nil {
					text = known[part]
				}
				key += text
			}
			if key == "" || strings.HasSuffix(file, "_test.go") {
				continue // a loop's variable: TestEveryCondition sees what it asks
			}
			if checked++; !pinned().Knows(key) && !slices.Contains(later, key) {
				t.Errorf("%s: Kratos has no key %s", file, key)
			}
		}
	}
	if checked < 20 {
		t.Errorf("%d keys found", checked)
	}
	for _, door := range config.Doors() {
		if door.OpenedBy != "" && !pinned().Knows(door.OpenedBy) {
			t.Errorf("Kratos has no key %s", door.OpenedBy)
		}
	}
}

// What Kratos takes where nothing is written, of the version that is judged; a difference from the other is said.
func TestDefaults(t *testing.T) {
	for key, want := range map[string]any{
		"selfservice.flows.registration.enabled": true, "selfservice.methods.link.enabled": false, "selfservice.methods.code.enabled": true,
		"selfservice.methods.profile.enabled": true, "selfservice.flows.settings.required_aal": "highest_available", "courier.message_retries": 5.0,
		"log.leak_sensitive_values": nil, "nowhere.at_all": nil,
	} {
		if got := pinned().Default(key); got != want {
			t.Errorf("%s: %v, want %v", key, got, want)
		}
	}
	if _, err := ParseSchema([]byte(`{"type": "object", "properties": {"traits": {}}}`)); !errors.Is(err, ErrNoSchema) {
		t.Errorf("an identity schema: %v", err)
	}
	opened, err := ParseSchema(bytes.ReplaceAll(validate.Schema, []byte(`"default": false`), []byte(`"default": true`)))
	if err != nil {
		t.Fatal(err)
	}
	facts := sample(t, `kratos: {selfservice: {methods: {profile: {enabled: false}}}}`)
	facts.Judged = opened
	for _, finding := range ruleOf(t, "ways-closed").Examine(facts) {
		if finding.Key == "selfservice.methods.link.enabled" && strings.Contains(finding.Says, "of this Kratos (that of v1.3.1 is false)") {
			return
		}
	}
	t.Error("a default that differs is not said")
}

func sample(t *testing.T, text string) *Facts {
	t.Helper()
	f, err := Read(text)
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return f
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

// The rule password-policy and kratos.yml ask for as many characters as the site's policy.
func TestNumbers(t *testing.T) {
	least := password.Default().MinLength
	for n, want := range map[int]bool{least - 1: true, least: false} {
		facts, err := Read(fmt.Sprintf(`kratos: {selfservice: {methods: {password: {config: {min_password_length: %d, identifier_similarity_check_enabled: true}}}}}`, n))
		if err != nil {
			t.Fatal(err)
		}
		if found := len(ruleOf(t, "password-policy").Examine(facts)) > 0; found != want {
			t.Errorf("the policy asks for %d characters; of %d the rule password-policy says %v", least, n, found)
		}
	}
	if written, err := config.Lookup("production", "selfservice.methods.password.config.min_password_length"); written != strconv.Itoa(least) {
		t.Errorf("the policy asks for %d characters, kratos.yml for %s (%v)", least, written, err)
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
