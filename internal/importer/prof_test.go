package importer_test

import (
	"testing"
	"os"
	"efpconnect.example/internal/importer"
	"efpconnect.example/internal/importer/samples"
)

func TestProf(t *testing.T) {
	if os.Getenv("PROF") == "" { t.Skip() }
	server := instant()
	defer server.Close()
	input, _ := sampleFile(t, samples.Options{Rows: 100000, Seed: 1, Defects: 0.05})
	o := options(t, server.URL, input)
	o.Progress = func(p importer.Progress) { t.Log(p.Phase, p.Done, p.Elapsed) }
	mustRun(t, o)
}
