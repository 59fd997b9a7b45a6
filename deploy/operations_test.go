package deploy

import (
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"efpconnect.example/config/validate"
	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/mailbox"
	"efpconnect.example/internal/store"
	"efpconnect.example/internal/testkit/kratostest"
	"efpconnect.example/internal/testkit/redistest"
	"efpconnect.example/internal/testkit/sitetest"
)

const page = "../docs/operations.md"

// TestOperationsPage: each block of commands is one that a test runs, or says that it needs a container engine.
func TestOperationsPage(t *testing.T) {
	for _, b := range blocks(t, page) {
		for _, command := range b.commands() {
			needsEngine := strings.HasPrefix(command, "docker ")
			switch {
			case b.kind == "ini" || b.kind == "yaml":
			case b.kind != "sh" && b.kind != "docker":
				t.Errorf("a block of kind %q: %s", b.kind, command)
			case needsEngine != (b.kind == "docker"):
				t.Errorf("in a block of kind %s: %s", b.kind, command)
			}
		}
	}
}

// TestOperations is a new administrator who follows docs/operations.md from its first line to its last, with processes in place of
// containers: every command as it stands there but for the ports, and between the commands the edits that the page asks for.
func TestOperations(t *testing.T) {
	a := newAdministrator(t)
	for _, b := range blocks(t, page) {
		if b.kind != "sh" {
			continue
		}
		for _, command := range b.commands() {
			a.before(t, command)
			said := a.shell.run(t, a.typed(command))
			a.after(t, command, said)
		}
	}
	if len(a.awaited) > 0 {
		t.Errorf("the page no longer says %v", a.awaited)
	}
}

// administrator is what they have before they open the page, and what they do besides typing.
type administrator struct {
	shell    *shell
	ports    *strings.Replacer
	box      *mailbox.Mailbox
	db       *pgx.Conn
	database pgx.ConnConfig
	redis    string
	url      string          // of the site
	whoami   string          // of the route by which services check a session
	awaited  map[string]bool // commands without which this test would prove nothing
	erase    []string        // the commands that find and delete an account
}

// person is the address that the page erases.
const person = "camille.serve+efp@example.test"

func newAdministrator(t *testing.T) *administrator {
	t.Helper()
	kratos := kratostest.Binary(t)
	for _, program := range []string{"haproxy", "psql", "curl", "bash"} {
		if _, err := exec.LookPath(program); err != nil {
			kratostest.Missing(t, program)
		}
	}
	needPostgres(t)
	a := &administrator{awaited: map[string]bool{}}
	client, _ := redistest.Redis(t)
	a.redis = "redis://" + client.Options().Addr + "/9"
	forgetVisitors(t, a.redis)
	a.emptyDatabase(t)
	var err error
	if a.box, err = mailbox.Start("127.0.0.1:0", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.box.Close() })
	a.choosePorts(t)
	for _, command := range []string{"cp ", "secrets --out", "id=", "DELETE", "/health/ready", "erase.sql", "kill -HUP", "--file their", "config.schema.json"} {
		a.awaited[command] = true
	}

	programs := t.TempDir()
	source, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	if output, err := exec.Command("go", "build", "-o", programs, "../cmd/selfservice-ui", "../cmd/kratos-config", "../cmd/import-accounts").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	if err := os.Symlink(kratos, filepath.Join(programs, "kratos")); err != nil {
		t.Fatal(err)
	}
	d := a.database
	a.shell = startShell(t, t.TempDir(), []string{"PATH=" + programs + ":" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "SRC=" + source,
		a.ports.Replace("KRATOS_ADMIN_URL=http://127.0.0.1:4434"),
		"PGHOST=" + d.Host, fmt.Sprintf("PGPORT=%d", d.Port), "PGUSER=" + d.User, "PGPASSWORD=" + d.Password, "PGDATABASE=" + d.Database})
	return a
}

// forgetVisitors removes what a site has counted: the limits of an earlier run of this test would refuse the same visitor.
func forgetVisitors(t *testing.T, address string) {
	t.Helper()
	client, err := store.RedisClient(address)
	if err != nil {
		t.Fatal(err)
	}
	remove := func() {
		for _, key := range redistest.Keys(t, client, "efp:") {
			client.Del(background, key)
		}
	}
	remove()
	t.Cleanup(func() { remove(); client.Close() })
}

