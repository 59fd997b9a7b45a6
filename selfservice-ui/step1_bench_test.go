package ui_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"efpconnect.example/internal/metrics"
	"efpconnect.example/internal/seal"
	"efpconnect.example/internal/settings"
	"efpconnect.example/internal/testkit/sitetest"
	ui "efpconnect.example/selfservice-ui"
)

// step1Bar is the least share of a bare handler's requests a second that step 1 has to reach. No page is ever kept ready:
// each has a security code of its own.
const step1Bar = 0.12

const (
	step1Rounds  = 20
	step1Callers = 16
	step1Round   = 300 * time.Millisecond
)

// BenchmarkStep1 asks for step 1 of the site as delivered (default settings, the whole stack and its log) and for the same
// bytes from a handler that does nothing but write them. Both are in this process and asked by the same callers, in turns of
// a fraction of a second, so that whatever else the machine does meets both; the middle of the rounds' ratios counts.
func BenchmarkStep1(b *testing.B) {
	address := serveAsDelivered(b)
	page, again := onePage(b, address), onePage(b, address)
	if securityCode.FindString(page) == "" || securityCode.FindString(page) == securityCode.FindString(again) {
		b.Fatal("step 1 has no security code of its own")
	}
	bare := serveBare(b, page)
	for b.Loop() {
		var ours, theirs, ratios, inWork []float64
		for round := range step1Rounds + 1 {
			site, plain := askedFor(b, address), askedFor(b, bare)
			if round == 0 {
				continue // the first fills caches
			}
			ours, theirs = append(ours, site.perSecond()), append(theirs, plain.perSecond())
			ratios, inWork = append(ratios, site.perSecond()/plain.perSecond()), append(inWork, plain.work()/site.work())
		}
		b.ReportMetric(median(ours), "site-req/s")
		b.ReportMetric(median(theirs), "bare-req/s")
		b.ReportMetric(median(ratios), "site/bare")
		b.ReportMetric(median(inWork), "site/bare-by-processor-time")
		if got := median(ratios); got < step1Bar {
			b.Errorf("step 1 gives %.0f pages a second, a bare handler %.0f: %.3f of it (%.3f by processor time), the bar is %.2f",
				median(ours), median(theirs), got, median(inWork), step1Bar)
		}
	}
	b.ReportMetric(0, "ns/op") // a whole measurement: says nothing
}

var securityCode = regexp.MustCompile(`name="defi" value="[^"]+"`)

// median keeps the order of what it is given.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// serveAsDelivered is the site without any setting but its secrets, and limits that let one client ask so much; nobody is where
// Kratos would be.
func serveAsDelivered(b *testing.B) (address string) {
	public, internal := loopback(b), loopback(b)
	set := settings.Defaults()
	set.PublicURL = "http://" + public.Addr().String()
	set.Keys, set.HookKey, set.Drain = []string{seal.NewKey()}, seal.NewKey(), 0
	set.Limits = sitetest.Wide()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		b.Fatal(err)
	}
	log, err := ui.Logger(set.LogLevel, null)
	if err != nil {
		b.Fatal(err)
	}
	shared, spend, err := ui.OpenStore(set, log)
	if err != nil {
		b.Fatal(err)
	}
	site, err := ui.New(set, ui.Parts{Store: shared, Spend: spend, Log: log, Now: time.Now, Metrics: metrics.New()})
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- site.ServeOn(ctx, public, internal, set, slog.New(slog.DiscardHandler)) }()
	b.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			b.Error(err)
		}
		_ = null.Close()
	})
	return public.Addr().String()
}

func serveBare(b *testing.B, page string) (address string) {
	listener, body := loopback(b), []byte(page)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		_, _ = w.Write(body)
	})}
	go func() { _ = server.Serve(listener) }()
	b.Cleanup(func() { _ = server.Close() })
	return listener.Addr().String()
}

func loopback(b *testing.B) net.Listener {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	return listener
}

// served is what came of a round of questions, callers' work included: they are in this process too.
type served struct {
	answers       int
	took, working time.Duration
}

func (a served) perSecond() float64 { return float64(a.answers) / a.took.Seconds() }

// work is the processor time of one answer, in seconds.
func (a served) work() float64 { return a.working.Seconds() / float64(a.answers) }

// askedFor lets step1Callers ask for step 1 over and over, each on a connection of its own.
func askedFor(b *testing.B, address string) served {
	var group errgroup.Group
	counts := make([]int, step1Callers)
	worked, began := processorTime(), time.Now()
	for i := range counts {
		group.Go(func() (err error) {
			counts[i], err = calls(address, func(int) bool { return time.Since(began) < step1Round })
			return err
		})
	}
	if err := group.Wait(); err != nil {
		b.Fatal(err)
	}
	a := served{took: time.Since(began), working: processorTime() - worked}
	for _, n := range counts {
		a.answers += n
	}
	return a
}

// processorTime is what this process has used so far.
func processorTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err) // only for another argument
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// calls asks for pages on one connection while there are to be more, and counts those that came. It writes the request by hand:
// http.Client would cost more than the bare handler, and flatter the ratio.
func calls(address string, more func(sofar int) bool) (n int, err error) {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		return 0, err
	}
	defer connection.Close()
	answers := bufio.NewReader(connection)
	for ; more(n); n++ {
		if _, err := step1Page(connection, answers, address, io.Discard); err != nil {
			return 0, err
		}
	}
	return n, nil
}

func step1Page(connection io.Writer, answers *bufio.Reader, host string, into io.Writer) (size int64, err error) {
	if _, err := io.WriteString(connection, "GET /reinitialisation HTTP/1.1\r\nHost: "+host+"\r\n\r\n"); err != nil {
		return 0, err
	}
	answer, err := http.ReadResponse(answers, nil)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("step 1: %s", answer.Status)
	}
	return io.Copy(into, answer.Body)
}

func onePage(b *testing.B, address string) string {
	answer, err := http.Get("http://" + address + "/reinitialisation")
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	if err != nil {
		b.Fatal(err)
	}
	return string(page)
}
