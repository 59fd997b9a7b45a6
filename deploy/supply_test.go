package deploy

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"efpconnect.example/internal/testkit/kratostest"
)

// What is fetched to build and test us is named by its content: a tag is another thing tomorrow.
func TestActionsAreNamedByTheirCommits(t *testing.T) {
	uses := regexp.MustCompile(`uses: (\S+)(.*)`)
	found := uses.FindAllStringSubmatch(read(t, "../.github/workflows/test.yml"), -1)
	if len(found) < 3 {
		t.Fatalf("%d actions are read", len(found))
	}
	for _, one := range found {
		if !regexp.MustCompile(`@[0-9a-f]{40}$`).MatchString(one[1]) || !regexp.MustCompile(`# v\d+\.\d+\.\d+$`).MatchString(one[2]) {
			t.Errorf("%s%s: a commit, and its version in a comment", one[1], one[2])
		}
	}
}

// TestPin: `make pin` writes what the registry says of each tag and nothing else; `make pin CHECK=1` names those without a digest.
func TestPin(t *testing.T) {
	dir := t.TempDir()
	copyOf := func(from, to string, mode os.FileMode) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, to)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, to), []byte(read(t, from)), mode); err != nil {
			t.Fatal(err)
		}
	}
	copyOf("../scripts/pin", "scripts/pin", 0o755)
	copyOf("../docker-compose.yml", "docker-compose.yml", 0o644)
	copyOf("../Dockerfile", "Dockerfile", 0o644)
	digest := "sha256:" + strings.Repeat("0123456789abcdef", 4)
	registry := func(says string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Join(dir, "bin"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "bin", "docker"), []byte("#!/bin/sh\necho "+says+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	pin := func(arguments ...string) (string, error) {
		run := exec.Command(filepath.Join(dir, "scripts", "pin"), arguments...)
		run.Env = append(os.Environ(), "PATH="+filepath.Join(dir, "bin")+":"+os.Getenv("PATH"))
		output, err := run.CombinedOutput()
		return string(output), err
	}
	if output, err := pin("--check"); err == nil || !strings.Contains(output, "oryd/kratos:v26.2.0") || !strings.Contains(output, "golang:1.26-bookworm") {
		t.Errorf("before: %v %s", err, output)
	}
	registry("no such tag")
	if output, err := pin(); err == nil || strings.Contains(read(t, dir+"/docker-compose.yml"), "no such tag") {
		t.Errorf("a registry without an answer: %v %s", err, output)
	}
	registry(digest)
	for range 2 { // again, for a newer digest
		if output, err := pin(); err != nil {
			t.Fatalf("%v: %s", err, output)
		}
	}
	compose, dockerfile := read(t, dir+"/docker-compose.yml"), read(t, dir+"/Dockerfile")
	for _, line := range []string{"image: oryd/kratos:v26.2.0@" + digest + "\n", "image: haproxy:3.0-alpine@" + digest + "\n", "image: ${EFP_IMAGE:-efpconnect/selfservice:local}\n"} {
		if !strings.Contains(compose, line) {
			t.Errorf("docker-compose.yml lacks %s", line)
		}
	}
	for _, line := range []string{"FROM golang:1.26-bookworm@" + digest + " AS build\n", "FROM scratch\n"} {
		if !strings.Contains(dockerfile, line) {
			t.Errorf("Dockerfile lacks %s", line)
		}
	}
	if strings.ReplaceAll(compose, "@"+digest, "") != read(t, "../docker-compose.yml") {
		t.Error("more than digests was written")
	}
	if output, err := pin("--check"); err != nil {
		t.Errorf("after: %v %s", err, output)
	}
}

// TestSBOM: `make sbom` says what each program is made of, with the versions of go.mod, and what the pages take from npm.
func TestSBOM(t *testing.T) {
	gomod := read(t, "../go.mod")
	for file, name := range map[string]string{
		"selfservice-ui.cdx.json":  "github.com/gorilla/mux",
		"import-accounts.cdx.json": "github.com/jackc/pgx/v5",
		"kratos-config.cdx.json":   "github.com/knadh/koanf/v2",
		"pages.cdx.json":           "@gouvfr/dsfr",
	} {
		content, err := os.ReadFile("../.build/sbom/" + file)
		if err != nil {
			kratostest.Missing(t, "the bill of materials (make sbom)")
		}
		var bill struct {
			Format     string `json:"bomFormat"`
			Version    string `json:"specVersion"`
			Components []struct {
				Group, Name, Version string
				PURL                 string `json:"purl"`
			}
		}
		if err := json.Unmarshal(content, &bill); err != nil || bill.Format != "CycloneDX" || bill.Version == "" {
			t.Fatalf("%s: %v %q %q", file, err, bill.Format, bill.Version)
		}
		there := false
		for _, c := range bill.Components {
			full := strings.TrimPrefix(c.Group+"/"+c.Name, "/")
			if c.Version == "" || !strings.HasPrefix(c.PURL, "pkg:") {
				t.Errorf("%s: %s has no version or no address", file, full)
			}
			if full == name {
				there = strings.Contains(gomod, name+" "+c.Version) || strings.HasPrefix(name, "@")
			}
		}
		if !there || len(bill.Components) < 2 {
			t.Errorf("%s: %s is not among %d components, in our version", file, name, len(bill.Components))
		}
	}
}

// README says under which licence each npm package is, as npm's own list does.
func TestLicences(t *testing.T) {
	var lock struct {
		Packages map[string]struct{ License string }
	}
	if err := json.Unmarshal([]byte(read(t, "../package-lock.json")), &lock); err != nil {
		t.Fatal(err)
	}
	readme := read(t, "../README.md")
	for path, p := range lock.Packages {
		name, isPackage := strings.CutPrefix(path, "node_modules/")
		if !isPackage {
			continue
		}
		found := false
		for line := range strings.Lines(readme) {
			found = found || strings.HasPrefix(line, "|") && strings.Contains(line, "`"+name+"`") && strings.Contains(line, "`"+p.License+"`")
		}
		if !found {
			t.Errorf("README does not say that %s is under %s", name, p.License)
		}
	}
	if !strings.Contains(readme, "the owner of this project has to choose one") {
		t.Error("README does not say that the rest has no licence")
	}
}
