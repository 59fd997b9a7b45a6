package deploy

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"efpconnect.example/internal/seal"
	"efpconnect.example/internal/settings"
)

// What the page has an administrator make in the checkout is in no commit and in no image.
func TestAnAdministratorsFilesStayTheirs(t *testing.T) {
	content, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	made := []string{".env"}
	for _, found := range regexp.MustCompile(`(?m)^EFP_\w+=\./(\S+)|^cp "\$SRC/\S+ (\w+\.yml)|--out (secrets|kratos|pages)\b|install -d .* (\w+)\x60`).FindAllStringSubmatch(string(content), -1) {
		made = append(made, strings.Join(found[1:], ""))
	}
	slices.Sort(made)
	made = slices.Compact(made)
	for _, name := range []string{"certificates", "import", "kratos", "overlay.yml", "pages", "relay", "secrets", "settings.yml"} {
		if !slices.Contains(made, name) {
			t.Errorf("%s is not found on the page: %v", name, made)
		}
	}
	for _, list := range []struct{ file, before string }{{".gitignore", "/"}, {".dockerignore", ""}} {
		content, err := os.ReadFile("../" + list.file)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Fields(string(content))
		for _, name := range made {
			if !slices.Contains(lines, list.before+name) && !slices.Contains(lines, list.before+name+"/") {
				t.Errorf("%s does not leave %s out", list.file, name)
			}
		}
	}
}

// What a page shows of a settings file can be pasted into one.
func TestSettingsOnPages(t *testing.T) {
	shown := regexp.MustCompile("`((?:protect_\\w+|limits|log_level|trait_\\w+): [^`…]+)`")
	found := 0
	for _, page := range []string{page, "../docs/protections.md"} {
		content, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, setting := range shown.FindAllStringSubmatch(string(content), -1) {
			found++
			file := filepath.Join(t.TempDir(), "settings.yml")
			if err := os.WriteFile(file, []byte(setting[1]+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			t.Setenv("EFP_KEYS", seal.NewKey())
			t.Setenv("EFP_HOOK_KEY", seal.NewKey())
			flags := pflag.NewFlagSet("", pflag.ContinueOnError)
			settings.Flags(flags)
			if err := flags.Parse([]string{"--config=" + file}); err != nil {
				t.Fatal(err)
			}
			if _, err := settings.Read(flags); err != nil {
				t.Errorf("%s: %s: %v", page, setting[1], err)
			}
		}
	}
	if found < 6 {
		t.Errorf("%d settings found", found)
	}
	if pages := "../docs/protections.md"; strings.Contains(read(t, pages), "limits=") || strings.Contains(read(t, pages), "`protect_reset=") {
		t.Errorf("%s shows a setting as no file holds it", pages)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
