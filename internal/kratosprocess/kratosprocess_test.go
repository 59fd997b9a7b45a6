package kratosprocess_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"efpconnect.example/config"
	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/testkit/kratostest"
)

// TestEveryEnvironmentStarts is the last judge of the rendered configuration, whatever the Kratos: production as it will be,
// without --dev and with the real hash.
func TestEveryEnvironmentStarts(t *testing.T) {
	for _, environment := range config.Environments() {
		t.Run(environment, func(t *testing.T) {
			k := kratostest.Start(t, func(o *kratosprocess.Options) {
				o.Environment, o.SiteURL, o.Overrides = environment, "https://efpconnect.example.test", nil
			})
			k.Create(t, kratostest.Identity{Email: email, Password: oldPassword})
			if _, ok := k.Login(t, email, oldPassword); !ok {
				t.Error("a right password does not log in")
			}
		})
	}
}

func TestNothingElseIsOpen(t *testing.T) {
	k := kratostest.Start(t)
	for _, c := range []struct {
		why, path string
		open      bool
	}{
		{"nobody registers", "/self-service/registration/api", false},
		{"no verification flow", "/self-service/verification/api", false},
		{"the admin API is not on the public port", "/admin/identities", false},
		{"the way that is open", "/self-service/recovery/api", true},
		{"and login", "/self-service/login/api", true},
	} {
		if status, answer := k.Call(t, "GET", k.PublicURL+c.path, nil, nil); (status == 200) != c.open {
			t.Errorf("%s: %d %s", c.why, status, answer)
		}
	}
	k.Create(t, kratostest.Identity{Email: email, Password: oldPassword})
	flow, token := recovered(t, k, email)
	var settings struct {
		UI struct{ Nodes []struct{ Group string } }
	}
	k.Call(t, "GET", k.PublicURL+"/self-service/settings/flows?id="+flow, nil, &settings, "X-Session-Token", token)
	if len(settings.UI.Nodes) == 0 {
		t.Error("no node at all")
	}
	for _, node := range settings.UI.Nodes {
		if node.Group != "default" && node.Group != "password" {
			t.Errorf("the settings flow lets an account change %q", node.Group)
		}
	}
}

// The schema is applied by Kratos itself: what would forge a line of a mail never becomes an account.
func TestHostileNamesAreRefused(t *testing.T) {
	k := kratostest.Start(t)
	for name, want := range map[string]int{"Camille": 201, "Camille\r\nBcc: x": 400, "https://piege.example": 400, "\u202eellimaC": 400} {
		account := map[string]any{"schema_id": "account", "traits": map[string]string{"email": strconv.Itoa(len(name)) + email, "given_name": name}}
		if status, answer := k.Call(t, "POST", k.AdminURL+"/admin/identities", account, nil); status != want {
			t.Errorf("%q: %d %s, want %d", name, status, answer, want)
		}
	}
}

func TestCookiesAreSecureUnderTLS(t *testing.T) {
	for site, secure := range map[string]bool{"http://127.0.0.1:4455": false, "https://efpconnect.example.test": true} {
		k := kratostest.Start(t, func(o *kratosprocess.Options) { o.SiteURL = site })
		cookies := k.SetCookies(t, "/self-service/login/browser")
		if len(cookies) == 0 {
			t.Fatalf("%s: no cookie", site)
		}
		for _, cookie := range cookies {
			if strings.Contains(cookie, "Secure") != secure {
				t.Errorf("%s: %s", site, cookie)
			}
		}
	}
}

