package ui_test

import (
	"testing"

	"efpconnect.example/internal/testkit/sitetest"
	ui "efpconnect.example/selfservice-ui"
)

// checkStates compares what the journeys showed with the samples of every page in every state.
func checkStates(t *testing.T, record *sitetest.Record) {
	sampled := map[string]bool{}
	for _, sample := range ui.Samples() {
		if !record.Visited(sample.Page) {
			t.Errorf("no journey shows %q: %s", sample.Name, sample.Page.State())
		}
		for _, part := range sitetest.Parts(sample.Page) {
			sampled[part] = true
		}
	}
	for _, part := range record.VisitedParts() {
		if !sampled[part] {
			t.Errorf("a journey shows %q, and no sample does", part)
		}
	}
}
