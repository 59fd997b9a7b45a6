package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/testkit/kratostest"
)

// TestAlertRules: Prometheus reads every rule, and each of alerts-platform.yml fires when it has to and not before.
func TestAlertRules(t *testing.T) {
	if _, err := exec.LookPath("promtool"); err != nil {
		kratostest.Missing(t, "promtool (Debian's package prometheus)")
	}
	for _, arguments := range [][]string{{"check", "rules", "alerts.yml", "alerts-platform.yml"}, {"test", "rules", "alerts_rules_test.yml"}} {
		if output, err := exec.Command("promtool", arguments...).CombinedOutput(); err != nil {
			t.Errorf("%v: %v\n%s", arguments, err, output)
		}
	}
	tried := read(t, "alerts_rules_test.yml")
	for _, alert := range regexp.MustCompile(`- alert: (\w+)`).FindAllStringSubmatch(read(t, "alerts-platform.yml"), -1) {
		if strings.Count(tried, "alertname: "+alert[1]) < 2 {
			t.Errorf("%s is not tried, or only when it fires", alert[1])
		}
		if !strings.Contains(read(t, page), "| "+alert[1]) && !strings.Contains(read(t, page), ", "+alert[1]) {
			t.Errorf("%s does not say what to do about %s", page, alert[1])
		}
	}
}

// TestWatch: what the platform's alerts read is what watch.sh writes of a real Kratos's tables and of a certificate, and it is true.
func TestWatch(t *testing.T) {
	needPostgres(t)
	for _, program := range []string{"psql", "openssl"} {
		if _, err := exec.LookPath(program); err != nil {
			kratostest.Missing(t, program)
		}
	}
	var dsn string
	k := kratostest.Start(t, func(o *kratosprocess.Options) { dsn = o.DSN })
	for _, address := range []string{"waits@example.test", "old@example.test"} {
		k.Create(t, kratostest.Identity{Email: address})
		askCode(t, k, address)
	}
	if err := k.Stop(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	writeCertificate(t, filepath.Join(dir, "site.pem"), "efpconnect.example.test")
	quiet := watch(t, dsn, dir)
	if quiet["kratos_mail_oldest_seconds"] > 120 || quiet["kratos_mail_kept_seconds"] != 0 {
		t.Errorf("on an ordinary day: %v", quiet)
	}
	db, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close(background)
	for _, statement := range []string{
		"UPDATE courier_messages SET created_at = created_at - interval '10 minutes', status = 1 WHERE recipient LIKE 'waits%'",
		"UPDATE courier_messages SET updated_at = updated_at - interval '52 hours', status = 2 WHERE recipient LIKE 'old%'",
		"UPDATE selfservice_recovery_flows SET expires_at = now() AT TIME ZONE 'UTC' - interval '53 hours'",
	} {
		if _, err := db.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	told := watch(t, dsn, dir)
	for name, want := range map[string]float64{
		"kratos_mail_oldest_seconds":                    600,
		"kratos_mail_kept_seconds":                      52 * 3600,
		"kratos_flow_kept_seconds":                      53 * 3600,
		"watch_written_seconds":                         float64(time.Now().Unix()),
		`tls_certificate_ends_seconds{file="site.pem"}`: float64(time.Now().Add(time.Hour).Unix()),
	} {
		if got := told[name]; got < want-10 || got > want+300 {
			t.Errorf("%s is %v, want some %v", name, got, want)
		}
	}
	// No alert asks for what nobody writes.
	for _, name := range regexp.MustCompile(`\b(kratos|tls|watch)_[a-z_]+`).FindAllString(read(t, "alerts-platform.yml"), -1) {
		_, alone := told[name]
		_, labelled := told[name+`{file="site.pem"}`]
		if !alone && !labelled {
			t.Errorf("nobody writes %s", name)
		}
	}
}

// watch runs the script and reads it as Prometheus does.
func watch(t *testing.T, dsn, certificates string) map[string]float64 {
	t.Helper()
	d, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	run := exec.Command("./watch.sh", certificates)
	run.Env = append(os.Environ(), "PGHOST="+d.Host, "PGPORT="+strconv.Itoa(int(d.Port)), "PGUSER="+d.User, "PGPASSWORD="+d.Password, "PGDATABASE="+d.Database)
	output, err := run.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	if strings.Contains(string(output), "@") {
		t.Errorf("it names somebody: %s", output)
	}
	all := map[string]float64{}
	for line := range strings.SplitSeq(strings.TrimSpace(string(output)), "\n") {
		name, value, _ := strings.Cut(line, " ")
		number, err := strconv.ParseFloat(value, 64)
		if err != nil {
			t.Errorf("%q: %v", line, err)
		}
		all[name] = number
	}
	return all
}
