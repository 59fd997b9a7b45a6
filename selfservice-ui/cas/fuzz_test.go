package cas

import (
	"bufio"
	"encoding/json"
	"io"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// FuzzService: whatever a browser brings as service or TARGET, a ticket goes to a service of the registry or to nobody. Node's own
// parser, a browser's, says where an address leads.
//
//	make fuzz FUZZ=FuzzService FUZZTIME=10m
func FuzzService(f *testing.F) {
	for _, service := range []string{
		aService,
		"https://formation.example.test/app",
		"https://contrats.example.test/?a=b&c",
		"https://formation.example.test@evil.example/app",
		"https://evil.example\\@formation.example.test/app",
		"https://formation.example.test/app/..%2f..//evil.example/",
		"https://formation.example.test/app#@evil.example/",
		"https://formation.example.test/app\r\nLocation: https://evil.example/",
		"//evil.example/https://formation.example.test/app",
	} {
		f.Add("", service)
		f.Add("service="+url.QueryEscape(service), "")
		f.Add("TARGET="+service+"&method=POST&gateway=1", "")
	}
	f.Add("service=https://formation.example.test/app&service=https://evil.example/", "")
	f.Add("service=https://formation.example.test/app&TARGET=https://evil.example/", "")
	h := handler(time.Now)
	own := []string{"https://formation.example.test", "https://contrats.example.test"}
	node := newNode(f)
	f.Fuzz(func(t *testing.T, query, service string) {
		if query == "" {
			query = url.Values{"service": {service}}.Encode()
		}
		want, err := readRequest(query)
		if err != nil {
			return
		}
		if _, err := h.Registry.Match(want.service); err != nil {
			return
		}
		for _, name := range []string{"ticket", "SAMLart"} {
			address := withTicket(want.service, name, "ST-0123456789")
			to := node.read(t, address)
			if !slices.Contains(own, to.Origin) || to.Ticket != "ST-0123456789" && !strings.Contains(want.service, name+"=") {
				t.Errorf("%q leads to %q with %+v", query, address, to)
			}
		}
		if origin := originOf(want.service); origin != node.read(t, want.service).Origin {
			t.Errorf("%q: the page's form may go to %q", query, origin)
		}
	})
}

// node is a process of Node that reads addresses as browsers do.
type node struct {
	in  io.Writer
	out *bufio.Reader
}

// read is where an address leads, opened from a page of the site.
type read struct{ Origin, Ticket string }

func newNode(f *testing.F) *node {
	f.Helper()
	command := exec.Command("node", "-e", `
		require('readline').createInterface({input: process.stdin}).on('line', (line) => {
			const at = new URL(JSON.parse(line), 'https://efpconnect.example.test/cas/login')
			const ticket = at.searchParams.get('ticket') ?? at.searchParams.get('SAMLart')
			console.log(JSON.stringify({Origin: at.origin, Ticket: ticket ?? ''}))
		})`)
	in, err := command.StdinPipe()
	if err != nil {
		f.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		f.Fatal(err)
	}
	if err := command.Start(); err != nil {
		f.Fatal("Node.js is needed, as for the assets: ", err)
	}
	f.Cleanup(func() {
		in.Close()
		_ = command.Wait()
	})
	return &node{in, bufio.NewReader(out)}
}

func (n *node) read(t *testing.T, address string) (to read) {
	t.Helper()
	line, err := json.Marshal(address)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.in.Write(append(line, '\n')); err != nil {
		t.Fatal(err)
	}
	said, err := n.out.ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(said, &to); err != nil {
		t.Fatal(err)
	}
	return to
}
