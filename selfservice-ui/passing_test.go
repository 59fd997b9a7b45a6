package ui_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/settings"
	"efpconnect.example/internal/testkit/chromiumtest"
	"efpconnect.example/internal/testkit/sitetest"
)

// A page of another site asks for ours a hundred times, as pictures, scripts and frames. Its visitor, who then follows its link, is
// not told that their address has asked too much. What a browser sends only a browser can tell.
func TestAnotherSitesPageSpendsNothing(t *testing.T) {
	site := sitetest.Start(t, sitetest.Options{Settings: func(s *settings.Settings) {
		s.ProtectLogin, s.Limits = []string{"picture", "proof"}, append(s.Limits, "page.client=5+1/24h", "proof.client=5+1/24h")
	}})
	attacker := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><html lang="fr"><title>Jeu</title><h1>Jeu</h1><a href="%[1]s/connexion">EFP Connect</a><script>
			const asked = []
			for (let i = 0; i < 50; i++) {
				const picture = new Image()
				asked.push(new Promise(done => { picture.onerror = picture.onload = done }))
				picture.src = "%[1]s/connexion?" + i
				asked.push(fetch("%[1]s/securite/preuve/connexion?" + i, {mode: "no-cors"}).catch(() => {}))
			}
			const frame = document.createElement("iframe")
			asked.push(new Promise(done => { frame.onload = done }))
			frame.src = "%[1]s/connexion"
			document.body.append(frame)
			Promise.all(asked).then(() => { window.over = asked.length })
		</script></html>`, site.URL)
	}))
	t.Cleanup(attacker.Close)
	b := chromiumtest.Start(t)
	b.Open(attacker.URL)
	b.Until("window.over === 101")
	b.Submit("EFP Connect")
	b.See("Je m’identifie avec")
	at(t, b, site, "/connexion")
}

// An address of a picture that anybody can invent spends nothing of what a person's picture needs.
func TestInventedPicturesSpendNothing(t *testing.T) {
	const address = "https://efpconnect.example.test"
	site := alone(t, address)
	for range budget(limit.PictureClient).Burst + budget(limit.SoundClient).Burst {
		for _, what := range []string{"image", "son"} {
			if got := (ask{path: "/securite/AAAAAAAAAAAAAAAAAAAAAA/" + what}).send(site, address).Code; got != http.StatusNotFound {
				t.Fatalf("an invented %s: %d", what, got)
			}
		}
	}
	page := ask{path: "/reinitialisation"}.send(site, address).Body.String()
	asked := challengeInPage.FindStringSubmatch(page)
	if asked == nil {
		t.Fatal("the page asks for no security code")
	}
	for _, what := range []string{"image", "son"} {
		if got := (ask{path: "/securite/" + asked[1] + "/" + what}).send(site, address).Code; got != http.StatusOK {
			t.Errorf("a person's own %s: %d", what, got)
		}
	}
}
