package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"efpconnect.example/config"
	"efpconnect.example/config/validate"
)

// The gravest comes first, a line each, and a program reads the same.
func TestDoctorOrderAndForm(t *testing.T) {
	file := write(t, "kratos.yml", theirs)
	lines, _ := run(t, nil, "doctor", "--file", file)
	printed, err := run(t, nil, "doctor", "--file", file, "--json")
	if !errors.Is(err, errFound) {
		t.Fatalf("%v: %s", err, printed)
	}
	var read struct {
		Findings []struct{ Rule, Gravity, Key, Says, Why, Write string }
		Not      []string `json:"not_judged"`
	}
	if err := json.NewDecoder(strings.NewReader(printed)).Decode(&read); err != nil || len(read.Findings) < 20 || len(read.Not) != 1 {
		t.Fatalf("%v: %+v", err, read)
	}
	var gravities []string
	for _, f := range read.Findings {
		gravities = append(gravities, f.Gravity)
		if f.Rule == "" || f.Key == "" || f.Says == "" || f.Why == "" || f.Write == "" {
			t.Errorf("%+v", f)
		}
		if !strings.Contains(lines, f.Key+": "+f.Says+"\n") {
			t.Errorf("no line says %s: %s", f.Key, f.Says)
		}
	}
	order := []string{"danger", "broken", "advice"}
	if !slices.IsSortedFunc(gravities, func(a, b string) int { return slices.Index(order, a) - slices.Index(order, b) }) {
		t.Errorf("not the gravest first: %v", gravities)
	}
	if n := strings.Count(lines, "\n"); n != len(read.Findings)+2 { // what was not judged, and the sum
		t.Errorf("%d lines for %d findings:\n%s", n, len(read.Findings), lines)
	}
	long, _ := run(t, nil, "doctor", "--file", file, "--long")
	for _, want := range []string{"\npermit-blocks (danger)\n  why    ", "\n  write  ", "\n  at     "} {
		if !strings.Contains(long, want) {
			t.Errorf("--long does not say %q", want)
		}
	}
	for _, output := range []string{lines, printed, long} {
		noSecret(t, "doctor", output)
	}
}

// What is no kratos.yml is said to be what it is, in one sentence.
func TestDoctorNoDocument(t *testing.T) {
	for _, c := range []struct{ name, document, says string }{
		{"kratos.yml", "", "it holds nothing"},
		{"kratos.yml", "# nothing yet\n---\n", "it holds nothing"},
		{"values.yaml", "image: {tag: v1.3.1}\nkratos: {config: {dsn: memory}}\n", "the values of Ory's Helm chart"},
		{"kratos.yaml", "serve:\n  public:\n    base_url: {{ .Values.url }}\n", "a template"},
		{"configmap.yaml", "apiVersion: v1\nkind: ConfigMap\ndata: {kratos.yaml: 'dsn: memory'}\n", "a manifest of Kubernetes (ConfigMap)"},
		{"docker-compose.yml", "services: {kratos: {image: oryd/kratos}}\n", "a Compose file"},
		{"other.yml", "name: me\nport: 80\n", "no key of Kratos's (name, port)"},
		{"kratos.yml", "dsn: memory\ndsn: memory\n", "already defined"},
		{"kratos.toml", "dsn: memory\n", "it cannot be read"},
		{"kratos.json", "{\"dsn\": ", "it cannot be read"},
	} {
		output, err := run(t, nil, "doctor", "--file", write(t, c.name, c.document))
		if err == nil || errors.Is(err, errFound) || !strings.Contains(output, c.says) || strings.Count(output, "\n") > 0 {
			t.Errorf("%s %q: %v: %s", c.name, c.document, err, output)
		}
	}
}

