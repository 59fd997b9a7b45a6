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
func Binary() (string, error) { return Built("kratos", "EFP_TEST_KRATOS", "KRATOS") }

// Built is an engine: the one that the first of variables which is set names, else .build/NAME, built from cmd/demo/NAME where missing.
func Built(name string, variables ...string) (string, error) {
	for _, variable := range variables {
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
		return "", fmt.Errorf("no %s to run: set %s to one: %w", name, variables[len(variables)-1], err)
	}
	binary := filepath.Join(dir, name)
	if _, err := os.Stat(binary); err == nil {
		return binary, nil
	}
	return binary, build(binary)
}

func build(binary string) error {
	name := filepath.Base(binary)
	// Under another name first: the tests of several packages may find it missing at the same moment.
	partial := fmt.Sprintf("%s.%d", binary, os.Getpid())
	defer os.Remove(partial)
	cmd := exec.Command("go", "build", "-C", filepath.Join(filepath.Dir(binary), "..", "cmd", "demo", name), "-tags", "sqlite", "-o", partial, ".")
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building the real %s: %w\n%s", name, err, output)
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
