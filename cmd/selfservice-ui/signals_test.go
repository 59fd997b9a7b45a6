package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// A process that was asked to stop finishes what is under way: a SIGHUP meanwhile changes the log's level and nothing else, and a
// second Ctrl-C ends it at once.
func TestSignalsWhileStopping(t *testing.T) {
	p := startProgram(t, "--drain=10m", "--stop-after=10m")
	p.until(t, "serving")
	p.signal(t, syscall.SIGHUP)
	p.until(t, "log_level")
	p.signal(t, os.Interrupt)
	p.until(t, "stopping")
	p.signal(t, syscall.SIGHUP)
	p.until(t, "log_level")
	var ended *exec.ExitError
	if err := p.interrupted(t); !errors.As(err, &ended) || ended.Sys().(syscall.WaitStatus).Signal() != syscall.SIGINT {
		t.Errorf("ended with %v, not by the second signal", err)
	}
}

// program is the real one in a process of its own.
type program struct {
	cmd  *exec.Cmd
	said chan string // the messages of its log
}

func startProgram(t *testing.T, args ...string) *program {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "selfservice-ui")
	if output, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	p := &program{cmd: exec.Command(binary, append([]string{"--listen=127.0.0.1:0", "--internal-listen=127.0.0.1:0"}, args...)...), said: make(chan string, 100)}
	p.cmd.Env = append(os.Environ(), "EFP_KEYS=Kc0FvQ4z6h8Jw2mB9xL5tR7yP3nD1sGaUeIoWqZbXrM", "EFP_HOOK_KEY=hK-7f3c9e1a5d8b2046f1e9c7a3d4b0c2", "EFP_MAIL_SENDER=no-reply@example.test")
	log, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.said)
		for lines := bufio.NewScanner(log); lines.Scan(); {
			var line struct{ Msg string }
			if json.Unmarshal(lines.Bytes(), &line) != nil {
				line.Msg = lines.Text()
			}
			p.said <- line.Msg
		}
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	})
	return p
}

func (p *program) signal(t *testing.T, s os.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// until waits for a message of the log.
func (p *program) until(t *testing.T, message string) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		select {
		case said, more := <-p.said:
			switch {
			case !more:
				t.Fatalf("it ended before it said %q: %v", message, p.cmd.Wait())
			case said == message:
				return
			}
			t.Log(said)
		case <-deadline:
			t.Fatalf("it never said %q", message)
		}
	}
}

// interrupted is how the program ended by Ctrl-C. One that comes before the first has been taken in is the first.
func (p *program) interrupted(t *testing.T) error {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		_ = p.cmd.Process.Signal(os.Interrupt)
		select {
		case _, more := <-p.said:
			if !more {
				return p.cmd.Wait()
			}
		case <-time.After(100 * time.Millisecond):
		case <-deadline:
			t.Fatal("it goes on")
		}
	}
}
