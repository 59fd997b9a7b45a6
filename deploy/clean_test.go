package deploy

import (
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"efpconnect.example/config"
	"efpconnect.example/config/doctor"
	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/mailbox"
	"efpconnect.example/internal/testkit/kratostest"
)

// Of each table, rows that ended 49 hours ago and rows that ended 47 hours ago.
const (
	manyRows  = 1000 // Kratos takes 100 at once by default
	youngRows = 7
)

// TestClean: one run of the shipped jobs removes every flow that ended 48 hours ago and every mail that left then, however many there are:
// with them all that Kratos had of people who did not finish a registration. Nothing younger goes.
func TestClean(t *testing.T) {
	needPostgres(t)
	box, err := mailbox.Start("127.0.0.1:0", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.Close() })
	var dsn, dir string
	k := kratostest.Start(t, func(o *kratosprocess.Options) {
		dsn, dir, o.SMTPAddr = o.DSN, o.Dir, box.SMTPAddr()
		o.Overrides[config.Registration] = config.RegistrationOpen
	})
	const address = "jamais.revenue@example.test"
	unfinished(t, k, box, address)
	if err := k.Stop(); err != nil {
		t.Fatal(err)
	}
	db, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close(background) })
	tables := map[string]string{
		"selfservice_login_flows":        "expires_at",
		"selfservice_recovery_flows":     "expires_at",
		"selfservice_settings_flows":     "expires_at",
		"selfservice_registration_flows": "expires_at",
		"courier_messages":               "updated_at",
	}
	for table, ended := range tables {
		multiply(t, db, table, ended)
	}
	const codes = "identity_registration_codes"
	run(t, db, "INSERT INTO "+codes+" SELECT (jsonb_populate_record(NULL::"+codes+", to_jsonb(c) || "+
		"jsonb_build_object('id', gen_random_uuid(), 'selfservice_registration_flow_id', f.id))).* FROM "+codes+" c, selfservice_registration_flows f "+
		"WHERE f.id <> c.selfservice_registration_flow_id")
	tables[codes] = ""
	for table := range tables {
		if n := count(t, db, table); n != manyRows {
			t.Fatalf("%s holds %d rows before", table, n)
		}
	}
	clean := exec.Command(kratostest.Binary(t), cleanCommand(t, filepath.Join(dir, "kratos.yml"))...)
	if output, err := clean.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	run(t, db, read(t, "purge.sql"))
	for table := range tables {
		if n := count(t, db, table); n != youngRows {
			t.Errorf("%s: %d rows are left of %d, %d of them ended 47 hours ago", table, n, manyRows, youngRows)
		}
	}
	for _, table := range []string{"identities", "selfservice_registration_flows WHERE ui::text LIKE '%" + address + "%' AND expires_at < now() - interval '48 hours'"} {
		if want, n := map[string]int{"identities": 1}[table], count(t, db, table); n != want {
			t.Errorf("%s: %d, want %d", table, n, want)
		}
	}
}

// unfinished leaves one flow of each kind, and one mail.
func unfinished(t *testing.T, k *kratostest.Kratos, box *mailbox.Mailbox, address string) {
	t.Helper()
	open := func(path string, headers ...string) (id string) {
		var flow struct{ ID string }
		if status, answer := k.Call(t, http.MethodGet, k.PublicURL+"/self-service/"+path, nil, &flow, headers...); status != http.StatusOK {
			t.Fatalf("%s: %d %s", path, status, answer)
		}
		return flow.ID
	}
	const member, password = "membre@example.test", "Un-Tilleul-2026"
	k.Create(t, kratostest.Identity{Email: member, Password: password})
	token, ok := k.Login(t, member, password)
	if !ok {
		t.Fatal("no session")
	}
	open("settings/api", "X-Session-Token", token)
	open("recovery/api")
	flow := open("registration/api")
	k.Call(t, http.MethodPost, k.PublicURL+"/self-service/registration?flow="+flow,
		map[string]any{"method": "code", "traits": map[string]any{"email": address}}, nil)
	if _, err := box.Wait(t.Context(), address, 1); err != nil {
		t.Fatal(err)
	}
	for k.Mails(t, address)[0].Status != "sent" { // noted after the relay has it
		<-time.After(50 * time.Millisecond)
	}
}

// multiply makes many rows of a table out of its first, all but a few of them old.
func multiply(t *testing.T, db *pgx.Conn, table, ended string) {
	t.Helper()
	run(t, db, "DELETE FROM "+table+" WHERE id NOT IN (SELECT id FROM "+table+" LIMIT 1)")
	run(t, db, fmt.Sprintf("INSERT INTO %s SELECT (jsonb_populate_record(NULL::%[1]s, to_jsonb(one) || jsonb_build_object('id', gen_random_uuid()))).* "+
		"FROM %[1]s one, generate_series(2, %d)", table, manyRows))
	run(t, db, "UPDATE "+table+" SET "+ended+" = now() - interval '49 hours'")
	run(t, db, fmt.Sprintf("UPDATE %[1]s SET %[2]s = now() - interval '47 hours' WHERE id IN (SELECT id FROM %[1]s LIMIT %[3]d)", table, ended, youngRows))
}

func run(t *testing.T, db *pgx.Conn, statement string) {
	t.Helper()
	if _, err := db.Exec(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func count(t *testing.T, db *pgx.Conn, table string) (n int) {
	t.Helper()
	if err := db.QueryRow(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
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
