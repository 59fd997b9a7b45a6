package importer_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"efpconnect.example/config"
	"efpconnect.example/internal/importer"
	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/importer/samples"
	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/testkit/kratostest"
)

// The windows in which an import can die, seen from a request of a batch.
const (
	windowBefore     = "before send"
	windowUnanswered = "sent, unanswered"
	windowAnswered   = "answered, not in the journal"
)

// TestMain lets the test binary be the import that gets killed.
func TestMain(m *testing.M) {
	if spec := os.Getenv("EFP_IMPORT_CHILD"); spec != "" {
		if err := child(strings.Split(spec, "|")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	code := m.Run()
	if programDir != "" {
		os.RemoveAll(programDir)
	}
	os.Exit(code)
}

// child imports until its own hand kills it with SIGKILL: spec is adminURL|input|dir|window|which batch.
func child(spec []string) error {
	which, err := strconv.Atoi(spec[4])
	if err != nil {
		return err
	}
	// No connection is kept: a killed child must not leave Kratos one to wait for.
	client, err := kratos.NewAdmin(spec[0], kratos.AdminOptions{Transport: &killer{next: &http.Transport{DisableKeepAlives: true}, window: spec[3], which: int64(which)}})
	if err != nil {
		return err
	}
	p, err := loadExample()
	if err != nil {
		return err
	}
	_, err = importer.Run(context.Background(), importer.Options{Kratos: client, Profile: p, Schema: config.IdentitySchema(), Input: spec[1], Dir: spec[2], Batch: 50, Concurrency: 2})
	return err
}

// killer ends the process at a window of the n-th batch.
type killer struct {
	next   http.RoundTripper
	window string
	which  int64
	seen   atomic.Int64
}

func (k *killer) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodPatch || k.seen.Add(1) != k.which {
		return k.next.RoundTrip(r)
	}
	die := func() { syscall.Kill(os.Getpid(), syscall.SIGKILL); select {} }
	switch k.window {
	case windowBefore:
		die()
	case windowUnanswered:
		r.Body = &lastByte{r.Body, func() {
			// Kratos has it all; it may be anywhere in its work when we die.
			time.AfterFunc(time.Duration(k.which%5)*8*time.Millisecond, die)
		}}
		k.next.RoundTrip(r)
		die()
	case windowAnswered:
		answer, err := k.next.RoundTrip(r)
		if err == nil {
			io.Copy(io.Discard, answer.Body)
		}
		die()
	}
	panic("unreachable")
}

// lastByte calls then when a body has been read to its end.
type lastByte struct {
	io.ReadCloser
	then func()
}

func (l *lastByte) Read(p []byte) (int, error) {
	n, err := l.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		l.then()
	}
	return n, err
}

// Three kills in each window here, ten in make bench.
func TestKilled(t *testing.T) {
	t.Parallel()
	killInEachWindow(t, 3)
}

func BenchmarkKilled(b *testing.B) {
	killInEachWindow(b, 10)
	b.ReportMetric(0, "ns/op")
}

// killInEachWindow kills an import so often in each window and takes it up again each time: nothing is lost, nothing is there twice,
// and the balance is that of a run that nobody killed.
func killInEachWindow(t testing.TB, each int) {
	k := kratostest.Start(t, func(o *kratosprocess.Options) { o.DSN = "" })
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	of := samples.Options{Rows: 1600, Seed: 7, Defects: 0.05, Taken: 0.03}
	taken := takeAddresses(t, k, of)
	input, truth := sampleFile(t, of)
	dir := filepath.Join(t.TempDir(), "import")
	windows := []string{windowBefore, windowUnanswered, windowAnswered}
	for i := range each * len(windows) {
		window := windows[i%len(windows)]
		command := exec.Command(self)
		command.Env = append(os.Environ(), "EFP_IMPORT_CHILD="+strings.Join([]string{k.AdminURL, input, dir, window, fmt.Sprint(1 + i%2)}, "|"))
		output, err := command.CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Fatalf("kill %d (%s): the child ended by itself: %v\n%s", i, window, err, output)
		}
		// What the journal says after a kill must be true: each account it knows is in Kratos.
		if i%8 == 0 {
			journalTellsTruth(t, k, dir)
		}
	}
	o := options(t, k.AdminURL, input)
	o.Dir = dir
	s := mustRun(t, o)
	if s.Balance != balance(truth) {
		t.Errorf("balance after the kills: %s, want %s", show(s.Balance), show(truth))
	}
	compare(t, k, of, taken)
}

// undo takes back what a killed import made, also what Kratos answered and the journal does not have.
func TestUndoAfterKill(t *testing.T) {
	t.Parallel()
	k := kratostest.Start(t, func(o *kratosprocess.Options) { o.DSN = "" })
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	input, _ := sampleFile(t, samples.Options{Rows: 300, Seed: 7})
	o := options(t, k.AdminURL, input)
	command := exec.Command(self)
	command.Env = append(os.Environ(), "EFP_IMPORT_CHILD="+strings.Join([]string{k.AdminURL, input, o.Dir, windowAnswered, "3"}, "|"))
	command.Run()
	if known, there := knownTo(t, o.Dir), len(justThere(t, k)); known >= there {
		t.Fatalf("the journal knows %d accounts, Kratos %d: this test would prove nothing", known, there)
	}
	u, err := importer.Undo(t.Context(), o, func(importer.Undoing) bool { return true })
	if left := justThere(t, k); err != nil || len(left) > 0 || u.Removed == 0 {
		t.Errorf("%d accounts left after %+v, %v", len(left), u, err)
	}
}

func justThere(t *testing.T, k *kratostest.Kratos) map[string]account {
	t.Helper()
	there, _ := everybody(t, k)
	return there
}

func knownTo(t *testing.T, dir string) int {
	t.Helper()
	j, err := journal.OpenToRead(filepath.Join(dir, importer.JournalFile))
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	there, _, err := j.CountAccounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return there
}

func journalTellsTruth(t testing.TB, k *kratostest.Kratos, dir string) {
	t.Helper()
	j, err := journal.OpenToRead(filepath.Join(dir, importer.JournalFile))
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	known, err := j.Accounts(t.Context(), "", 100_000)
	if err != nil {
		t.Fatal(err)
	}
	there, _ := everybody(t, k)
	for _, account := range known {
		if _, ok := there[account.LegacyID]; !ok {
			t.Errorf("the journal knows %s, Kratos does not", account.LegacyID)
		}
	}
	if len(there) < len(known) {
		t.Errorf("%d accounts in Kratos, %d in the journal", len(there), len(known))
	}
}
