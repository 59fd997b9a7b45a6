package trial_test

import (
	"os"
	"testing"

	"efpconnect.example/config"
	"efpconnect.example/internal/engine"
	"efpconnect.example/internal/engine/enginetest"
	"efpconnect.example/internal/importer/trial"
)

func TestImport(t *testing.T) {
	k := enginetest.Start(t, func(o *engine.Options) { o.DSN = "" })
	text, err := os.ReadFile("../../../cmd/import-accounts/profiles/mes-demarches.yml")
	if err != nil {
		t.Fatal(err)
	}
	s, err := trial.Import(t.Context(), trial.Options{AdminURL: k.AdminURL, Dir: t.TempDir(), Profile: text, Schema: config.IdentitySchema(), Rows: 200, Seed: 1})
	if err != nil || s.Balance.Read != 200 || s.Balance.Created < 170 || s.Balance.Rejected == 0 || !s.Balance.Right() {
		t.Errorf("%+v, %v", s.Balance, err)
	}
}
