// Package cluster runs several real processes of the site behind a proxy, with one Redis, one PostgreSQL and one real Kratos,
// and ends them at the worst moments. It holds tests alone.
package cluster

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/metrics"
	"efpconnect.example/internal/settings"
	"efpconnect.example/internal/store"
	ui "efpconnect.example/selfservice-ui"
)

// Variables by which the test binary, started again, knows that it is a site.
const (
	asSite    = "EFP_CLUSTER_SITE"
	killAt    = "EFP_CLUSTER_KILL"   // a file of points, a line each: who is first at the first one dies there
	keyPrefix = "EFP_CLUSTER_PREFIX" // of the keys in Redis, which other tests use too
)

func TestMain(m *testing.M) {
	if os.Getenv(asSite) == "" {
		os.Exit(m.Run())
	}
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serve is what cmd/selfservice-ui does, but for the points at which it dies and the forms that nobody fills in slowly.
func serve() error {
	flags := pflag.NewFlagSet("site", pflag.ContinueOnError)
	settings.Flags(flags)
	if err := flags.Parse(os.Args[1:]); err != nil {
		return err
	}
	set, err := settings.Read(flags)
	if err != nil {
		return err
	}
	client, err := store.RedisClient(set.RedisURL)
	if err != nil {
		return err
	}
	log, err := ui.Logger(set.LogLevel, os.Stderr)
	if err != nil {
		return err
	}
	prefix := os.Getenv(keyPrefix)
	site, err := ui.New(set, ui.Parts{Store: store.NewRedis(client, prefix), Spend: limit.Redis(client, prefix), HoneypotOff: true, Log: log, Now: time.Now,
		Metrics: metrics.New(), Failpoint: dieAt(os.Getenv(killAt))})
	if err != nil {
		return err
	}
	public, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	internal, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(public.Addr(), internal.Addr())
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	return site.ServeOn(ctx, public, internal, set, log)
}

// dieAt ends the process without a word at the point that the file's first line names, and leaves the others to those who live.
func dieAt(file string) func(string) {
	return func(point string) {
		content, err := os.ReadFile(file)
		first, rest, _ := strings.Cut(string(content), "\n")
		if err != nil || first != point || os.WriteFile(file, []byte(rest), 0o600) != nil {
			return
		}
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // until the signal arrives
	}
}

// process is one site.
type process struct {
	public, internal string // host:port
	cmd              *exec.Cmd
	ended            chan struct{}
	log              string
}

// startProcess starts a site and returns when it listens.
func startProcess(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{ended: make(chan struct{}), log: filepath.Join(t.TempDir(), "site.log")}
	log, err := os.Create(p.log)
	if err != nil {
		t.Fatal(err)
	}
	p.cmd = exec.Command(binary, args...)
	p.cmd.Env = append([]string{asSite + "=1"}, env...)
	p.cmd.Stderr = log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	addresses := strings.Fields(line)
	if err != nil || len(addresses) != 2 {
		t.Fatalf("a site did not start: %v\n%s", err, read(p.log))
	}
	p.public, p.internal = addresses[0], addresses[1]
	go func() { _ = p.cmd.Wait(); log.Close(); close(p.ended) }()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.ended
		if t.Failed() {
			t.Logf("the end of a site's log:\n%s", tail(read(p.log)))
		}
	})
	return p
}

// stop asks the process to end, as a platform does, and waits.
func (p *process) stop(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.ended:
	case <-time.After(30 * time.Second):
		t.Fatal("a site does not stop")
	}
	if !p.cmd.ProcessState.Success() {
		t.Errorf("a site stopped with %v", p.cmd.ProcessState)
	}
}

func read(file string) string {
	content, _ := os.ReadFile(file)
	return string(content)
}

func tail(text string) string { return text[max(0, len(text)-4000):] }
