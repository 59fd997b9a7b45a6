package cas

import (
	"encoding/xml"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"efpconnect.example/internal/services"
	"efpconnect.example/selfservice-ui/entered"
)

// Fifty services are told within two seconds though three do not answer, and those three are named.
func TestFiftyServicesAreTold(t *testing.T) {
	var mu sync.Mutex
	told := map[string]string{}
	alive := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var request struct{ SessionIndex string }
		if err := xml.Unmarshal([]byte(r.PostFormValue("logoutRequest")), &request); err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		told[r.URL.Path] = request.SessionIndex
		http.Redirect(w, r, "/followed", http.StatusFound)
	}))
	t.Cleanup(alive.Close)
	over := make(chan struct{})
	dead := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-over }))
	t.Cleanup(func() { close(over); dead.Close() })
	h := handler(time.Now)
	h.Notifier, h.Registry = newNotifier(nil), &services.Registry{}
	var list []entered.Visit
	var silent []string
	for i := range 50 {
		s := &services.Service{ID: fmt.Sprint("s", i), Name: fmt.Sprint("Service ", i), Logout: fmt.Sprint(alive.URL, "/s", i)}
		if i%20 == 3 {
			s.Logout = dead.URL
			silent = append(silent, s.Name)
		}
		h.Registry.Services = append(h.Registry.Services, s)
		list = append(list, entered.Visit{Entry: s.ID, Ticket: fmt.Sprint("ST-", i), Session: "s"})
	}
	list = append(list, entered.Visit{Entry: "removed", Ticket: "ST-x", Session: "s"})
	began := time.Now()
	untold := h.tell(t.Context(), list)
	slices.Sort(untold)
	slices.Sort(silent)
	if took := time.Since(began); !slices.Equal(untold, silent) || len(told) != 47 || took > 2*time.Second {
		t.Errorf("%d told, without %v, in %v", len(told), untold, took)
	}
	if told["/s0"] != "ST-0" || told["/followed"] != "" {
		t.Errorf("told %v", told)
	}
}

// A name of the registry must not lead to a neighbour, whatever the name server says.
func TestMayDial(t *testing.T) {
	refused := []netip.AddrPort{netip.MustParseAddrPort("10.1.2.3:4433"), netip.MustParseAddrPort("127.0.0.1:6379"), netip.MustParseAddrPort("[2001:db8::9]:443")}
	for address, ok := range map[string]bool{
		"192.0.2.7:443":            true,
		"[2001:db8::1]:443":        true,
		"10.1.2.4:4433":            true,
		"127.0.0.1:8080":           true,
		"10.1.2.3:4433":            false,
		"10.1.2.3:4434":            false, // Kratos's other port
		"127.0.0.1:6379":           false,
		"[::ffff:10.1.2.3]:80":     false,
		"[::ffff:127.0.0.1]:6379":  false,
		"[2001:db8::9]:8443":       false,
		"169.254.169.254:80":       false,
		"[fe80::1%eth0]:80":        false,
		"0.0.0.0:80":               false,
		"224.0.0.1:80":             false,
		"formation.example.test:1": false,
	} {
		if err := mayDial(address, refused); (err == nil) != ok {
			t.Errorf("%s: %v", address, err)
		}
	}
	if err := mayDial("10.1.2.3:80", refused); !errors.Is(err, errRefusedAddress) {
		t.Error(err)
	}
}

func TestNeighboursAreNotTold(t *testing.T) {
	neighbour := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a neighbour was called") }))
	t.Cleanup(neighbour.Close)
	_, port, err := net.SplitHostPort(neighbour.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"localhost", "127.0.0.1"} {
		client := newNotifier([]string{net.JoinHostPort(name, port), "no-such-host.invalid:6379"})
		for _, target := range []string{"http://127.0.0.1:" + port, "http://localhost:" + port} {
			if _, err := client.Post(target, "text/plain", nil); !errors.Is(err, errRefusedAddress) {
				t.Errorf("%s named %s: %v", target, name, err)
			}
		}
	}
}
