package cluster

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"efpconnect.example/internal/testkit/kratostest"
	"efpconnect.example/internal/testkit/sitetest"
)

const (
	aService     = "https://formation.example.test/"
	withServices = "services: [{id: formation, name: Formation, addresses: [" + aService + "], protocol: cas, identifier: email}]"
)

// oneTicketTwoReplicas: a ticket that one replica made is valid at another, once, however many ask both at the same moment.
func oneTicketTwoReplicas(t *testing.T, n *neighbours, keys []string) {
	file := filepath.Join(t.TempDir(), "services.yml")
	if err := os.WriteFile(file, []byte(withServices), 0o600); err != nil {
		t.Fatal(err)
	}
	x := startProxy(t)
	env := []string{"EFP_SERVICES_FILE=" + file, "EFP_SERVICES_KEY=" + strings.Repeat("k7", 16), "EFP_CAS_PREFIXES=/cas"}
	sites := []*process{n.site(x, keys, env...), n.site(x, keys, env...)}
	const address = "camille.replicas@example.test"
	n.kratos.Create(t, kratostest.Identity{Email: address, GivenName: "Camille", FamilyName: "Serve", Password: newPassword, Verified: true})
	b := (&sitetest.Site{URL: x.url}).NewBrowser()
	// These sites answer a login early, before Kratos has judged it on a busy machine: one presses again.
	for try := 0; b.URL == nil || b.URL.Path != "/services"; try++ {
		if err := logIn(b, address); err != nil || try == 20 {
			t.Fatal(err, b.Status, b.Text())
		}
	}
	for range 3 {
		if err := b.Open("/cas/login?service=" + url.QueryEscape(aService)); err != nil {
			t.Fatal(err)
		}
		to, err := url.Parse(b.Header.Get("Location"))
		if err != nil || !strings.HasPrefix(to.Query().Get("ticket"), "ST-") {
			t.Fatalf("no ticket: %v, %d %s", to, b.Status, b.Text())
		}
		question := "/cas/serviceValidate?" + url.Values{"service": {aService}, "ticket": {to.Query().Get("ticket")}}.Encode()
		if yes := askAtOnce(t, x, sites, question, 200); yes != 1 {
			t.Errorf("%d of 200 answers are yes", yes)
		}
	}
}

// askAtOnce asks the processes in turn, all at the same moment, and counts who says yes.
func askAtOnce(t *testing.T, x *proxy, sites []*process, question string, n int) int {
	var yes atomic.Int32
	var ready, all sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		ready.Add(1)
		all.Go(func() {
			r, err := http.NewRequest(http.MethodGet, "http://"+sites[i%len(sites)].public+question, nil)
			if err == nil {
				r.Host = strings.TrimPrefix(x.url, "https://")
			}
			ready.Done()
			<-start
			said, err := said(r, err)
			switch {
			case err != nil:
				t.Error(err)
			case strings.Contains(said, "<cas:authenticationSuccess>"):
				yes.Add(1)
			case !strings.Contains(said, `code="INVALID_TICKET"`):
				t.Errorf("neither yes nor no: %s", said)
			}
		})
	}
	ready.Wait()
	close(start)
	all.Wait()
	return int(yes.Load())
}

func said(r *http.Request, err error) (string, error) {
	if err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return fmt.Sprint(response.StatusCode, " ", string(body)), err
}
