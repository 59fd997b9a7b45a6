package deployment

import (
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
)

// What `kratos-config secrets` makes leads to the services, and lies where each of them looks for it.
func TestComposeAgreesWithTheSecrets(t *testing.T) {
	dir := t.TempDir()
	if _, err := NewSecrets(dir); err != nil {
		t.Fatal(err)
	}
	address := func(name string) *url.URL {
		t.Helper()
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(strings.TrimSpace(string(content)))
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	dsn, redis := address("kratos/dsn"), address("site/redis_url")
	for profile := range profiles {
		p := project(t, profile)
		database := p.Services["postgres"].Environment
		if dsn.User.Username() != *database["POSTGRES_USER"] || dsn.Path != "/"+*database["POSTGRES_DB"] {
			t.Errorf("%s: Kratos logs in to %s as %s", profile, dsn.Path, dsn.User.Username())
		}
		for _, service := range []string{"kratos", "kratos-migrate", "kratos-courier"} {
			meet(t, p, service, "postgres://"+dsn.Host, 5432)
		}
		meet(t, p, "selfservice-ui", "redis://"+redis.Host, 6379)
		for name, service := range p.Services {
			for variable, value := range service.Environment {
				if strings.HasSuffix(variable, "_FILE") && value != nil && strings.HasPrefix(*value, "/run/efp/") {
					given(t, dir, name, service, *value)
				}
			}
			for _, word := range append(service.Command, service.Entrypoint...) {
				if strings.Contains(word, "cat /run/efp/password") {
					given(t, dir, name, service, "/run/efp/password")
				}
			}
		}
	}
}

// given checks that a secret's file is in the volume that the service mounts there, and that the service cannot change it.
func given(t *testing.T, dir, name string, service types.ServiceConfig, file string) {
	t.Helper()
	for _, v := range service.Volumes {
		if v.Target != path.Dir(file) {
			continue
		}
		folder, ours := strings.CutPrefix(v.Source, "secrets-")
		if _, err := os.Stat(filepath.Join(dir, folder, path.Base(file))); !ours || err != nil || !v.ReadOnly {
			t.Errorf("%s reads %s from %s (read-only: %v): %v", name, file, v.Source, v.ReadOnly, err)
		}
		return
	}
	t.Errorf("%s reads %s, where nothing is mounted", name, file)
}

// The services that an administrator starts by hand work on the same Kratos and the same database.
func TestComposeByHand(t *testing.T) {
	document := parsed(t, rendered(t, "production"))
	p := project(t, "migrate")
	admin, _ := get(document, "serve.admin.base_url").(string)
	if got := *p.Services["import-accounts"].Environment["KRATOS_ADMIN_URL"] + "/"; got != admin {
		t.Errorf("the import asks %s, Kratos's admin API is at %s", got, admin)
	}
	meet(t, p, "import-accounts", admin, get(document, "serve.admin.port"))
	p = project(t, "production")
	if got := *p.Services["canaries"].Environment["KRATOS_ADMIN_URL"] + "/"; got != admin {
		t.Errorf("the canaries are made at %s, Kratos's admin API is at %s", got, admin)
	}
	meet(t, p, "canaries", admin, get(document, "serve.admin.port"))
	if ours, theirs := p.Services["canaries"].Volumes[0], p.Services["selfservice-ui"].Volumes[1]; ours.Source != theirs.Source || ours.Target != theirs.Target {
		t.Errorf("the canaries are those of %s, the site reads %s", ours.Source, theirs.Source)
	}
	p = project(t, "clean")
	mounted(t, p, "clean-flows", "kratos.yml", "-c")
	for service, file := range map[string]string{"clean-mails": "purge.sql", "erase-person": "erase.sql", "clean-flows": ""} {
		meet(t, p, service, "postgres://postgres:5432", 5432)
		command := strings.Join(append(p.Services[service].Entrypoint, p.Services[service].Command...), " ")
		if file == "" {
			continue
		}
		mount := p.Services[service].Volumes[0]
		if !strings.Contains(command, "-f "+mount.Target) || filepath.Base(mount.Source) != file {
			t.Errorf("%s runs %q, mounted is %s", service, command, mount.Source)
		}
	}
}
