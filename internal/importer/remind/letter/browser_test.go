package letter

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"efpconnect.example/internal/testkit/chromiumtest"
)

// The mail as a browser draws it: it fits the narrowest screen with the longest name, and can be read in both themes.
func TestInABrowser(t *testing.T) {
	m := written(t, texts, Person{"Madame", strings.Repeat("a", 100), strings.Repeat("b", 100)})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, m.HTML)
	}))
	t.Cleanup(server.Close)
	b := chromiumtest.Start(t)
	for theme, option := range map[string]chromiumtest.Option{"light": chromiumtest.Light(), "dark": chromiumtest.Dark()} {
		for _, width := range []int64{320, 390, 1366} {
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
			b.Screenshot(fmt.Sprintf("reminder-%s-%d", theme, width))
		}
	}
}
