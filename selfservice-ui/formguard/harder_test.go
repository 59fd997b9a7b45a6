package formguard

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/mux"

	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/captcha/proof"
	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/seal"
	"efpconnect.example/internal/store"
)

// The fuller the row of logins, the more a robot pays for its place, at every form; nobody pays for a row that has room.
func TestTheProofGrowsWithTheCrowd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limits, err := limit.New(limit.Memory(100, time.Now), limit.Defaults())
		if err != nil {
			t.Fatal(err)
		}
		proofs, err := proof.New([]string{seal.NewKey()}, 50_000, store.NewMemory(100, time.Now), time.Now)
		if err != nil {
			t.Fatal(err)
		}
		g := &Guard{Limits: limits, Proofs: proofs, Logins: NewLoginQueue(1, waiting(8)), Now: time.Now}
		if _, err := g.Logins.Acquire(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		ctx, end := context.WithCancel(t.Context())
		for waits, want := range []int{50_000, 50_000, 100_000, 100_000, 200_000, 200_000, 400_000, 400_000} {
			for _, form := range []string{captcha.FormLogin, captcha.FormRecovery, captcha.FormCode} {
				w := httptest.NewRecorder()
				r := mux.SetURLVars(httptest.NewRequest("GET", PathProof+form, nil), map[string]string{"form": form})
				var asked struct{ MaxNumber int }
				if err := g.proof(w, r); err != nil || json.Unmarshal(w.Body.Bytes(), &asked) != nil || asked.MaxNumber != want {
					t.Errorf("%d wait, %s: %s, %v; want %d", waits, form, w.Body, err, want)
				}
			}
			go func() { _, _ = g.Logins.Acquire(ctx, false) }()
			synctest.Wait()
		}
		end()
		synctest.Wait()
	})
}