func TestBusyPortIsNamed(t *testing.T) {
	binary := kratostest.Binary(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	port := listener.Addr().(*net.TCPAddr).Port
	_, err = kratosprocess.Start(context.Background(), kratosprocess.Options{Binary: binary, Dir: t.TempDir(), AdminPort: port})
	if !errors.Is(err, kratosprocess.ErrPortBusy) {
		t.Fatalf("%v, want ErrPortBusy", err)
	}
	if !strings.Contains(err.Error(), strconv.Itoa(port)) || !strings.Contains(err.Error(), "admin") {
		t.Errorf("%q names neither the port nor what it is for", err)
	}
}

func TestRestartKeepsPortsAndAccounts(t *testing.T) {
	k := kratostest.Start(t)
	k.Create(t, kratostest.Identity{Email: email, Password: oldPassword})
	token, _ := k.Login(t, email, oldPassword)
	for name, end := range map[string]func() error{"stopped": k.Stop, "killed": k.Kill} {
		public := k.PublicURL
		if err := end(); err != nil {
			t.Fatal(err)
		}
		if err := end(); err != nil {
			t.Errorf("%s twice: %v", name, err)
		}
		if connection, err := net.Dial("tcp", strings.TrimPrefix(public, "http://")); err == nil {
			connection.Close()
			t.Errorf("%s: still listening", name)
		}
		if err := k.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		if k.PublicURL != public {
			t.Errorf("%s: moved from %s to %s", name, public, k.PublicURL)
		}
		if !k.Alive(t, token) {
			t.Errorf("%s: the session of before is gone", name)
		}
	}
}

func TestFolderUsedAgainKeepsAccounts(t *testing.T) {
	dir := t.TempDir()
	keep := func(o *kratosprocess.Options) { o.Dir, o.DSN = dir, "" }
	first := kratostest.Start(t, keep)
	first.Create(t, kratostest.Identity{Email: email, Password: oldPassword})
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, ok := kratostest.Start(t, keep).Login(t, email, oldPassword); !ok {
		t.Error("the account is gone")
	}
}

// Kratos quotes the values that it refuses; a start that fails must not carry them further than Kratos's own log.
func TestRefusedConfiguration(t *testing.T) {
	var log bytes.Buffer
	_, err := kratosprocess.Start(context.Background(), kratosprocess.Options{Binary: kratostest.Binary(t), Dir: t.TempDir(), Log: &log, Overrides: map[string]any{
		"secrets.cipher": []string{"too-short-to-be-one"},
	}})
	if !errors.Is(err, kratosprocess.ErrExited) {
		t.Fatalf("%v, want ErrExited", err)
	}
	if strings.Contains(err.Error(), "too-short") {
		t.Errorf("the error quotes a secret: %v", err)
	}
	if !strings.Contains(log.String(), "cipher") {
		t.Errorf("the log does not tell why: %s", log.String())
	}
}

// Kratos reads its configuration from variables as well: DSN alone would send a test's accounts to another database.
func TestEnvironmentIsNotRead(t *testing.T) {
	t.Setenv("DSN", "postgres://nobody@127.0.0.1:1/nothing")
	t.Setenv("SELFSERVICE_FLOWS_RECOVERY_ENABLED", "false")
	k := kratostest.Start(t)
	if status, answer := k.Call(t, "GET", k.PublicURL+"/self-service/recovery/api", nil, nil); status != 200 {
		t.Errorf("%d %s", status, answer)
	}
}

func TestStartIsBoundByItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := kratosprocess.Start(ctx, kratosprocess.Options{Binary: kratostest.Binary(t), Dir: t.TempDir()}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want context.Canceled", err)
	}
}

// Packages are tested side by side: several may find that there is no migrated file to copy yet, and none may read a half one.
func TestSeveralAtOnce(t *testing.T) {
	binary := kratostest.Binary(t)
	kept, err := filepath.Glob("../../.build/kratos-*.sqlite")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range kept { // made again when missing
		os.Remove(file)
	}
	var wg sync.WaitGroup
	for range 3 {
		dir := t.TempDir()
		wg.Go(func() {
			process, err := kratosprocess.Start(context.Background(), kratosprocess.Options{Binary: binary, Dir: dir})
			if err != nil {
				t.Error(err)
				return
			}
			if err := process.Stop(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if left, _ := filepath.Glob("../../.build/.copy-*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
