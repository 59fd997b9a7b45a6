package recovery

import (
	"context"
	"errors"
	"testing"
	"time"

	"efpconnect.example/internal/seal"
	"efpconnect.example/internal/store"
)

// The browser of a double click's second request goes while the first still works: that is no failure of the service, which is
// what the error handler makes of a lock that is held too long.
func TestNobodyWaitsForALockOnceTheBrowserHasGone(t *testing.T) {
	h := &Handler{Store: store.NewMemory(10, time.Now)}
	held := submission{secret: seal.NewRandom(), lock: "lock:held", what: []string{"code"}}
	if _, err := h.Store.Add(t.Context(), held.lock, []byte("the first"), time.Minute); err != nil {
		t.Fatal(err)
	}
	ctx, leave := context.WithCancel(t.Context())
	leave()
	_, err := h.once(ctx, held, func(context.Context) (outcome, error) {
		t.Error("done without the lock")
		return outcome{}, nil
	})
	if !errors.Is(err, context.Canceled) || !errors.Is(err, store.ErrUnavailable) {
		t.Error(err)
	}
}