// TOML and JSON are judged like the same in YAML.
func TestDoctorForms(t *testing.T) {
	want := ""
	for _, c := range []struct{ name, document string }{
		{"kratos.yml", "dsn: memory\nselfservice: {methods: {link: {enabled: true}, profile: {enabled: false}}, flows: {registration: {enabled: false}}}\n"},
		{"kratos.json", `{"dsn": "memory", "selfservice": {"methods": {"link": {"enabled": true}, "profile": {"enabled": false}}, "flows": {"registration": {"enabled": false}}}}`},
		{"kratos.toml", "dsn = \"memory\"\n[selfservice.methods.link]\nenabled = true\n[selfservice.methods.profile]\nenabled = false\n[selfservice.flows.registration]\nenabled = false\n"},
	} {
		file := write(t, c.name, c.document)
		output, _ := run(t, nil, "doctor", "--file", file)
		output = strings.ReplaceAll(output, file, "")
		if want == "" {
			want = output
		}
		if output != want || !strings.Contains(output, "selfservice.methods.link.enabled: is open") {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, output, want)
		}
	}
}

// Where accounts can be created, what kratos-config renders passes; each of its permits is needed.
func TestDoctorOpenRegistration(t *testing.T) {
	args := append([]string{"doctor", "--environment", "production", "--skip", "samples-left", "--registration", "open"}, settingsOf("production")...)
	open := "values: {registration: open}\n"
	if output, err := run(t, nil, append(args, "--overlay", write(t, "overlay.yml", open))...); err != nil {
		t.Errorf("open: %s", output)
	}
	if output, err := run(t, nil, args...); !errors.Is(err, errFound) || !finds(output, "registration-agrees") {
		t.Errorf("open in the site alone: %v: %s", err, output)
	}
	more := open + "selfservice: {methods: {passkey: {enabled: true, config: {rp: {id: e.example.test, display_name: E, origins: ['https://e.example.test']}}}}}\n"
	if output, err := run(t, nil, append(args, "--overlay", write(t, "overlay.yml", more))...); !errors.Is(err, errFound) || !finds(output, "doors-permitted") {
		t.Errorf("a further method: %v: %s", err, output)
	}
}

// Another Kratos is judged by its own schema.
func TestDoctorSchema(t *testing.T) {
	file := write(t, "kratos.yml", "dsn: memory\nselfservice: {flows: {registration: {enabled: false}}}\n")
	other := write(t, "schema.json", strings.ReplaceAll(string(validate.Schema), `"default": false`, `"default": true`))
	output, _ := run(t, nil, "doctor", "--file", file, "--schema", other)
	if !strings.Contains(output, "selfservice.methods.link.enabled: is open, by the default of this Kratos (that of v1.3.1 is false)") {
		t.Errorf("%s", output)
	}
	for name, says := range map[string]string{
		write(t, "person.json", `{"properties":{"traits":{}}}`): "no configuration schema of a Kratos",
		write(t, "kratos.yml", "dsn: memory"):                   "no configuration schema of a Kratos",
		filepath.Join(t.TempDir(), "nowhere.json"):              "no such file",
	} {
		for _, verb := range []string{"doctor", "validate"} {
			if output, err := run(t, nil, verb, "--file", file, "--schema", name); err == nil || errors.Is(err, errFound) || !strings.Contains(output, says) {
				t.Errorf("%s --schema %s: %v: %s", verb, name, err, output)
			}
		}
	}
}

// Each side of a comparison has its own settings.
func TestDiffSides(t *testing.T) {
	left, right := write(t, "left.yml", "public_url: https://left.example.test\n"), write(t, "right.yml", "public_url: https://right.example.test\n")
	overlay := write(t, "overlay.yml", "cookies: {domain: right.example.test}\n")
	output, err := run(t, nil, "diff", "rct", "--environment", "production", "--config", left, "--other-config", right, "--other-overlay", overlay)
	if err != nil {
		t.Fatal(output)
	}
	for _, want := range []string{"  - https://left.example.test/connexion\n  + https://right.example.test/connexion\n", "cookies.domain\n  - efpconnect.example.test\n  + right.example.test\n"} {
		if !strings.Contains(output, want) {
			t.Errorf("does not say %q:\n%s", want, output)
		}
	}
	if _, err := run(t, nil, "diff", "--file", left, "--environment", "production", "--other-config", right); err == nil || !strings.Contains(err.Error(), "go with another environment") {
		t.Errorf("%v", err)
	}
	if output, err := run(t, nil, "diff", "prod", "--environment", "production"); err == nil || !strings.Contains(output, strings.Join(config.Environments(), ", ")) {
		t.Errorf("an unknown environment: %s", output)
	}
}