// emptyDatabase is the database that the page asks for.
func (a *administrator) emptyDatabase(t *testing.T) {
	t.Helper()
	server, err := pgx.Connect(t.Context(), os.Getenv("EFP_TEST_POSTGRES"))
	if err != nil {
		t.Fatal(err)
	}
	name := "efp_operations_" + strings.ToLower(rand.Text())
	if _, err := server.Exec(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := server.Exec(background, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
		server.Close(background)
	})
	a.database = *server.Config()
	a.database.Database = name
	if a.db, err = pgx.ConnectConfig(t.Context(), &a.database); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.db.Close(background) })
}

// choosePorts replaces each port of the page by a free one: others on this machine may have those.
func (a *administrator) choosePorts(t *testing.T) {
	t.Helper()
	pairs := []string{"127.0.0.1:25", a.box.SMTPAddr()}
	chosen := map[string]string{}
	for _, port := range []string{"4433", "4434", "4455", "4456", "4457", "8443", "8081"} {
		// Not one that begins like the relay's, 25: the page is replaced in pieces, some of them twice.
		for chosen[port] == "" || strings.HasPrefix(chosen[port], "25") {
			free, err := kratosprocess.FreePort()
			if err != nil {
				t.Fatal(err)
			}
			defer free.Close() // all are chosen by then
			_, chosen[port], _ = net.SplitHostPort(free.Addr().String())
		}
		pairs = append(pairs, ":"+port, ":"+chosen[port], "port "+port, "port "+chosen[port])
	}
	a.ports = strings.NewReplacer(pairs...)
	a.url, a.whoami = "https://efpconnect.example.test:"+chosen["8443"], "http://127.0.0.1:"+chosen["4457"]+"/sessions/whoami"
	trustTheProxy(t, "127.0.0.1:"+chosen["8443"])
}

