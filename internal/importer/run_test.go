package importer_test

import (
	"testing"

	"efpconnect.example/internal/importer/samples"
	"efpconnect.example/internal/testkit/kratostest"
)

// The promise of the whole: every row has one sort, the sum is right to the row, and Kratos's own list agrees.
func TestBalance(t *testing.T) {
	rows := 20_000
	onEach(t, func(t *testing.T, k *kratostest.Kratos) {
		of := samples.Options{Rows: rows, Seed: 1, Defects: 0.05, Taken: 0.03}
		taken := takeAddresses(t, k, of)
		input, truth := sampleFile(t, of)
		s := mustRun(t, options(t, k.AdminURL, input))
		if s.Balance != balance(truth) {
			t.Errorf("balance %s, want %s", show(s.Balance), show(truth))
		}
		for _, r := range s.Reasons {
			truth.Reasons[r.Code] -= r.Count
		}
		for code, n := range truth.Reasons {
			if n != 0 {
				t.Errorf("reason %s: off by %d", code, n)
			}
		}
		compare(t, k, of, taken)
		t.Logf("%d rows in %v", truth.Read, s.Elapsed)
	})
}
