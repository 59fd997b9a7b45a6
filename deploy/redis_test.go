package deploy

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"efpconnect.example/config/doctor"
	"efpconnect.example/internal/testkit/kratostest"
)

// The process that Docker starts is Redis itself, so a stop reaches it: as the first process of its container, a shell would not hear it.
func TestRedisIsTheFirstProcess(t *testing.T) {
	if _, err := exec.LookPath("redis-server"); err != nil {
		kratostest.Missing(t, "redis-server")
	}
	p, err := doctor.Compose(t.Context(), "../docker-compose.yml", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "password"), []byte("a-word-of-its-own\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(dir, "s")
	command := []string(p.Services["redis"].Command)
	// $$ is how a Compose file writes $.
	script := strings.NewReplacer("$$", "$", "/run/efp", dir, "dir /cache", "dir "+dir+"\nport 0\nunixsocket "+socket).Replace(command[2])
	redis := exec.Command(command[0], command[1], script)
	var said strings.Builder
	redis.Stdout, redis.Stderr = &said, &said
	if err := redis.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- redis.Wait() }()
	t.Cleanup(func() { _ = redis.Process.Kill() })
	ask := func(line string) string {
		c, err := net.Dial("unix", socket)
		if err != nil {
			return ""
		}
		defer c.Close()
		answer := make([]byte, 200)
		_, _ = c.Write([]byte(line + "\r\n"))
		n, _ := c.Read(answer)
		return string(answer[:n])
	}
	eventually(t, "Redis wants its password", func() bool { return strings.HasPrefix(ask("PING"), "-NOAUTH") })
	if answer := ask("AUTH a-word-of-its-own"); !strings.HasPrefix(answer, "+OK") {
		t.Errorf("its password is refused: %s", answer)
	}
	if err := redis.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err != nil || !strings.Contains(said.String(), "ready to exit") {
			t.Errorf("it did not end by itself: %v\n%s", err, said.String())
		}
	case <-time.After(10 * time.Second):
		t.Error("it does not hear a stop")
	}
}