// before puts there what the page takes for granted.
func (a *administrator) before(t *testing.T, command string) {
	t.Helper()
	write := func(name, content string) {
		if err := os.WriteFile(filepath.Join(a.shell.dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	switch {
	case strings.Contains(command, "--file their"):
		// A Kratos that runs and is mended already: ours.
		a.shell.run(t, "cp kratos/kratos.yml their-kratos.yml && cp kratos/identity.schema.json their-schema.json")
	case strings.Contains(command, "config.schema.json"):
		write("config.schema.json", string(validate.Schema))
	case strings.HasPrefix(command, "person="):
		a.walk(t)
	}
}

// after edits what the page says is to be edited, and looks whether what was promised is so.
func (a *administrator) after(t *testing.T, command, said string) {
	t.Helper()
	for part := range a.awaited {
		if strings.Contains(command, part) {
			delete(a.awaited, part)
		}
	}
	switch {
	case strings.Contains(command, "overlay.yml    #"):
		a.editSettings(t)
	case strings.Contains(command, "secrets --out"):
		a.editSecrets(t)
	case strings.Contains(command, "doctor") && !strings.Contains(command, "--explain"):
		if !strings.Contains(said, "nothing to change") {
			t.Errorf("%s: %s", command, said)
		}
	case strings.HasPrefix(command, "id=") || strings.Contains(command, "DELETE"):
		a.erase = append(a.erase, a.ports.Replace(command))
	case strings.Contains(command, "erase.sql"):
		a.eraseNobody(t)
		if left := naming(t, a.db, person); len(left) > 0 {
			t.Errorf("the person is named in %v", left)
		}
	case strings.Contains(command, "/sessions/whoami"):
		if !strings.Contains(said, "401") {
			t.Errorf("whoami without a session: %s", said)
		}
	case strings.Contains(command, "kill -HUP"):
		eventually(t, "the log tells its level", func() bool { return strings.Contains(a.shell.said(t), `"msg":"log_level","is":"DEBUG"`) })
		if !strings.Contains(a.shell.said(t), `"store":"redis"`) {
			t.Error("the log does not say that the site is on Redis")
		}
	}
}

// typed is what the administrator types: with the ports of this test, whose names are samples on purpose.
func (a *administrator) typed(command string) string {
	if strings.Contains(command, "kratos-config doctor") && strings.Contains(command, "--config") {
		command += " --skip samples-left"
	}
	return a.ports.Replace(command)
}

// eraseNobody types the same for an address that nobody has: it ends before anything is deleted.
func (a *administrator) eraseNobody(t *testing.T) {
	t.Helper()
	said := a.shell.run(t, "(person=nobody+efp@example.test; "+strings.Join(a.erase, "; ")+"; echo went on) || true")
	if !strings.Contains(said, "nobody has this address") || strings.Contains(said, "went on") {
		t.Errorf("an address that nobody has: %s", said)
	}
}

func (a *administrator) editSettings(t *testing.T) {
	t.Helper()
	networks := regexp.MustCompile(`(?s)trusted_proxies:\n.*?\n(\w)`)
	a.shell.edit(t, "settings.yml", func(text string) string {
		text = strings.Replace(text, "public_url: https://efpconnect.example.test", "public_url: "+a.url, 1)
		text = networks.ReplaceAllString(text, "trusted_proxies: [127.0.0.0/8]\n$1")
		// A test is no person: it reads no picture. The addresses are those of the page, in the same place as by default.
		return text + a.ports.Replace("protect_reset: ''\nprotect_login: ''\nlisten: 127.0.0.1:4455\ninternal_listen: 127.0.0.1:4456\nkratos_url: http://127.0.0.1:4433\n")
	})
	a.shell.edit(t, "overlay.yml", func(text string) string {
		text = strings.Replace(a.ports.Replace(text), "/etc/efp/kratos", filepath.Join(a.shell.dir, "kratos"), 1)
		for _, side := range []string{"public", "admin"} {
			port := regexp.MustCompile(side + `:\n    base_url: http://127.0.0.1:(\d+)/`)
			text = port.ReplaceAllString(text, "$0\n    port: $1")
		}
		return text + "selfservice: {methods: {password: {config: {haveibeenpwned_enabled: false}}}}\n"
	})
}

func (a *administrator) editSecrets(t *testing.T) {
	t.Helper()
	d := a.database
	dsn := url.URL{Scheme: "postgres", User: url.UserPassword(d.User, d.Password), Host: fmt.Sprintf("%s:%d", d.Host, d.Port), Path: d.Database, RawQuery: "sslmode=disable&max_conns=5"}
	a.shell.edit(t, "secrets/kratos/dsn", func(string) string { return dsn.String() + "\n" })
	a.shell.edit(t, "secrets/site/redis_url", func(string) string { return a.redis + "\n" })
	certificates := filepath.Join(a.shell.dir, "certificates")
	if err := os.Mkdir(certificates, 0o700); err != nil {
		t.Fatal(err)
	}
	writeCertificate(t, filepath.Join(certificates, "site.pem"), "efpconnect.example.test")
	for _, file := range []string{"tls.cfg", "processes.cfg", "site.cfg"} {
		a.shell.edit(t, file, func(text string) string {
			text = strings.Replace(a.ports.Replace(text), "/run/certificates/", certificates+"/", 1)
			return strings.ReplaceAll(text, "/run/pages", filepath.Join(a.shell.dir, "pages"))
		})
	}
}

// walk is a reset and a login, through the proxy and TLS, and what a service then learns.
func (a *administrator) walk(t *testing.T) {
	t.Helper()
	a.shell.run(t, a.ports.Replace(`curl -fsS -H 'Content-Type: application/json' -d '{"schema_id":"account","traits":{"email":"`+person+`","title":"Madame","given_name":"Camille","family_name":"Serve"}}' http://127.0.0.1:4434/admin/identities`))
	site := &sitetest.Site{URL: a.url, Mailbox: a.box}
	b := site.NewBrowser()
	at := func(path string, errs ...error) {
		t.Helper()
		for _, err := range errs {
			if err != nil {
				t.Fatal(err)
			}
		}
		// A test is quicker than a person: what is sent too fast is sent again.
		eventually(t, "the form is no longer too fast", func() bool {
			return !strings.Contains(b.Text(), "trop vite") || b.Again() == nil && !strings.Contains(b.Text(), "trop vite")
		})
		if b.URL.Path != path {
			t.Fatalf("at %s instead of %s: %d %.400s", b.URL.Path, path, b.Status, b.Text())
		}
	}
	const password = "Nouveau-Passe-2026"
	at("/reinitialisation", b.Open("/reinitialisation"))
	at("/reinitialisation/code", fill(b, "identifiant", person), b.Submit("Suivant"))
	code, _, err := site.Code(person, 1)
	if err != nil {
		t.Fatal(err)
	}
	at("/reinitialisation/mot-de-passe", fill(b, "code", code), b.Submit("Suivant"))
	at("/reinitialisation/terminee", fill(b, "mot-de-passe", password, "confirmation", password), b.Submit("Suivant"))
	at("/connexion", b.Open("/connexion"))
	at("/services", fill(b, "identifiant", person, "mot-de-passe", password), b.Submit("m’identifie"))
	r, err := http.NewRequest(http.MethodGet, a.whoami, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, cookie := range b.Cookies() {
		r.AddCookie(cookie)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("a service that asks who is signed in learns %d", answer.StatusCode)
	}
	if notice, err := a.box.Wait(t.Context(), person, 2); err != nil || !strings.Contains(notice.Subject, "a été modifié") {
		t.Errorf("the notice: %q, %v", notice.Subject, err)
	}
}
