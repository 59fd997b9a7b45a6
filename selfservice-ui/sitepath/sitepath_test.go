package sitepath

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// literal is a Go string that begins with the first part of one of the site's paths.
var literal = regexp.MustCompile("[\"`](?:" + strings.Join([]string{Login, Services, Logout, Consent, Reset, Registration, HelpFolder, strings.TrimSuffix(Security, "/")}, "|") + ")(?:[\"`/?])")

func TestEveryPathStandsInOneFile(t *testing.T) {
	if !literal.MatchString(`URL: "/connexion"`) || !literal.MatchString("`/aide/premiere`") || literal.MatchString(`"/servicesdomain"`) {
		t.Fatal("the rule does not know a path")
	}
	seen := 0
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == "testkit" || len(entry.Name()) > 2 && strings.HasPrefix(entry.Name(), ".")) {
			return fs.SkipDir // a test says the address that a person sees
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || entry.Name() == "sitepath.go" {
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		seen++
		for number, line := range strings.Split(string(source), "\n") {
			found := literal.FindString(line)
			if strings.Contains(line, PermitHook) {
				found = PermitHook // also inside a longer address
			}
			if found != "" && !strings.HasPrefix(strings.TrimSpace(line), "//") {
				t.Errorf("%s:%d writes %s…: it is a constant of package sitepath", path, number+1, found)
			}
		}
		return nil
	})
	if err != nil || seen < 100 {
		t.Fatalf("%d files, %v", seen, err)
	}
}

// Templates and mails cannot call Go's constants; a path that they name must be one of them.
func TestTemplatesNamePathsOfTheSite(t *testing.T) {
	known := []string{Login, Services, Logout, Consent, Reset, ResetLink, ResetCode, ResetResend, ResetPassword, ResetDone, Registration, RegistrationLink, RegistrationCode, RegistrationResend, RegistrationPassword, RegistrationExists, RegistrationDone, Help, Security,
		Accessibility, LegalNotice, PersonalData, Cookies, Assistance, Sitemap, Display}
	address := regexp.MustCompile(`(?:href|action)="(/[a-z-]+[a-z/-]*)`)
	checked := 0
	files, _ := filepath.Glob("../*/*.html")
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range address.FindAllStringSubmatch(string(source), -1) {
			checked++
			ok := false
			for _, path := range known {
				ok = ok || found[1] == path
			}
			if !ok && !strings.HasPrefix(found[1], "/static/") {
				t.Errorf("%s: %s is no path of package sitepath", file, found[1])
			}
		}
	}
	if checked < 5 {
		t.Errorf("%d addresses found in %d templates", checked, len(files))
	}
}
