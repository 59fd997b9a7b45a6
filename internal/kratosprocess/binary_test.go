package kratosprocess_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"efpconnect.example/config"
	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/testkit/kratostest"
)

// ours is the Kratos of cmd/demo/kratos, whatever other one the tests run on.
func ours(t *testing.T) string {
	t.Helper()
	t.Setenv("EFP_TEST_KRATOS", "")
	t.Setenv("KRATOS", "")
	return kratostest.Binary(t)
}

func TestConfigSchemaVerb(t *testing.T) {
	printed, err := exec.Command(ours(t), "config-schema").Output()
	if err != nil {
		t.Fatal(err)
	}
	var schema struct{ Properties map[string]any }
	if err := json.Unmarshal(printed, &schema); err != nil {
		t.Fatal(err)
	}
	if schema.Properties["selfservice"] == nil {
		t.Error("this is not the schema of Kratos's configuration")
	}
}

// A supervisor, and our own engine, tell a failure by the exit status alone.
func TestExitStatusIsPassedOn(t *testing.T) {
	binary := ours(t)
	for _, c := range []struct {
		why  string
		args []string
		ok   bool
	}{
		{"a verb that works", []string{"version"}, true},
		{"a verb that does not exist", []string{"no-such-verb"}, false},
		{"a configuration that does not exist", []string{"serve", "-c", filepath.Join(t.TempDir(), "none.yml")}, false},
		{"a migration without a database", []string{"migrate", "sql", "-e", "--yes"}, false},
	} {
		cmd := exec.Command(binary, c.args...)
		cmd.Env = []string{"HOME=" + t.TempDir()}
		err := cmd.Run()
		var status *exec.ExitError
		if err != nil && !errors.As(err, &status) {
			t.Fatal(err)
		}
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", c.why, err)
		}
	}
}

// Started by hand, without --sqa-opt-out and without --dev, it sends nothing either. Kratos says so in its log when it does,
// before it listens.
func TestTelemetryIsOff(t *testing.T) {
	binary, dir := ours(t), t.TempDir()
	err := config.Write(dir, "demo", map[string]any{
		config.DSN: "memory", config.MountDir: dir, config.HookKey: "key",
		config.CookieSecret: strings.Repeat("c", 32), config.CipherSecret: strings.Repeat("k", 32),
		"serve.public.port": freePort(t), "serve.admin.port": freePort(t),
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "serve", "-c", filepath.Join(dir, config.DocumentFile))
	cmd.Env = []string{"HOME=" + dir}
	output, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	listening := false
	for lines := bufio.NewScanner(output); !listening && lines.Scan(); {
		if strings.Contains(lines.Text(), "Software quality assurance features are enabled") {
			t.Error("telemetry is on")
		}
		listening = strings.Contains(lines.Text(), "Starting the public httpd")
	}
	if !listening {
		t.Error("the log ended before Kratos listened: this test proves nothing")
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := kratosprocess.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}
