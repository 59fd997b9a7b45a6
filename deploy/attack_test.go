package deploy

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"efpconnect.example/internal/seal"
	"efpconnect.example/internal/testkit/kratostest"
)

// The attack of one address: connections, streams on each (HTTP/2), and how long it goes on.
const (
	attackConnections = 110
	attackStreams     = 100
	attackFor         = 9 * time.Second
)

// The most that the two may take of the memory meanwhile, in MiB.
const (
	siteMemory  = 96
	proxyMemory = 300
)

// TestAttack: one address opens what it can and sends forms whose bodies never end. Whoever comes from elsewhere is served every
// time, and neither program grows beyond its bound.
func TestAttack(t *testing.T) {
	if _, err := exec.LookPath("haproxy"); err != nil {
		kratostest.Missing(t, "haproxy")
	}
	program := buildSite(t)
	for name, c := range map[string]struct {
		front, scheme string
		attack        func(ctx context.Context, address string, opened *atomic.Int64)
	}{
		"HTTP/2 streams whose bodies stall":              {"tls", "https", stallStreams},
		"HTTP/1.1 bodies of a byte a second":             {"plain", "http", tricklePlain},
		"HTTP/1.1 bodies of a byte a second, over TLS":   {"tls", "https", trickleTLS},
		"HTTP/2 forms that are whole, as many as it can": {"tls", "https", floodStreams},
	} {
		t.Run(name, func(t *testing.T) {
			site := startSite(t, program, c.scheme)
			p := runProxy(t, c.front, site.public, site.internal, 4000)
			serves := func() bool { return askProxy(t, c.scheme, p.address, "127.0.0.2") }
			eventually(t, "the proxy serves", serves)
			ctx, stop := context.WithTimeout(t.Context(), attackFor)
			defer stop()
			var opened atomic.Int64
			var attack sync.WaitGroup
			for range attackConnections {
				attack.Go(func() { c.attack(ctx, p.address, &opened) })
			}
			probes, refused := 0, 0
			for ctx.Err() == nil {
				if probes++; !serves() {
					refused++
				}
				pause(ctx, 100*time.Millisecond)
			}
			attack.Wait()
			siteTook, proxyTook := peak(t, site.cmd), peak(t, p.cmd)
			t.Logf("%d requests begun; %d probes, %d not served; site %d MiB, proxy %d MiB", opened.Load(), probes, refused, siteTook, proxyTook)
			if opened.Load() < attackConnections || probes < 10 {
				t.Errorf("no attack: %d requests, %d probes", opened.Load(), probes)
			}
			if refused > 0 {
				t.Errorf("%d of %d visitors from elsewhere were not served", refused, probes)
			}
			if siteTook > siteMemory || proxyTook > proxyMemory {
				t.Errorf("site %d MiB of %d, proxy %d MiB of %d", siteTook, siteMemory, proxyTook, proxyMemory)
			}
		})
	}
}

// runningSite is the program as it is delivered. Nobody answers it as Kratos: the pages of this test need none.
type runningSite struct {
	public, internal string
	cmd              *exec.Cmd
	said             *lockedBuffer
}

func buildSite(t *testing.T) (program string) {
	t.Helper()
	program = filepath.Join(t.TempDir(), "selfservice-ui")
	if output, err := exec.Command("go", "build", "-o", program, "../cmd/selfservice-ui").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	return program
}

func startSite(t *testing.T, program, scheme string, variables ...string) *runningSite {
	t.Helper()
	s := &runningSite{public: freeAddress(t), internal: freeAddress(t), cmd: exec.Command(program), said: &lockedBuffer{}}
	s.cmd.Env = append(os.Environ(),
		"EFP_PUBLIC_URL="+scheme+"://efpconnect.example.test",
		"EFP_LISTEN="+s.public,
		"EFP_INTERNAL_LISTEN="+s.internal,
		"EFP_TRUSTED_PROXIES=127.0.0.0/8",
		"EFP_KRATOS_URL=http://"+freeAddress(t),
		"EFP_KEYS="+seal.NewKey(),
		"EFP_HOOK_KEY="+seal.NewKey())
	s.cmd.Env = append(s.cmd.Env, variables...)
	s.cmd.Stdout, s.cmd.Stderr = s.said, s.said
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
		if t.Failed() {
			said := s.said.String()
			t.Logf("%s", said[max(0, len(said)-3000):])
		}
	})
	return s
}

