package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"efpconnect.example/internal/settings"
	"efpconnect.example/internal/testkit/kratostest"
)

func units(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("systemd/efp-*")
	if err != nil || len(files) < 5 {
		t.Fatalf("%v, %v", files, err)
	}
	return files
}

// The units are sound to systemd itself, and each service is shut off from what it has no use for.
func TestUnitsAreSound(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		kratostest.Missing(t, "systemd-analyze")
	}
	dir := t.TempDir()
	for _, file := range units(t) {
		// Our programs and psql are not where an administrator puts them.
		text := regexp.MustCompile(`/usr/local/bin/\S+|/usr/bin/psql`).ReplaceAllString(read(t, file), "/bin/true")
		text = strings.ReplaceAll(text, "file:/usr/share/doc/efp-connect/operations.md", "https://example.test/")
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(file)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range units(t) {
		path := filepath.Join(dir, filepath.Base(file))
		command := exec.Command("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", path)
		if output, err := command.CombinedOutput(); err != nil || len(output) > 0 {
			t.Errorf("%s: %v\n%s", file, err, output)
		}
		if filepath.Ext(file) != ".service" {
			continue
		}
		// 100 is a service that may do everything; 25 is what systemd calls "OK" at its best.
		if output, err := exec.Command("systemd-analyze", "security", "--no-pager", "--offline=yes", "--threshold=25", path).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%.3000s", file, err, output)
		}
	}
}

// The units start what the page starts, by the same words, with variables that exist; and there is one courier.
func TestUnitsStartWhatThePageStarts(t *testing.T) {
	typed := map[string]bool{}
	paths := strings.NewReplacer("/usr/local/bin/", "", "/usr/bin/", "", "/etc/efp/", "", `"$SRC/deploy/purge.sql"`, "purge.sql", "$bare ", "")
	for _, b := range blocks(t, page) {
		for _, command := range b.commands() {
			command, _, _ = strings.Cut(command, "#")
			command, _, _ = strings.Cut(command, "&")
			typed[strings.TrimSpace(paths.Replace(command))] = true
		}
	}
	couriers := 0
	for _, file := range units(t) {
		for line := range strings.Lines(read(t, file)) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			switch {
			case (key == "ExecStart" || key == "ExecStartPre") && !typed[paths.Replace(value)]:
				t.Errorf("%s: the page does not start %q", file, paths.Replace(value))
			case key == "Environment":
				for variable := range strings.FieldsSeq(value) {
					name, _, _ := strings.Cut(variable, "=")
					if !settings.KnownVariable(name) && !strings.HasPrefix(name, "PG") && name != "SQA_OPT_OUT" {
						t.Errorf("%s: nobody reads %s", file, name)
					}
				}
			}
			if strings.Contains(value, "courier watch") || strings.Contains(value, "--watch-courier") {
				couriers++
			}
		}
	}
	if couriers != 1 {
		t.Errorf("%d couriers", couriers)
	}
}

// A unit named on the page is one of those delivered, and each is named.
func TestUnitsOnThePage(t *testing.T) {
	content := read(t, page)
	named := regexp.MustCompile(`efp-[a-z]+\.(?:service|timer)`).FindAllString(content, -1)
	for _, file := range units(t) {
		if !slices.Contains(named, filepath.Base(file)) {
			t.Errorf("the page does not name %s", filepath.Base(file))
		}
	}
	for _, name := range named {
		if _, err := os.Stat("systemd/" + name); err != nil {
			t.Error(err)
		}
	}
}
