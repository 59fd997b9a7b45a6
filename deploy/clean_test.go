package deploy

import (
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"efpconnect.example/config/doctor"
	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/testkit/kratostest"
)

// TestCleanFlows: one run of the shipped job removes every flow that ended 48 hours ago, however many there are, and no other.
func TestCleanFlows(t *testing.T) {
	needPostgres(t)
	var dsn, dir string
	k := kratostest.Start(t, func(o *kratosprocess.Options) { dsn, dir = o.DSN, o.Dir })
	const many = 350 // Kratos takes 100 at once by default
	flows := map[string]string{"recovery": "/self-service/recovery/api", "login": "/self-service/login/api"}
	for range many {
		for _, path := range flows {
			var flow struct {
				ID string `json:"id"`
			}
			k.Call(t, http.MethodGet, k.PublicURL+path, nil, &flow)
		}
	}
	db, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close(background) })
	for kind := range flows {
		table := "selfservice_" + kind + "_flows"
		for _, statement := range []string{
			"UPDATE " + table + " SET expires_at = now() - interval '49 hours'",
			"UPDATE " + table + " SET expires_at = now() - interval '47 hours' WHERE id IN (SELECT id FROM " + table + " LIMIT 7)",
		} {
			if _, err := db.Exec(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
	}
	clean := exec.Command(kratostest.Binary(t), cleanCommand(t, filepath.Join(dir, "kratos.yml"))...)
	if output, err := clean.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	for kind := range flows {
		var left int
		if err := db.QueryRow(t.Context(), "SELECT count(*) FROM selfservice_"+kind+"_flows").Scan(&left); err != nil {
			t.Fatal(err)
		}
		if left != 7 {
			t.Errorf("%s: %d flows are left of %d, 7 of them ended 47 hours ago", kind, left, many)
		}
	}
}

// cleanCommand is the job of docker-compose.yml; the page's is the same, word by word.
func cleanCommand(t *testing.T, file string) []string {
	t.Helper()
	p, err := doctor.Compose(t.Context(), "../docker-compose.yml", []string{"clean"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	command := []string(p.Services["clean-flows"].Command)
	at := slices.Index(command, "/etc/config/kratos/kratos.yml")
	if at < 0 {
		t.Fatalf("the job reads no file: %v", command)
	}
	command[at] = "kratos/kratos.yml"
	if typed := "kratos " + strings.Join(command, " "); !strings.Contains(read(t, page), typed) {
		t.Errorf("%s does not say %s", page, typed)
	}
	command[at] = file
	return command
}