// peak is the most memory a process ever had, in MiB.
func peak(t *testing.T, cmd *exec.Cmd) int {
	t.Helper()
	for line := range strings.SplitSeq(read(t, fmt.Sprintf("/proc/%d/status", cmd.Process.Pid)), "\n") {
		if text, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kilobytes, err := strconv.Atoi(strings.Fields(text)[0])
			if err != nil {
				t.Fatal(err)
			}
			return kilobytes >> 10
		}
	}
	t.Fatal("the system does not tell the peak")
	return 0
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// attacker dials until its time is over, again each time it is cut off.
func attacker(ctx context.Context, address string, protocols []string, talk func(net.Conn)) {
	for ctx.Err() == nil {
		plain, err := dialFrom("127.0.0.1", address)
		if err != nil {
			pause(ctx, 50*time.Millisecond)
			continue
		}
		closing := context.AfterFunc(ctx, func() { plain.Close() })
		var conn net.Conn = plain
		if protocols != nil {
			conn = tls.Client(plain, &tls.Config{RootCAs: roots, ServerName: "efpconnect.example.test", NextProtos: protocols})
		}
		talk(conn)
		closing()
		plain.Close()
		pause(ctx, 50*time.Millisecond)
	}
}

func stallStreams(ctx context.Context, address string, opened *atomic.Int64) {
	attacker(ctx, address, []string{"h2"}, func(c net.Conn) { streams(ctx, c, opened, "") })
}

func floodStreams(ctx context.Context, address string, opened *atomic.Int64) {
	attacker(ctx, address, []string{"h2"}, func(c net.Conn) { streams(ctx, c, opened, "identifiant=a%40example.test&mot-de-passe=b") })
}

// streams opens as many forms as it means to, whatever the other side allows; without a body, each stays at the announcement of one.
func streams(ctx context.Context, c net.Conn, opened *atomic.Int64, body string) {
	if _, err := io.WriteString(c, http2.ClientPreface); err != nil {
		return
	}
	var mu sync.Mutex // the answers to pings are written beside the forms
	framer := http2.NewFramer(c, c)
	if framer.WriteSettings() != nil {
		return
	}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		for {
			frame, err := framer.ReadFrame()
			if err != nil {
				return
			}
			if s, ok := frame.(*http2.SettingsFrame); ok && !s.IsAck() {
				mu.Lock()
				_ = framer.WriteSettingsAck()
				mu.Unlock()
			}
		}
	}()
	announced := body
	if body == "" {
		announced = strings.Repeat("x", 5000)
	}
	header := formHeader(len(announced))
	for id := uint32(1); id < 2*attackStreams; id += 2 {
		mu.Lock()
		err := framer.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: header, EndHeaders: true})
		if err == nil && body != "" {
			err = framer.WriteData(id, true, []byte(body))
		}
		mu.Unlock()
		if err != nil {
			return
		}
		opened.Add(1)
	}
	select {
	case <-ctx.Done():
	case <-gone:
	case <-time.After(6 * time.Second): // they have been turned away by now: once more
	}
}

func formHeader(length int) []byte {
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	encoder.SetMaxDynamicTableSize(0) // the same block opens each stream
	for _, field := range [][2]string{{":method", "POST"}, {":scheme", "https"}, {":authority", "efpconnect.example.test"}, {":path", "/connexion"},
		{"content-type", "application/x-www-form-urlencoded"}, {"content-length", strconv.Itoa(length)}} {
		_ = encoder.WriteField(hpack.HeaderField{Name: field[0], Value: field[1]})
	}
	return block.Bytes()
}

func tricklePlain(ctx context.Context, address string, opened *atomic.Int64) {
	attacker(ctx, address, nil, func(c net.Conn) { trickle(ctx, c, opened) })
}

func trickleTLS(ctx context.Context, address string, opened *atomic.Int64) {
	attacker(ctx, address, []string{"http/1.1"}, func(c net.Conn) { trickle(ctx, c, opened) })
}

// trickle sends a form, a byte a second.
func trickle(ctx context.Context, c net.Conn, opened *atomic.Int64) {
	_, err := io.WriteString(c, "POST /connexion HTTP/1.1\r\nHost: efpconnect.example.test\r\n"+
		"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 5000\r\n\r\n")
	for err == nil && ctx.Err() == nil {
		opened.Add(1)
		pause(ctx, time.Second)
		_, err = io.WriteString(c, "x")
	}
}
