package settings

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// The words of the help are values, wherever they are written; with others beside them they are a fault.
func TestBothAndNothing(t *testing.T) {
	for word, want := range map[string][]string{"both": {"picture", "proof"}, "nothing": nil, "picture": {"picture"}, "proof,picture": {"proof", "picture"}} {
		t.Setenv("EFP_PROTECT_RESET", "")
		os.Unsetenv("EFP_PROTECT_RESET")
		for how, s := range map[string]Settings{
			"a flag":        good(t, "--protect-reset="+word),
			"a file":        good(t, "--config="+file(t, "site.yaml", "protect_reset: "+word+"\n")),
			"a file's list": good(t, "--config="+file(t, "site.yaml", "protect_reset: ["+word+"]\n")),
		} {
			if !slices.Equal(s.ProtectReset, want) {
				t.Errorf("%s as %s: %q", word, how, s.ProtectReset)
			}
		}
		t.Setenv("EFP_PROTECT_RESET", word)
		if s := good(t); !slices.Equal(s.ProtectReset, want) {
			t.Errorf("%s as a variable: %q", word, s.ProtectReset)
		}
	}
	os.Unsetenv("EFP_PROTECT_RESET")
	for _, wrong := range []string{"both,proof", "nothing,proof", "Both", "all"} {
		if _, err := readWith(t, "--protect-reset="+wrong); err == nil || !strings.Contains(err.Error(), "both, nothing") {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}

// A secret in the file of settings would be copied with it: into a ticket, a repository, a backup.
func TestNoSecretInTheFile(t *testing.T) {
	for _, f := range fields() {
		if !f.secret {
			continue
		}
		for _, written := range []string{"S3cret-of-the-file-0123456789abcdef", "[S3cret-of-the-file-0123456789abcdef]"} {
			_, err := readWith(t, "--config="+file(t, "site.yaml", f.key+": "+written+"\n"))
			if err == nil || !strings.Contains(err.Error(), f.key+" is a secret") || !strings.Contains(err.Error(), f.variable()+"_FILE") || strings.Contains(err.Error(), "S3cret") {
				t.Errorf("%s: %v", f.key, err)
			}
		}
	}
}

func TestSentences(t *testing.T) {
	for args, says := range map[string]string{
		"--config=/nowhere/site.yml":                               "--config: there is no file /nowhere/site.yml",
		"--listen=0.0.0.0:4455 --internal-listen=127.0.0.1:4455":   "internal_listen: is 127.0.0.1:4455, which is in listen (0.0.0.0:4455) too",
		"--listen=127.0.0.1:4455 --internal-listen=127.0.0.1:4455": "each listener has a port of its own",
	} {
		if _, err := readWith(t, strings.Fields(args)...); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", args, err)
		}
	}
	good(t, "--listen=127.0.0.1:4455", "--internal-listen=127.0.0.2:4455")
	good(t, "--listen=127.0.0.1:0", "--internal-listen=127.0.0.1:0")
}

// What a running process does not take over is named, and nothing of its value.
func TestWaiting(t *testing.T) {
	a, b := good(t), good(t, "--log-level=debug", "--service-name=Autre", "--drain=9s")
	b.HookKey = "another"
	if got := Waiting(a, b); !slices.Equal(got, []string{"hook_key", "service_name", "drain"}) {
		t.Errorf("%v", got)
	}
	if got := Waiting(a, a); len(got) > 0 {
		t.Errorf("%v", got)
	}
}

// Editors are given the schema that is delivered; the settings that are delivered fit it.
func TestSchema(t *testing.T) {
	var printed bytes.Buffer
	if err := WriteSchema(&printed); err != nil {
		t.Fatal(err)
	}
	const name = "../../deploy/settings/settings.schema.json"
	if delivered, err := os.ReadFile(name); err != nil || string(delivered) != printed.String() {
		t.Errorf("%s is not what `selfservice-ui schema` prints: %v", name, err)
	}
	var schema struct {
		Properties map[string]struct{ Description string }
	}
	if err := json.Unmarshal(printed.Bytes(), &schema); err != nil {
		t.Fatal(err)
	}
	for _, f := range fields() {
		if described, there := schema.Properties[f.key]; there == f.secret || there && described.Description == "" {
			t.Errorf("%s: secret %v, in the schema %v", f.key, f.secret, there)
		}
	}
	files, _ := filepath.Glob("../../deploy/settings/*.yml")
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil || !strings.HasPrefix(string(content), "# yaml-language-server: $schema=settings.schema.json\n") {
			t.Errorf("%s does not name the schema: %v", name, err)
		}
		var written map[string]any
		if err := yaml.Unmarshal(content, &written); err != nil {
			t.Fatal(err)
		}
		for key := range written {
			if _, there := schema.Properties[key]; !there {
				t.Errorf("%s: %s is not in the schema", name, key)
			}
		}
	}
	if len(files) < 3 {
		t.Errorf("%v", files)
	}
}
