package importer_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"efpconnect.example/config"
	"efpconnect.example/internal/importer/legacy"
	"efpconnect.example/internal/importer/profile"
	"efpconnect.example/internal/importer/samples"
	"efpconnect.example/internal/importer/source"
	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/testkit/kratostest"
)

const (
	ratioRows     = 10_000 // so many that what a run does once hardly shows
	ratioRounds   = 3
	kratosOwnRows = 500
)

// rawBar and ownBar are the least a/b and a/c below.
const (
	rawBar = 0.95
	ownBar = 3
)

// The same rows into the same Kratos, each time an empty one: (a) this program from its start to its files, (b) raw batches of the
// same bodies, ready made, as many at once, (c) Kratos's own `kratos import identities`. The rounds
// take turns at who is first, so that a busy machine is busy for both, and the middle one counts.
func BenchmarkAgainstKratos(b *testing.B) {
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": func(testing.TB) string { return "" }, "postgres": postgresDSN} {
		b.Run(name, func(b *testing.B) {
			input, _ := sampleFile(b, samples.Options{Rows: ratioRows, Seed: 1})
			bodies := createBodies(b, input)
			start := func(t testing.TB) *kratostest.Kratos {
				return kratostest.Start(t, func(o *kratosprocess.Options) { o.DSN = dsn(t) })
			}
			if _, err := program(); err != nil { // built before anything is measured
				b.Fatal(err)
			}
			var ours, raw, own measures
			for round := range ratioRounds {
				sides := []func(){
					func() {
						raw.measure(b, "raw", len(bodies), start, func(k *kratostest.Kratos) { rawBatches(b, k, bodies) })
					},
					func() {
						ours.measure(b, "program", len(bodies), start, func(k *kratostest.Kratos) { runProgram(b, k.AdminURL, input, b.TempDir()) })
					},
					func() {
						own.measure(b, "kratos-import", kratosOwnRows, start, func(k *kratostest.Kratos) { kratosImport(b, k, bodies[:kratosOwnRows]) })
					},
				}
				for i := range sides {
					sides[(i+round)%len(sides)]()
				}
			}
			b.Run("ratio", func(b *testing.B) {
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(middle(ours), "program-rows/s")
				b.ReportMetric(middle(raw), "raw-rows/s")
				b.ReportMetric(middle(own), "kratos-import-rows/s")
				b.ReportMetric(middle(ours.over(raw)), "program/raw")
				b.ReportMetric(middle(ours.over(own)), "program/kratos-import")
				if got := middle(ours.over(raw)); got < rawBar {
					b.Errorf("%.3f of the raw batches, the bar is %.2f", got, rawBar)
				}
				if got := middle(ours.over(own)); got < ownBar {
					b.Errorf("%.2f times kratos import identities, the bar is %d", got, ownBar)
				}
			})
		})
	}
}

// measures are the figures of one side, a round each.
type measures []float64

// cpu is the processor time of this process and of the children it has seen end.
func cpu() time.Duration {
	var total time.Duration
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var used syscall.Rusage
		if syscall.Getrusage(who, &used) == nil {
			total += time.Duration(used.Utime.Nano() + used.Stime.Nano())
		}
	}
	return total
}

