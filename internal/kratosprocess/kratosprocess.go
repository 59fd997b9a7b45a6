// Package kratosprocess runs a real Kratos as a child process, on loopback, with the configuration of package config. The demo calls
// it, and the tests by way of kratostest; nothing that is deployed does.
package kratosprocess

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"efpconnect.example/config"
)

const (
	startLimit = 2 * time.Minute // a machine that others starve; a usual start takes under a second
	stopLimit  = 10 * time.Second
)

// ErrExited is returned when Kratos ends before it is ready. Why is in its log, never in the error: Kratos quotes what it was given.
var ErrExited = errors.New("kratos ended before it was ready")

// Options say which Kratos runs, where, and between which neighbours. All but Dir have a default.
type Options struct {
	Binary      string // see the function Binary
	Dir         string // keeps the configuration and the SQLite file; the caller removes it, after Stop
	Environment string // of package config; "demo"
	DSN         string // PostgreSQL for instance; a SQLite file in Dir
	Migrated    string // a DSN that needs no migration any more
	PublicPort  int    // 0: a free one
	AdminPort   int    // 0: a free one
	// SiteURL is the site as a browser sees it; "http://127.0.0.1:4455". When it starts with http:// Kratos runs with --dev,
	// since its cookies would be Secure otherwise. --dev also shows mails in the admin API.
	SiteURL string
	// HookURL is the whole address of the permit. Without one nobody answers there, so that every new password is refused.
	HookURL   string
	HookKey   string            // what the permit's Authorization holds; random
	SMTPAddr  string            // host:port without TLS; nobody: mails stay in Kratos's queue
	Templates map[string][]byte // path under courier-templates → content
	Overrides map[string]any    // the last word on kratos.yml; keys as in config.Render
	Log       io.Writer         // Kratos's own log; dropped
}

// Process is a Kratos that answers. Its methods may be called from one goroutine at a time.
type Process struct {
	PublicURL string // without a slash at the end
	AdminURL  string

	options Options
	cmd     *exec.Cmd
	exited  chan struct{} // closed when cmd has ended
}

// Start migrates the database, starts Kratos and returns once it is ready. ctx bounds the start, not the life of the process.
// A port given in the options and taken by somebody else is an ErrPortBusy that names it.
func Start(ctx context.Context, o Options) (*Process, error) {
	if err := o.setDefaults(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, err
	}
	if err := migrate(ctx, &o); err != nil {
		return nil, err
	}
	for attempt := 1; ; attempt++ {
		p, err := startOnPorts(ctx, o)
		// Between choosing a free port and Kratos taking it somebody else may, if only for a moment: choose again.
		if attempt < 3 && errors.Is(err, ErrExited) && (o.PublicPort == 0 || o.AdminPort == 0) {
			continue
		}
		if err != nil {
			return nil, err
		}
		return p, nil
	}
}

// startOnPorts settles the two ports, writes the configuration and runs Kratos. The Process is never nil.
func startOnPorts(ctx context.Context, o Options) (*Process, error) {
	p := &Process{options: o}
	if err := p.options.choosePorts(); err != nil {
		return p, err
	}
	p.PublicURL = fmt.Sprintf("http://127.0.0.1:%d", p.options.PublicPort)
	p.AdminURL = fmt.Sprintf("http://127.0.0.1:%d", p.options.AdminPort)
	if err := config.Write(o.Dir, o.Environment, p.overrides(), o.Templates); err != nil {
		return p, err
	}
	return p, p.run(ctx)
}

// Restart stops Kratos if it still runs, and starts it again on the same ports, configuration and data.
func (p *Process) Restart(ctx context.Context) error {
	if err := p.Stop(); err != nil {
		return err
	}
	if err := p.options.checkPorts(); err != nil {
		return err
	}
	return p.run(ctx)
}

// PID is the running Kratos; the processes that evaluate Jsonnet are of its group.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Stop asks Kratos to end and waits until it has; a Kratos that does not hear is killed. Stopping twice is no error.
func (p *Process) Stop() error {
	if p.ended() {
		return nil
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stopping kratos: %w", err)
	}
	select {
	case <-p.exited:
		return nil
	case <-time.After(stopLimit):
		return p.Kill()
	}
}

// Kill ends Kratos and its children at once, as a crash would, and waits until it is gone.
func (p *Process) Kill() error {
	if p.ended() {
		return nil
	}
	// Minus: the whole process group, for the children that evaluate Jsonnet.
	if err := syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("killing kratos: %w", err)
	}
	<-p.exited
	return nil
}

func (p *Process) ended() bool {
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}

// run starts the process and waits until both ports answer.
func (p *Process) run(ctx context.Context) error {
	args := []string{"serve", "-c", filepath.Join(p.options.Dir, config.DocumentFile), "--watch-courier", "--sqa-opt-out"}
	if strings.HasPrefix(p.options.SiteURL, "http://") {
		args = append(args, "--dev")
	}
	p.cmd = command(context.WithoutCancel(ctx), p.options, args...)
	p.exited = make(chan struct{})
	if err := p.cmd.Start(); err != nil {
		return fmt.Errorf("starting kratos: %w", err)
	}
	go func() {
		// How it ended matters only before it is ready, and then its log says more than a status.
		_ = p.cmd.Wait()
		close(p.exited)
	}()
	if err := p.waitReady(ctx); err != nil {
		return errors.Join(err, p.Kill())
	}
	return nil
}

// command is Kratos with a bare environment: it reads its configuration from variables too (DSN, LOG_LEVEL, VERSION…), and
// what a developer or a CI happens to export must not change what runs.
func command(ctx context.Context, o Options, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, o.Binary, args...)
	cmd.Dir = o.Dir
	cmd.Env = []string{"SQA_OPT_OUT=true"}
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR"} {
		if value, ok := os.LookupEnv(name); ok {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	cmd.Stdout, cmd.Stderr = o.Log, o.Log
	cmd.SysProcAttr = ownGroup()
	cmd.WaitDelay = time.Second // a child that outlives Kratos may not keep its log open for ever
	return cmd
}