// Of some sixty flags, the verb's own are the first to be read.
func TestOwnFlagsFirst(t *testing.T) {
	for verb, own := range map[string][]string{"doctor": {"--explain", "--file", "--json", "--schema"}, "render": {"--out"}, "validate": {"--file"}, "diff": {"--other-config"}} {
		output, err := run(t, nil, verb, "--help")
		at := strings.Index(output, "Settings of the site")
		if err != nil || at < 0 {
			t.Fatalf("%s: %v: %s", verb, err, output)
		}
		for _, flag := range append(own, "--environment", "--overlay") {
			if i := strings.Index(output, flag); i < 0 || i > at {
				t.Errorf("%s --help: %s is not among its own flags", verb, flag)
			}
		}
		if i := strings.Index(output, "--answer-after"); i < at {
			t.Errorf("%s --help: a setting of the site stands among the verb's flags", verb)
		}
	}
}

// render and rotate see the real secrets, and judge them.
func TestRealSecretsAreJudged(t *testing.T) {
	for name, value := range map[string]string{
		"EFP_KRATOS_COOKIE_SECRETS": "this-is-super-secret", "EFP_KRATOS_CIPHER_SECRETS": "abcdefghijklmnopqrstuvwxyz012345",
	} {
		dir, env := t.TempDir(), map[string]string{name: value}
		for other, given := range known {
			if other != name {
				env[other] = given
			}
		}
		output, err := run(t, env, append([]string{"render", "--environment", "production", "--out", filepath.Join(dir, "k")}, settingsOf("production")...)...)
		if !errors.Is(err, errFound) || !finds(output, "secrets-strong") || strings.Contains(output, value) {
			t.Errorf("%s: %v: %s", name, err, output)
		}
		if _, err := os.Stat(filepath.Join(dir, "k")); !os.IsNotExist(err) {
			t.Errorf("%s: something was written: %v", name, err)
		}
	}
	for dsn, good := range map[string]bool{"kratos": false, "https://db.example.test": false, "postgres://": false, "postgres://kratos@db/k": true, "sqlite:///k.sqlite": true, "memory": true} {
		env := map[string]string{"EFP_KRATOS_DSN": dsn}
		for other, given := range known {
			if other != "EFP_KRATOS_DSN" {
				env[other] = given
			}
		}
		output, err := run(t, env, append([]string{"render", "--environment", "production", "--out", filepath.Join(t.TempDir(), "k")}, settingsOf("production")...)...)
		if (err == nil) != good || !good && !strings.Contains(output, "EFP_KRATOS_DSN: no address of a database") {
			t.Errorf("%s: %v: %s", dsn, err, output)
		}
	}
	own := secretsFolder(t)
	if err := os.WriteFile(filepath.Join(own, "kratos/cipher"), []byte("this-is-super-secret-this-is-sup\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if output, err := run(t, nil, "rotate", "kratos/cipher", "add", "--secrets", own); err != nil || !strings.Contains(output, "number 1 can be guessed") || !strings.Contains(output, "2 in it now") {
		t.Errorf("%v: %s", err, output)
	}
	if err := os.WriteFile(filepath.Join(own, "kratos/cipher"), []byte(" \n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if output, err := run(t, nil, "rotate", "kratos/cipher", "add", "--secrets", own); err == nil || !strings.Contains(output, "holds nothing") {
		t.Errorf("an empty file: %v: %s", err, output)
	}
}
