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
	"testing"
	"time"

	"efpconnect.example/config"
	"efpconnect.example/internal/engine"
	"efpconnect.example/internal/engine/enginetest"
	"efpconnect.example/internal/importer/legacy"
	"efpconnect.example/internal/importer/profile"
	"efpconnect.example/internal/importer/samples"
	"efpconnect.example/internal/importer/source"
	"efpconnect.example/internal/kratos"
)

const (
	ratioRows     = 6000
	ratioRounds   = 3
	kratosOwnRows = 1000
)

// The same rows into the same Kratos, each time an empty one: (a) this program from its start to its files, (b) raw batches of the
// same bodies, ready made, as many at once, (c) Kratos's own `kratos import identities`. Bars: a/b 0.95, a/c 3. The rounds
// alternate, so that a busy machine is busy for all, and the middle one counts.
func BenchmarkAgainstKratos(b *testing.B) {
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": func(testing.TB) string { return "" }, "postgres": postgresDSN} {
		b.Run(name, func(b *testing.B) {
			input, _ := sampleFile(b, samples.Options{Rows: ratioRows, Seed: 1})
			bodies := createBodies(b, input)
			start := func(t testing.TB) *enginetest.Kratos {
				return enginetest.Start(t, func(o *engine.Options) { o.DSN = dsn(t) })
			}
			var ours, raw, own []float64
			for round := range ratioRounds {
				b.Run(fmt.Sprint("raw-", round), func(b *testing.B) {
					k := start(b)
					raw = append(raw, rate(b, len(bodies), func() { rawBatches(b, k, bodies) }))
				})
				b.Run(fmt.Sprint("program-", round), func(b *testing.B) {
					k := start(b)
					var elapsed time.Duration
					elapsed, _ = runProgram(b, k.AdminURL, input)
					ours = append(ours, float64(ratioRows)/elapsed.Seconds())
				})
			}
			b.Run("kratos import", func(b *testing.B) {
				k := start(b)
				own = append(own, rate(b, kratosOwnRows, func() { kratosImport(b, k, bodies[:kratosOwnRows]) }))
			})
			b.Run("ratio", func(b *testing.B) {
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(middle(ours), "program-rows/s")
				b.ReportMetric(middle(raw), "raw-rows/s")
				b.ReportMetric(middle(own), "kratos-import-rows/s")
				b.ReportMetric(middle(ours)/middle(raw), "program/raw")
				b.ReportMetric(middle(ours)/middle(own), "program/kratos-import")
			})
		})
	}
}

func middle(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

func rate(b *testing.B, rows int, work func()) float64 {
	began := time.Now()
	work()
	r := float64(rows) / time.Since(began).Seconds()
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(r, "rows/s")
	return r
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

func rawBatches(t testing.TB, k *enginetest.Kratos, bodies [][]byte) {
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
func kratosImport(t testing.TB, k *enginetest.Kratos, bodies [][]byte) {
	path := filepath.Join(t.TempDir(), "identities.json")
	text := append(append([]byte{'['}, bytes.Join(bodies, []byte{','})...), ']')
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	binary, err := engine.Binary()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(binary, "import", "identities", path, "--endpoint", k.AdminURL, "--format", "json")
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("kratos import identities: %v\n%.500s", err, output)
	}
}
