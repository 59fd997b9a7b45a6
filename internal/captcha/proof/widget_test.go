package proof_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/captcha/proof"
	"efpconnect.example/internal/seal"
	"efpconnect.example/internal/store"
	"efpconnect.example/internal/testkit/chromiumtest"
	"efpconnect.example/internal/testkit/kratostest"
)

const widgetFiles = "../../../selfservice-ui/page/static/vendor/altcha"

// The pairing that no document promises: the widget of npm altcha 3.2.2 solves,
// in a worker under a strict policy and by keyboard alone, what the library of
// version 1 made, and sends what the library takes.
func TestWidget(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser")
	}
	if _, err := os.Stat(filepath.Join(widgetFiles, "altcha.min.js")); err != nil {
		kratostest.Missing(t, "the widget: npm ci && npm run assets")
	}
	p, err := proof.New([]string{seal.NewKey()}, delivered, store.NewMemory(10, time.Now), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	site := httptest.NewServer(widgetPage(t, p))
	defer site.Close()

	b := chromiumtest.Start(t)
	b.Open(site.URL + "/")
	b.Until(`document.querySelector("altcha-widget input[type=checkbox]") !== null`)
	began := time.Now()
	b.Press("Tab")
	b.Press("Space")
	b.Until(`(document.querySelector("input[name=altcha]")?.value ?? "") !== ""`)
	t.Logf("a proof of difficulty %d took %v in Chromium", delivered, time.Since(began).Round(time.Millisecond))
	payload := chromiumtest.InPage[string](b, `document.querySelector("input[name=altcha]").value`)
	if got, err := p.Verify(t.Context(), captcha.FormLogin, payload); err != nil || got != captcha.Right {
		t.Errorf("Verify = %v, %v", got, err)
	}
	if refused := b.Refused(); len(refused) > 0 {
		t.Errorf("the policy refused %v", refused)
	}
}

func widgetPage(t *testing.T, p *proof.Proofs) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /vendor/", http.StripPrefix("/vendor/", http.FileServer(http.Dir(widgetFiles))))
	mux.HandleFunc("GET /challenge", func(w http.ResponseWriter, _ *http.Request) {
		ch, err := p.Challenge(captcha.FormLogin, 1)
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "application/json")
		w.Write(ch)
	})
	mux.HandleFunc("GET /worker.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprint(w, `$altcha.algorithms.set("SHA-256", () => new Worker("/vendor/workers/sha.js"));`)
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; worker-src 'self'")
		fmt.Fprint(w, `<!doctype html><html lang="fr"><title>Essai</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/vendor/altcha.css">
<script src="/vendor/altcha.min.js" type="module"></script>
<script src="/vendor/i18n/fr-fr.js" type="module"></script>
<script src="/worker.js" type="module"></script>
<form><altcha-widget challenge="/challenge" name="altcha" language="fr-fr"></altcha-widget></form></html>`)
	})
	return mux
}
