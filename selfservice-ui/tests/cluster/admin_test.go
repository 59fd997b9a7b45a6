package cluster

import (
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"efpconnect.example/config"
	"efpconnect.example/internal/testkit/kratostest"
	"efpconnect.example/internal/testkit/sitetest"
)

// adminClosed: the whole reset and a login, while Kratos's admin API listens on no network at all: what docker-compose.yml does
// with networks, taken to its end.
func adminClosed(t *testing.T, n *neighbours) {
	address := n.account(t)
	if err := n.kratos.Stop(); err != nil {
		t.Fatal(err)
	}
	stop := n.withoutAdmin(t)
	if connection, err := net.DialTimeout("tcp", hostOf(t, n.kratos.AdminURL), time.Second); err == nil {
		connection.Close()
		t.Fatal("the admin port still answers")
	}
	p := n.person(n.url, address)
	if err := p.reset(true); err != nil {
		t.Error(err)
	}
	b := (&sitetest.Site{URL: n.url}).NewBrowser()
	if err := logIn(b, address); err != nil {
		t.Error(err)
	}
	if !strings.Contains(b.URL.Path, "/services") {
		t.Errorf("after the login at %s: %d %.300s", b.URL.Path, b.Status, b.Text())
	}
	stop()
	if err := n.kratos.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func logIn(b *sitetest.Browser, address string) error {
	if err := b.Open("/connexion"); err != nil {
		return err
	}
	for field, value := range map[string]string{"identifiant": address, "mot-de-passe": newPassword} {
		if err := b.Fill(field, value); err != nil {
			return err
		}
	}
	return b.Submit("m’identifie")
}

// withoutAdmin starts the same Kratos on the same data and public port, its admin API on a socket file.
func (n *neighbours) withoutAdmin(t *testing.T) (stop func()) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(n.dir, config.DocumentFile))
	if err != nil {
		t.Fatal(err)
	}
	var document map[string]any
	if err := yaml.Unmarshal(content, &document); err != nil {
		t.Fatal(err)
	}
	document["serve"].(map[string]any)["admin"].(map[string]any)["host"] = "unix:" + filepath.Join(t.TempDir(), "admin.sock")
	if content, err = yaml.Marshal(document); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), config.DocumentFile)
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	kratos := exec.Command(kratostest.Binary(t), "serve", "-c", file, "--watch-courier", "--sqa-opt-out")
	kratos.Dir, kratos.Env = n.dir, []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}
	kratos.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := kratos.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = kratos.Wait(); close(ended) }()
	stop = func() {
		_ = kratos.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(15 * time.Second):
			_ = kratos.Process.Kill()
			<-ended
		}
	}
	t.Cleanup(stop)
	deadline := time.After(30 * time.Second)
	for {
		if answer, err := asker.Get(n.kratos.PublicURL + "/health/ready"); err == nil {
			answer.Body.Close()
			if answer.StatusCode == 200 {
				return stop
			}
		}
		select {
		case <-ended:
			t.Fatal("Kratos ended before it was ready")
		case <-deadline:
			t.Fatal("Kratos is not ready")
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func hostOf(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}
