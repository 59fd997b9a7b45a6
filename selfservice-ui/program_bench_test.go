package ui_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"efpconnect.example/internal/seal"
	"efpconnect.example/internal/testkit/sitetest"
)

// memoryBar is the most memory, in MiB, that the site's own program may ever have held (VmHWM) when a load is over.
const memoryBar = 64

const (
	memoryCallers = 64
	memoryPages   = 800 // of each caller: 170 a second for the five minutes that a security code is remembered
)

// BenchmarkMemory asks the program as delivered for step 1, each page with a security code that it has to remember.
func BenchmarkMemory(b *testing.B) {
	host := freePort(b)
	process := startProgram(b, seal.NewKey(), "--public-url=http://"+host, "--listen="+host, "--internal-listen="+freePort(b), "--limits="+strings.Join(sitetest.Wide(), ","))
	for b.Loop() {
		var callers errgroup.Group
		began := time.Now()
		for range memoryCallers {
			callers.Go(func() error {
				_, err := calls(host, func(sofar int) bool { return sofar < memoryPages })
				return err
			})
		}
		if err := callers.Wait(); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(memoryCallers*memoryPages/time.Since(began).Seconds(), "pages/s")
		reportMemory(b, process)
	}
	b.ReportMetric(0, "ns/op") // a whole measurement: says nothing
}

// startProgram builds cmd/selfservice-ui, runs it, and returns its process when it answers.
func startProgram(b *testing.B, hookKey string, flags ...string) (process int) {
	b.Helper()
	program := filepath.Join(b.TempDir(), "selfservice-ui")
	if output, err := exec.Command("go", "build", "-o", program, "../cmd/selfservice-ui").CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, output)
	}
	log, err := os.Create(filepath.Join(b.TempDir(), "log"))
	if err != nil {
		b.Fatal(err)
	}
	environment := []string{"EFP_KEYS=" + seal.NewKey(), "EFP_HOOK_KEY=" + hookKey}
	command := exec.Command(program, flags...)
	command.Env, command.Stderr = environment, log
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		_ = command.Wait()
		if text, _ := os.ReadFile(log.Name()); b.Failed() {
			b.Logf("the end of the site's log:\n%s", text[max(0, len(text)-4000):])
		}
		_ = log.Close()
	})
	for deadline := time.Now().Add(30 * time.Second); ; {
		health := exec.Command(program, append([]string{"health"}, flags...)...)
		health.Env = environment
		if health.Run() == nil {
			return command.Process.Pid
		}
		if time.Now().After(deadline) {
			b.Fatal("the site does not answer")
		}
		<-time.After(50 * time.Millisecond)
	}
}

// reportMemory is the highest that the process's memory ever was.
func reportMemory(b *testing.B, process int) {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", process))
	if err != nil {
		b.Fatal(err)
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	number, _, _ := strings.Cut(strings.TrimSpace(after), " ")
	kilobytes, err := strconv.Atoi(number)
	if err != nil {
		b.Fatal(err)
	}
	memory := float64(kilobytes) / 1024
	b.ReportMetric(memory, "MiB-peak")
	if memory > memoryBar {
		b.Errorf("the site held %.1f MiB, the bar is %d", memory, memoryBar)
	}
}

// freePort is host:port, free a moment ago.
func freePort(b *testing.B) string {
	listener := loopback(b)
	defer listener.Close()
	return listener.Addr().String()
}
