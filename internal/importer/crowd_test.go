package importer_test

import (
	"database/sql"
	"fmt"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/importer/samples"
	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/testkit/kratostest"
)

// crowd fills the SQLite file of a Kratos with accounts, copies of one that Kratos made.
func crowd(t *testing.T, k *kratostest.Kratos, file string, accounts int) {
	t.Helper()
	status, answer := k.Call(t, http.MethodPost, k.AdminURL+"/admin/identities",
		map[string]any{"schema_id": "account", "traits": map[string]string{"email": "modele@foule.example.test"}}, nil)
	if status != http.StatusCreated {
		t.Fatalf("the first of the crowd: %d %s", status, answer)
	}
	db, err := sql.Open("sqlite", file+"?_pragma=busy_timeout(60000)") // Kratos writes too
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	id := func(kind int) string { return fmt.Sprintf("printf('%08d-0000-4000-8000-%%012d', n)", kind) }
	numbers := fmt.Sprintf("WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c WHERE n<%d)", accounts-1)
	for _, insert := range []string{
		`INSERT INTO identities (id, schema_id, traits, created_at, updated_at, nid, state, state_changed_at)
			` + numbers + ` SELECT ` + id(1) + `, schema_id, json_object('email', 'p'||n||'@foule.example.test'), created_at, updated_at, nid, state, state_changed_at
			FROM identities, c`,
		`INSERT INTO identity_credentials (id, config, identity_credential_type_id, identity_id, created_at, updated_at, nid, version)
			` + numbers + ` SELECT ` + id(2) + `, config, identity_credential_type_id, ` + id(1) + `, created_at, updated_at, nid, version
			FROM (SELECT ic.* FROM identity_credentials ic JOIN identity_credential_types t ON t.id=ic.identity_credential_type_id WHERE t.name='password'), c`,
		`INSERT INTO identity_credential_identifiers (id, identifier, identity_credential_id, created_at, updated_at, nid, identity_credential_type_id)
			` + numbers + ` SELECT ` + id(3) + `, 'p'||n||'@foule.example.test', ` + id(2) + `, created_at, updated_at, nid, identity_credential_type_id
			FROM (SELECT i.* FROM identity_credential_identifiers i JOIN identity_credential_types t ON t.id=i.identity_credential_type_id
				WHERE t.name='password'), c`,
		`INSERT INTO identity_verifiable_addresses (id, status, via, verified, value, identity_id, created_at, updated_at, nid)
			` + numbers + ` SELECT ` + id(4) + `, status, via, verified, 'p'||n||'@foule.example.test', ` + id(1) + `, created_at, updated_at, nid
			FROM identity_verifiable_addresses, c`,
	} {
		if _, err := db.Exec(insert); err != nil {
			t.Fatalf("%v: %s", err, insert)
		}
	}
}

// cutter cuts the answer of one batch after Kratos has committed it, and another one before Kratos hears of it.
type cutter struct{ batches atomic.Int64 }

func (c *cutter) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodPatch {
		return http.DefaultTransport.RoundTrip(r)
	}
	switch c.batches.Add(1) {
	case 1:
		answer, err := http.DefaultTransport.RoundTrip(r)
		if err == nil {
			answer.Body.Close()
		}
		return nil, fmt.Errorf("cut")
	case 3:
		return nil, fmt.Errorf("cut")
	}
	return http.DefaultTransport.RoundTrip(r)
}

// Among twenty thousand accounts on SQLite one look-up by address takes Kratos minutes, during which nobody writes. A batch without an
// answer, and an address that was taken meanwhile, are settled all the same, and soon.
func TestFailedBatchInACrowd(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	k := kratostest.Start(t, func(o *kratosprocess.Options) { o.DSN, o.Dir = "", dir })
	crowd(t, k, filepath.Join(dir, "kratos.sqlite"), 20_000)
	of := samples.Options{Rows: 300, Seed: 5}
	input, truth := sampleFile(t, of)
	o := options(t, k.AdminURL, input)
	failing := &cutter{}
	o.Kratos = admin(t, k.AdminURL, kratos.AdminOptions{Transport: failing})
	o.Batch, o.Concurrency = 100, 2
	began := time.Now()
	s := mustRun(t, o)
	t.Logf("%d batches in %v", failing.batches.Load(), time.Since(began))
	if s.Balance != (journal.Balance{Read: truth.Read, Created: truth.Created}) {
		t.Errorf("balance %s, want %d created", show(s.Balance), truth.Created)
	}
	if failing.batches.Load() < 5 {
		t.Error("no batch failed")
	}
	if took := time.Since(began); took > 2*time.Minute {
		t.Errorf("took %v", took)
	}
	compare(t, k, of, 20_000)
}
