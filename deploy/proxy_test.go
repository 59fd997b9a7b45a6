package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"efpconnect.example/internal/engine/enginetest"
)

// HAProxy itself reads its files, in each combination that something starts.
func TestProxyReadsItsFiles(t *testing.T) {
	if _, err := exec.LookPath("haproxy"); err != nil {
		enginetest.Missing(t, "haproxy")
	}
	dir := t.TempDir()
	writeCertificate(t, filepath.Join(dir, "site.pem"), "efpconnect.example.test")
	for _, name := range []string{"site", "plain", "tls", "containers", "processes"} {
		content, err := os.ReadFile("proxy/" + name + ".cfg")
		if err != nil {
			t.Fatal(err)
		}
		moved := strings.ReplaceAll(string(content), "/run/certificates/", dir+"/site.pem")
		if err := os.WriteFile(filepath.Join(dir, name+".cfg"), []byte(moved), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range [][2]string{{"containers", "plain"}, {"containers", "tls"}, {"processes", "tls"}} {
		check := exec.Command("haproxy", "-c", "-f", "site.cfg", "-f", c[0]+".cfg", "-f", c[1]+".cfg")
		check.Dir = dir
		if output, err := check.CombinedOutput(); err != nil || strings.Contains(string(output), "WARNING") {
			t.Errorf("%v: %v\n%s", c, err, output)
		}
	}
}
