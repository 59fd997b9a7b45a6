package servicetest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"efpconnect.example/internal/testkit/kratostest"
)

// Run starts a program that listens on port until the test ends.
func Run(t *testing.T, port int, command *exec.Cmd) {
	t.Helper()
	log := &strings.Builder{}
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Apache has children, which hold its log
	command.WaitDelay = time.Second
	Must(t, command.Start())
	ended := make(chan struct{})
	go func() { _ = command.Wait(); close(ended) }()
	t.Cleanup(func() {
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
		<-ended
		if t.Failed() {
			t.Logf("the end of what %s said:\n%s", command.Path, log.String()[max(0, log.Len()-4000):])
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		c, err := (&net.Dialer{}).DialContext(ctx, "tcp", fmt.Sprint("127.0.0.1:", port))
		if err == nil {
			_ = c.Close()
			return
		}
		select {
		case <-ended:
			t.Fatalf("%s ended at once:\n%s", command.Path, log)
		case <-ctx.Done():
			t.Fatalf("%s does not listen:\n%s", command.Path, log)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// FreePort is one that nobody has.
func FreePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	Must(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// Installed skips the test where a file of a Debian package is missing.
func Installed(t *testing.T, files ...string) {
	t.Helper()
	for _, file := range files {
		if _, err := os.Stat(file); err != nil {
			kratostest.Missing(t, file)
		}
	}
}

// Apache runs one with the module and a configuration that signs people in, in which {dir} is a folder of its own. It has the same page
// in each of the folders.
func (s *Site) Apache(t *testing.T, port int, module, config, page string, folders ...string) {
	t.Helper()
	dir := t.TempDir()
	cookies := filepath.Join(dir, "cookies")
	Must(t, os.Mkdir(cookies, 0o777))
	Must(t, os.Chmod(cookies, 0o777)) // whatever the mask is
	for _, name := range folders {
		at := filepath.Join(dir, "htdocs", name)
		Must(t, os.MkdirAll(at, 0o755))
		Must(t, os.WriteFile(filepath.Join(at, "who.shtml"), []byte(page), 0o644))
	}
	for at := dir; at != "/" && at != os.TempDir(); at = filepath.Dir(at) {
		Must(t, os.Chmod(at, 0o755)) // Apache's children are another user
	}
	Must(t, os.Chmod(s.CA, 0o644))
	Must(t, os.Chmod(filepath.Dir(s.CA), 0o755))
	var modules strings.Builder
	for _, m := range []string{"mpm_event", "authn_core", "authz_core", "authz_user", module, "include", "mime", "dir"} {
		fmt.Fprintf(&modules, "LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so\n", m, m)
	}
	text := fmt.Sprintf(apacheConfig, dir, port, &modules, strings.ReplaceAll(config, "{dir}", dir))
	file := filepath.Join(dir, "apache.conf")
	Must(t, os.WriteFile(file, []byte(text), 0o644))
	Run(t, port, exec.Command("/usr/sbin/apache2", "-d", dir, "-f", file, "-DFOREGROUND"))
}

const apacheConfig = `ServerRoot %[1]s
ServerName 127.0.0.1
Listen 127.0.0.1:%[2]d
PidFile %[1]s/apache.pid
ErrorLog /dev/stderr
TypesConfig /dev/null
User www-data
Group www-data
%[3]sDocumentRoot %[1]s/htdocs
%[4]s
<Directory %[1]s/htdocs>
  Options +Includes
  AddType text/html .shtml
  AddOutputFilter INCLUDES .shtml
</Directory>
`

// Configured is a file of testdata, as docs/services.md shows it, with the names of this run in place of the samples': old, new, ….
// A sample that the file does not hold fails the test.
func Configured(t *testing.T, file string, pairs ...string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", file))
	Must(t, err)
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(string(content), pairs[i]) {
			t.Fatalf("%s does not hold %q", file, pairs[i])
		}
	}
	return strings.NewReplacer(pairs...).Replace(string(content))
}

// Documented fails where docs/services.md does not show the file of testdata whole: what people copy is what the tests use.
func Documented(t *testing.T, file string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", file))
	Must(t, err)
	page, err := os.ReadFile("../../docs/services.md")
	Must(t, err)
	if !strings.Contains(string(page), "\n```apache\n"+string(content)+"```\n") && !strings.Contains(string(page), "\n```php\n"+string(content)+"```\n") {
		t.Errorf("docs/services.md does not show %s as the tests use it", file)
	}
}
