package mail

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata anew; look at the difference before you commit it")

// The goldens are what a reviewer opens in a browser. They stand outside the template tree, where Kratos's globs would find them.
func TestGoldens(t *testing.T) {
	bare := constants()
	bare.EnvironmentLabel, bare.Sender = "", ""
	for name, mail := range map[string]struct {
		Constants
		Data
	}{
		"whole": {constants(), data(camille())},
		// Production, an account without names, and a Kratos that was not asked by the site: least there can be.
		"bare": {bare, Data{RecoveryCode: "030814", Identity: map[string]any{"traits": map[string]any{}}}},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := Render(mail.Constants, RecoveryCode, mail.Data)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name+".txt", "Subject: "+m.Subject+"\n\n"+m.Text)
			golden(t, name+".html", m.HTML)
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}