// BenchmarkProcessorTime is program/raw in processor time, that of Kratos included, since it is what limits both sides on a machine
// that is busy: it holds on one where other work makes the clock useless. A start and stop of Kratos is taken off. SQLite, where Kratos
// does all the work itself.
func BenchmarkProcessorTime(b *testing.B) {
	if _, err := program(); err != nil {
		b.Fatal(err)
	}
	input, _ := sampleFile(b, samples.Options{Rows: ratioRows, Seed: 1})
	bodies := createBodies(b, input)
	spent := func(name string, work func(testing.TB, *kratostest.Kratos)) (cost measures) {
		for round := range 3 {
			before := cpu()
			b.Run(fmt.Sprint(name, "-", round), func(b *testing.B) {
				work(b, kratostest.Start(b, func(o *kratosprocess.Options) { o.DSN = "" }))
				b.ReportMetric(0, "ns/op")
			})
			cost = append(cost, (cpu() - before).Seconds())
		}
		return cost
	}
	empty := middle(spent("empty", func(testing.TB, *kratostest.Kratos) {}))
	raw := middle(spent("raw", func(b testing.TB, k *kratostest.Kratos) { rawBatches(b, k, bodies) })) - empty
	ours := middle(spent("program", func(b testing.TB, k *kratostest.Kratos) { runProgram(b, k.AdminURL, input, b.TempDir()) })) - empty
	own := middle(spent("kratos-import", func(b testing.TB, k *kratostest.Kratos) { kratosImport(b, k, bodies[:kratosOwnRows]) })) - empty
	b.Run("ratio", func(b *testing.B) {
		perRow := func(seconds float64, rows int) float64 { return seconds * 1e6 / float64(rows) }
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(perRow(raw, len(bodies)), "raw-µs/row")
		b.ReportMetric(perRow(ours, len(bodies)), "program-µs/row")
		b.ReportMetric(perRow(own, kratosOwnRows), "kratos-import-µs/row")
		b.ReportMetric(raw/ours, "program/raw")
		b.ReportMetric(perRow(own, kratosOwnRows)/perRow(ours, len(bodies)), "program/kratos-import")
	})
}

// measure times work on a Kratos of its own.
func (m *measures) measure(b *testing.B, name string, rows int, start func(testing.TB) *kratostest.Kratos, work func(*kratostest.Kratos)) {
	b.Run(fmt.Sprint(name, "-", len(*m)), func(b *testing.B) {
		k := start(b)
		began := time.Now()
		work(k)
		rate := float64(rows) / time.Since(began).Seconds()
		*m = append(*m, rate)
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(rate, "rows/s")
	})
}

// over is the ratio of each round.
func (m measures) over(other measures) measures {
	ratios := make(measures, len(m))
	for i := range m {
		ratios[i] = m[i] / other[i]
	}
	return ratios
}

// middle is the median; values keep their order.
func middle(values measures) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// createBodies are the very bodies that the program sends.
func createBodies(t testing.TB, input string) [][]byte {
	t.Helper()
	p := exampleProfile(t)
	f, err := os.Open(input)
	if err != nil {
		t.Fatal(err)
	}
	r, err := source.NewCSV(f, f, p.CSVOptions())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	m, err := profile.NewMapper(p, config.IdentitySchema(), r.Columns())
	if err != nil {
		t.Fatal(err)
	}
	var all [][]byte
	for {
		record, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		person, rejection := m.Map(record)
		if rejection != nil {
			t.Fatal(rejection)
		}
		all = append(all, m.Create(person, legacy.Stamp{Source: "mes-demarches", ID: person.LegacyID, ImportedAt: time.Now().UTC().Truncate(time.Second), Run: "raw"}))
	}
}

func rawBatches(t testing.TB, k *kratostest.Kratos, bodies [][]byte) {
	batches := make(chan [][]byte)
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for batch := range batches {
				request, err := http.NewRequest(http.MethodPatch, k.AdminURL+"/admin/identities", bytes.NewReader(kratos.BatchBody(batch)))
				if err != nil {
					t.Error(err)
					continue
				}
				request.Header.Set("Content-Type", "application/json")
				answer, err := http.DefaultClient.Do(request)
				if err != nil {
					t.Error(err)
					continue
				}
				io.Copy(io.Discard, answer.Body)
				answer.Body.Close()
				if answer.StatusCode != http.StatusOK {
					t.Errorf("raw batch: %s", answer.Status)
				}
			}
		})
	}
	for len(bodies) > 0 {
		n := min(1000, len(bodies))
		batches <- bodies[:n]
		bodies = bodies[n:]
	}
	close(batches)
	wait.Wait()
}

// kratosImport is Kratos's own command on the same bodies.
func kratosImport(t testing.TB, k *kratostest.Kratos, bodies [][]byte) {
	path := filepath.Join(t.TempDir(), "identities.json")
	text := append(append([]byte{'['}, bytes.Join(bodies, []byte{','})...), ']')
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	binary, err := kratosprocess.Binary()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(binary, "import", "identities", path, "--endpoint", k.AdminURL, "--format", "json")
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("kratos import identities: %v\n%.500s", err, output)
	}
}
