package deploy

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"efpconnect.example/internal/seal"
	"efpconnect.example/internal/testkit/kratostest"
)

// TestKratosMore: a further Kratos of docker-compose.yml reads its own file after the rendered one. It serves on every address it has,
// and its admin API on its loopback alone.
func TestKratosMore(t *testing.T) {
	kratos := kratostest.Binary(t)
	dir := t.TempDir()
	_, public, _ := net.SplitHostPort(freeAddress(t))
	_, admin, _ := net.SplitHostPort(freeAddress(t))
	overlay := filepath.Join(dir, "overlay.yml")
	text := strings.Replace(read(t, "overlays/processes.yml"), "/etc/efp/kratos", filepath.Join(dir, "kratos"), 1)
	text = strings.Replace(text, "    host: 127.0.0.1\n  admin:", "    host: 127.0.0.1\n    port: "+public+"\n  admin:", 1) + "    port: " + admin + "\n"
	if err := os.WriteFile(overlay, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	dsn := "sqlite://" + filepath.Join(dir, "kratos.sqlite") + "?_fk=true"
	render := exec.Command("go", "run", "../cmd/kratos-config", "render", "--environment", "production", "--config", "settings/production.yml",
		"--overlay", overlay, "--out", filepath.Join(dir, "kratos"))
	render.Env = append(os.Environ(), "EFP_HOOK_KEY="+seal.NewKey(), "EFP_KRATOS_DSN="+dsn,
		"EFP_KRATOS_COOKIE_SECRETS="+seal.NewKey(), "EFP_KRATOS_CIPHER_SECRETS="+seal.NewKey()[:32])
	if output, err := render.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	file := filepath.Join(dir, "kratos", "kratos.yml")
	if output, err := exec.Command(kratos, "migrate", "sql", "-e", "--yes", "-c", file).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	var said lockedBuffer
	more := exec.Command(kratos, "serve", "-c", file, "-c", "overlays/kratos-more.yml")
	more.Stdout, more.Stderr = &said, &said
	if err := more.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = more.Process.Kill()
		_ = more.Wait()
		if t.Failed() {
			t.Log(said.String())
		}
	})
	answers := func(host, port string) bool {
		answer, err := http.Get(fmt.Sprintf("http://%s:%s/health/alive", host, port))
		if err != nil {
			return false
		}
		answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	}
	eventually(t, "it serves on another of its addresses", func() bool { return answers("127.0.0.2", public) })
	eventually(t, "its admin API is on its loopback", func() bool { return answers("127.0.0.1", admin) })
	if answers("127.0.0.2", admin) {
		t.Error("its admin API is on another of its addresses")
	}
}
