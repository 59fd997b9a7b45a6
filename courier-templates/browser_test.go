package mail_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	mail "efpconnect.example/courier-templates"
	"efpconnect.example/internal/testkit/chromiumtest"
)

// A mail as a browser draws it: it fits the narrowest screen with the longest name, can be read in both themes, and what is copied
// of the code is six digits.
func TestInABrowser(t *testing.T) {
	m, err := mail.Render(constants(), mail.RecoveryCode, mail.Data{
		RecoveryCode: "238392",
		Identity: map[string]any{"traits": map[string]any{
			"title": "Madame", "given_name": strings.Repeat("a", 100), "family_name": strings.Repeat("b", 100)}},
		TransientPayload: map[string]any{"suite": strings.Repeat("a", 500), "asked_at": "24 novembre 2026 à 10 h 32"},
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, m.HTML)
	}))
	t.Cleanup(server.Close)
	b := chromiumtest.Start(t)
	for theme, option := range map[string]chromiumtest.Option{"light": chromiumtest.Light(), "dark": chromiumtest.Dark()} {
		for _, width := range []int64{320, 360, 600, 900} {
			b.Look(option, chromiumtest.Viewport(width, 900))
			b.Open(server.URL)
			for _, violation := range b.Axe() {
				if violation.Rule == "region" {
					continue // landmarks are the webmail's, which shows the mail inside its own
				}
				t.Errorf("%s, %d px: %s", theme, width, violation)
			}
			if out := b.Overflowing(); out != nil {
				t.Errorf("%s, %d px: sticks out: %q", theme, width, out)
			}
			b.Screenshot(fmt.Sprintf("mail-%s-%d", theme, width))
		}
	}
	if code := b.Text(`span[style*="letter-spacing"]`); code != "238392" {
		t.Errorf("copied as %q", code)
	}
}
