package flows

import (
	"context"
	"errors"
	"testing"
)

// A stopping process waits for the codes on their way to Kratos, and no longer than it may.
func TestCloseWaitsForTheCodesOnTheirWay(t *testing.T) {
	h := &Frame{}
	sent := make(chan struct{})
	h.sending.Go(func() { <-sent })
	over, end := context.WithCancel(t.Context())
	end()
	if err := h.Close(over); !errors.Is(err, context.Canceled) {
		t.Errorf("a code that does not leave: %v", err)
	}
	close(sent)
	if err := h.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
