// Package hydraprocess runs a real Ory Hydra as a child process, on loopback, with the configuration of package config. The demo and
// the tests call it; nothing that is deployed does.
package hydraprocess

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"efpconnect.example/config"
	"efpconnect.example/config/hydra"
	"efpconnect.example/internal/kratosprocess"
)

const (
	startLimit = 2 * time.Minute // a machine that others starve
	stopLimit  = 10 * time.Second
)

// ErrExited is returned when Hydra ends before it is ready. Why is in its log.
var ErrExited = errors.New("hydra ended before it was ready")

// Options say where Hydra runs. All but Dir and SiteURL have a default.
type Options struct {
	Dir                   string // keeps the configuration and the SQLite file; the caller removes it, after Stop
	SiteURL               string // the site, as browsers know it
	Issuer                string // the public port as browsers know it; http://127.0.0.1:PORT
	PublicPort, AdminPort int    // 0: a free one
	Log                   io.Writer
}

// Process is a Hydra that answers.
type Process struct {
	PublicURL, AdminURL string

	cmd    *exec.Cmd
	exited chan struct{}
}

// Binary is the Hydra to run: the one that EFP_TEST_HYDRA or HYDRA names, else .build/hydra of this checkout, made where it is missing.
func Binary() (string, error) {
	return kratosprocess.Built("hydra", "EFP_TEST_HYDRA", "HYDRA")
}

// Start makes the database, starts Hydra and returns once it is ready. ctx bounds the start alone.
func Start(ctx context.Context, o Options) (*Process, error) {
	binary, err := Binary()
	if err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	for _, port := range []*int{&o.PublicPort, &o.AdminPort} {
		if err := choose(port); err != nil {
			return nil, err
		}
	}
	p := &Process{
		PublicURL: fmt.Sprint("http://127.0.0.1:", o.PublicPort),
		AdminURL:  fmt.Sprint("http://127.0.0.1:", o.AdminPort),
		exited:    make(chan struct{}),
	}
	file, err := p.configure(o)
	if err != nil {
		return nil, err
	}
	if err := command(ctx, o, binary, "migrate", "sql", "-e", "--yes", "-c", file).Run(); err != nil {
		return nil, fmt.Errorf("hydra migrate: %w", err)
	}
	p.cmd = command(context.WithoutCancel(ctx), o, binary, "serve", "all", "-c", file, "--dev", "--sqa-opt-out")
	return p, p.run(ctx)
}

// choose finds a free port in place of 0, and names another that somebody else has.
func choose(port *int) error {
	if *port != 0 {
		listener, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", *port))
		if err != nil {
			return fmt.Errorf("hydra needs a port that another program has taken: %w", err)
		}
		return listener.Close()
	}
	listener, err := kratosprocess.FreePort()
	if err != nil {
		return err
	}
	*port = listener.Addr().(*net.TCPAddr).Port
	return listener.Close()
}

func (p *Process) configure(o Options) (file string, err error) {
	if o.Issuer == "" {
		o.Issuer = p.PublicURL
	}
	document, err := hydra.Document{
		SiteURL:    o.SiteURL,
		Issuer:     o.Issuer,
		DSN:        "sqlite://" + filepath.Join(o.Dir, "hydra.sqlite") + "?_fk=true",
		Secret:     rand.Text() + rand.Text(),
		Salt:       rand.Text(),
		Host:       "127.0.0.1",
		PublicPort: o.PublicPort,
		AdminPort:  o.AdminPort,
	}.Render()
	if err != nil {
		return "", err
	}
	file = filepath.Join(o.Dir, "hydra.yml")
	return file, config.Replace(file, document)
}

// command is Hydra with a bare environment: it reads its configuration from variables too.
func command(ctx context.Context, o Options, binary string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = o.Dir, o.Log, o.Log, time.Second
	cmd.Env = []string{"SQA_OPT_OUT=true"}
	for _, name := range []string{"PATH", "HOME", "TMPDIR"} {
		if value, ok := os.LookupEnv(name); ok {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	return cmd
}

func (p *Process) run(ctx context.Context) error {
	if err := p.cmd.Start(); err != nil {
		return fmt.Errorf("starting hydra: %w", err)
	}
	go func() {
		_ = p.cmd.Wait() // why it ended is in its log
		close(p.exited)
	}()
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for _, url := range []string{p.AdminURL, p.PublicURL} {
		if err := p.waitReady(ctx, url+"/health/ready"); err != nil {
			return errors.Join(err, p.Stop())
		}
	}
	return nil
}

func (p *Process) waitReady(ctx context.Context, url string) error {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 5 * time.Second}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		if response, err := client.Do(request); err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-p.exited:
			return ErrExited
		case <-ctx.Done():
			return fmt.Errorf("hydra is not ready: %w", ctx.Err())
		case <-tick.C:
		}
	}
}

// Stop asks Hydra to end and waits until it has; one that does not hear is killed. Stopping twice is no error.
func (p *Process) Stop() error {
	if p == nil || p.cmd == nil || p.cmd.Process == nil {
		return nil
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.exited:
		return nil
	case <-time.After(stopLimit):
	}
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("killing hydra: %w", err)
	}
	<-p.exited
	return nil
}
