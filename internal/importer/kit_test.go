package importer_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"efpconnect.example/config"
	"efpconnect.example/internal/importer"
	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/importer/profile"
	"efpconnect.example/internal/importer/samples"
	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/testkit/kratostest"
)

// exampleProfile is the profile that operators copy, with changes.
func exampleProfile(t testing.TB, changes ...func(*profile.Profile)) *profile.Profile {
	t.Helper()
	p, err := loadExample()
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range changes {
		change(p)
	}
	return p
}

func loadExample() (*profile.Profile, error) {
	text, err := os.ReadFile("profiles/mes-demarches.yml")
	if err != nil {
		return nil, err
	}
	return profile.Parse(text, config.IdentitySchema())
}

// admin is a client of a test's Kratos.
func admin(t testing.TB, adminURL string, o kratos.AdminOptions) *kratos.Admin {
	t.Helper()
	a, err := kratos.NewAdmin(adminURL, o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// options imports a file into a Kratos with the example profile.
func options(t testing.TB, adminURL, input string) importer.Options {
	t.Helper()
	return importer.Options{Kratos: admin(t, adminURL, kratos.AdminOptions{}), Profile: exampleProfile(t), Schema: config.IdentitySchema(), Input: input,
		Dir: filepath.Join(t.TempDir(), "import [2026]")}
}

// sampleFile writes sample rows to a file.
func sampleFile(t testing.TB, o samples.Options) (string, samples.Truth) {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "export.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	truth, err := samples.WriteCSV(f, o)
	if err != nil {
		t.Fatal(err)
	}
	return f.Name(), truth
}

// balance is what a run must come to.
func balance(truth samples.Truth) journal.Balance {
	return journal.Balance{Read: truth.Read, Created: truth.Created, Conflict: truth.Conflict, Rejected: truth.Rejected}
}

// takeAddresses makes the accounts that hold the addresses of taken rows, as if people had registered by themselves.
func takeAddresses(t testing.TB, k *kratostest.Kratos, o samples.Options) int {
	t.Helper()
	var patches []map[string]any
	count := 0
	flush := func() {
		if len(patches) == 0 {
			return
		}
		status, answer := k.Call(t, http.MethodPatch, k.AdminURL+"/admin/identities", map[string]any{"identities": patches}, nil)
		if status != http.StatusOK {
			t.Fatalf("accounts that are there already: %d %s", status, answer)
		}
		patches = nil
	}
	for row := range samples.Rows(o) {
		if !row.Taken {
			continue
		}
		count++
		patches = append(patches, map[string]any{"create": map[string]any{"schema_id": "account", "traits": map[string]string{"email": row.Mailbox()}}})
		if len(patches) == 100 { // few: a call may take half a minute, and a busy machine takes that for hundreds
			flush()
		}
	}
	flush()
	return count
}

// account is an account as Kratos lists it, read by the test's own means.
type account struct {
	ID     string `json:"id"`
	State  string `json:"state"`
	Traits struct {
		Email      string `json:"email"`
		FamilyName string `json:"family_name"`
	} `json:"traits"`
	Addresses []struct {
		Verified bool `json:"verified"`
	} `json:"verifiable_addresses"`
	MetadataAdmin struct {
		Legacy struct {
			Source string `json:"source"`
			ID     string `json:"id"`
		} `json:"legacy"`
	} `json:"metadata_admin"`
}

// everybody is Kratos's own list. v26.2.0 gives 500 a page at most, whatever is asked for: the Link header tells what follows.
func everybody(t testing.TB, k *kratostest.Kratos) (byLegacyID map[string]account, others int) {
	t.Helper()
	byLegacyID = map[string]account{}
	for query := "page_size=1000"; query != ""; {
		page, next := list(t, k.AdminURL+"/admin/identities?"+query)
		query = next
		for _, a := range page {
			id := a.MetadataAdmin.Legacy.ID
			if id == "" {
				others++
				continue
			}
			if twin, twice := byLegacyID[id]; twice {
				t.Errorf("legacy account %s is in Kratos twice: %s and %s", id, twin.ID, a.ID)
			}
			byLegacyID[id] = a
		}
	}
	return byLegacyID, others
}

var nextPage = regexp.MustCompile(`<[^>]*\?([^>]*)>; ?rel="next"`)

// list is one page, and the query of the one after it.
func list(t testing.TB, address string) (page []account, next string) {
	t.Helper()
	answer, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("listing: %s", answer.Status)
	}
	if err := json.NewDecoder(answer.Body).Decode(&page); err != nil {
		t.Fatal(err)
	}
	for _, link := range answer.Header.Values("Link") {
		for part := range strings.SplitSeq(link, ",") {
			if found := nextPage.FindStringSubmatch(part); found != nil {
				next = found[1]
			}
		}
	}
	return page, next
}

// compare checks Kratos's list against the rows: exactly the sound ones are there, each as its row says.
func compare(t testing.TB, k *kratostest.Kratos, o samples.Options, taken int) {
	t.Helper()
	there, others := everybody(t, k)
	if others != taken {
		t.Errorf("%d accounts without legacy mark, want the %d that were there before", others, taken)
	}
	wrong := 0
	for row := range samples.Rows(o) {
		sound := row.Reason == "" && !row.Taken
		if !sound {
			continue
		}
		got, ok := there[row.ID()]
		delete(there, row.ID())
		want := map[string]string{"ACTIF": "active", "INACTIF": "inactive"}[row.Fields[6]]
		verified := row.Fields[7] == "O"
		if !ok || got.Traits.Email != row.Mailbox() || got.State != want || len(got.Addresses) != 1 || got.Addresses[0].Verified != verified {
			if wrong++; wrong < 5 {
				t.Errorf("row %s: in Kratos %v: %+v, want %s %s verified %v", row.ID(), ok, got, row.Mailbox(), want, verified)
			}
		}
	}
	if wrong > 0 || len(there) > 0 {
		t.Errorf("%d rows wrong in Kratos, %d accounts that no sound row asks for", wrong, len(there))
	}
}

// onEach runs a test on Kratos with SQLite and with PostgreSQL.
func onEach(t *testing.T, test func(*testing.T, *kratostest.Kratos)) {
	t.Run("sqlite", func(t *testing.T) {
		test(t, kratostest.Start(t, func(o *kratosprocess.Options) { o.DSN = "" }))
	})
	t.Run("postgres", func(t *testing.T) {
		test(t, kratostest.Start(t, func(o *kratosprocess.Options) { o.DSN = postgresDSN(t) }))
	})
}

func mustRun(t testing.TB, o importer.Options) importer.Summary {
	t.Helper()
	s, err := importer.Run(t.Context(), o)
	if err != nil {
		t.Fatalf("run: %v", err)
	}
	if !s.Balance.Right() {
		t.Fatalf("balance is not a sum: %+v", s.Balance)
	}
	return s
}

func readLines(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func show(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}
