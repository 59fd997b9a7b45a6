package samples_test

import (
	"bytes"
	"testing"

	"efpconnect.example/internal/importer/samples"
)

// The same seed gives the same file, another seed another; the shares are kept, and a few hundred rows hold every defect.
func TestSamples(t *testing.T) {
	write := func(o samples.Options) (string, samples.Truth) {
		var b bytes.Buffer
		truth, err := samples.WriteCSV(&b, o)
		if err != nil {
			t.Fatal(err)
		}
		return b.String(), truth
	}
	o := samples.Options{Rows: 2000, Seed: 1, Defects: 0.05, Taken: 0.03}
	first, truth := write(o)
	if again, _ := write(o); again != first {
		t.Error("the same options gave other rows")
	}
	o.Seed = 2
	if other, _ := write(o); other == first {
		t.Error("another seed gave the same rows")
	}
	if truth.Read != 2000 || truth.Created+truth.Conflict+truth.Rejected != truth.Read {
		t.Errorf("the truth is no sum: %+v", truth)
	}
	if truth.Rejected < 60 || truth.Rejected > 140 || truth.Reasons["taken"] < 30 || truth.Reasons["taken"] > 90 {
		t.Errorf("shares of 5 and 3 %% came out as %+v", truth)
	}
	for _, code := range []string{"address", "address_long", "missing", "missing_id", "duplicate_id", "duplicate_address", "columns", "invisible", "long", "schema_not", "schema_long:100", "state", "verified"} {
		if truth.Reasons[code] == 0 {
			t.Errorf("no row with the defect %s", code)
		}
	}
}
