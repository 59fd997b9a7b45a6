package importer_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"efpconnect.example/internal/importer/samples"
)

// programDir is where program is, for TestMain to remove.
var programDir string

// program is import-accounts, built once.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "import-accounts")
	if err != nil {
		return "", err
	}
	programDir = dir
	path := filepath.Join(dir, "import-accounts")
	build := exec.Command("go", "build", "-o", path, "../../cmd/import-accounts")
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, output)
	}
	return path, nil
})

// measured is what a run of the program took: by the clock, of the processor, and of memory at most (VmHWM), in MiB.
type measured struct {
	elapsed, cpu time.Duration
	memory       float64
}

// importCommand is the program's run on a file with the example profile.
func importCommand(t testing.TB, adminURL, input, dir string) *exec.Cmd {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	profilePath, err := filepath.Abs("profiles/mes-demarches.yml")
	if err != nil {
		t.Fatal(err)
	}
	return exec.Command(path, "run", "--quiet", "--profile", profilePath, "--input", input, "--kratos", adminURL, "--dir", dir)
}

func runProgram(t testing.TB, adminURL, input, dir string) measured {
	t.Helper()
	command := importCommand(t, adminURL, input, dir)
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	began := time.Now()
	err := command.Start()
	if err != nil {
		t.Fatal(err)
	}
	memory := highWater(command.Process.Pid)
	err = command.Wait()
	elapsed, state := time.Since(began), command.ProcessState
	if code := state.ExitCode(); code != 0 && code != 3 {
		t.Fatalf("import-accounts: %v\n%s", err, output.String())
	}
	return measured{elapsed, state.UserTime() + state.SystemTime(), <-memory}
}

// highWater gives, once a process has ended, the most memory that it had, in MiB. Its parent cannot ask the system afterwards: ru_maxrss of
// a child starts at its parent's own peak, which holds a million accounts here.
func highWater(pid int) <-chan float64 {
	out := make(chan float64, 1)
	go func() {
		peak := 0.0
		for range time.Tick(50 * time.Millisecond) {
			status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
			_, rest, there := strings.Cut(string(status), "VmHWM:")
			if err != nil || !there { // ended: a process without memory has no such line
				break
			}
			var kilobytes float64
			fmt.Sscan(rest, &kilobytes)
			peak = max(peak, kilobytes/1024)
		}
		out <- peak
	}()
	return out
}

// instant answers like a Kratos that needs no time and has room for everybody.
func instant() *httptest.Server {
	frame := []byte(`"patch_id":"`)
	var ids struct {
		sync.Mutex
		next uint32
	}
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.Method != http.MethodPatch {
			io.WriteString(w, "[]")
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		n := bytes.Count(body, frame)
		ids.Lock()
		first := ids.next
		ids.next += uint32(n)
		ids.Unlock()
		out := make([]byte, 0, 150*n)
		out = append(out, `{"identities":[`...)
		for i := range uint32(n) {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(out, `{"action":"create","identity":"00000000-0000-4000-8000-0000`...)
			out = hex.AppendEncode(out, binary.BigEndian.AppendUint32(nil, first+i))
			out = append(out, `","patch_id":"00000000-0000-4000-8000-0000`...)
			out = hex.AppendEncode(out, binary.BigEndian.AppendUint32(nil, i))
			out = append(out, `"}`...)
		}
		w.Write(append(out, `]}`...))
	}))
}

// Against a server that answers at once what is left is the program itself, journal included. The bar: 10 000 rows a second, and
// at most 64 MiB whatever the number of rows.
func BenchmarkInstant(b *testing.B) {
	for _, rows := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(rows), func(b *testing.B) {
			server := instant()
			defer server.Close()
			input, _ := sampleFile(b, samples.Options{Rows: rows, Seed: 1, Defects: 0.05})
			for b.Loop() {
				run := runProgram(b, server.URL, input, b.TempDir())
				rate := float64(rows) / run.elapsed.Seconds()
				b.ReportMetric(rate, "rows/s")
				b.ReportMetric(run.memory, "MiB-peak")
				if rate < 10_000 || run.memory > 64 {
					b.Errorf("%.0f rows a second, %.1f MiB; the bars are 10 000 and 64", rate, run.memory)
				}
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}
