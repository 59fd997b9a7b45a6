package kratosprocess

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const modulePath = "efpconnect.example"

var errNoModule = errors.New("not inside a checkout of " + modulePath)

// Binary is the Kratos to run: the one that EFP_TEST_KRATOS or KRATOS names, else .build/kratos of this checkout, which is
// built from cmd/demo/kratos when it is not there (about a minute the first time; needs a C compiler, for SQLite).
func Binary() (string, error) {
	for _, variable := range []string{"EFP_TEST_KRATOS", "KRATOS"} {
		if named := os.Getenv(variable); named != "" {
			found, err := exec.LookPath(named)
			if err != nil {
				return "", fmt.Errorf("%s: %w", variable, err)
			}
			return filepath.Abs(found)
		}
	}
	dir, err := buildDir()
	if err != nil {
		return "", fmt.Errorf("no Kratos to run: set KRATOS to one: %w", err)
	}
	binary := filepath.Join(dir, "kratos")
	if _, err := os.Stat(binary); err == nil {
		return binary, nil
	}
	return binary, build(binary)
}

func build(binary string) error {
	// Under another name first: the tests of several packages may find it missing at the same moment.
	partial := fmt.Sprintf("%s.%d", binary, os.Getpid())
	defer os.Remove(partial)
	cmd := exec.Command("go", "build", "-C", filepath.Join(filepath.Dir(binary), "..", "cmd", "demo", "kratos"), "-tags", "sqlite", "-o", partial, ".")
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building the real Kratos: %w\n%s", err, output)
	}
	return os.Rename(partial, binary)
}

// buildDir is the folder .build of this checkout, which git ignores. Everything in it can be deleted: it is made again.
func buildDir() (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(root, ".build")
	return dir, os.MkdirAll(dir, 0o755)
}

// moduleRoot is the nearest folder, from the working directory up, whose go.mod is ours.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		content, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && strings.HasPrefix(string(content), "module "+modulePath+"\n") {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errNoModule
		}
		dir = parent
	}
}
