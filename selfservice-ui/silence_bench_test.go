package ui_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"efpconnect.example/internal/testkit/kratostest"
	"efpconnect.example/internal/testkit/sitetest"
)

// BenchmarkSilence counts in how many of 2 000 pairs the known address is slower, through the site and the real Kratos:
// between 46 and 54 % for whoever cannot tell (a fair coin stays there but once in 3 000 times). The instant is shorter
// than the default so that the whole takes minutes. "ms-99.9%" is by when the answers had come: far beyond the instant,
// the machine is too slow for it, and the instant hides less.
func BenchmarkSilence(b *testing.B) {
	for _, c := range []struct {
		name      string
		instant   time.Duration
		observers int
		resets    int
	}{
		{"idle", 150 * time.Millisecond, 4, 0},
		{"busy", 600 * time.Millisecond, 8, 50},
	} {
		for _, w := range ways {
			b.Run(c.name+"/"+w.name, func(b *testing.B) {
				forCrowds(b, c.resets)
				site := silenceSite(b, c.instant, c.observers)
				done := keepBusy(b, site, c.resets)
				b.ResetTimer()
				for b.Loop() {
					f := observe(b, site, w.send, 2000, c.observers)
					b.ReportMetric(f.share(), "%slower")
					b.ReportMetric(f.nextShare(), "%next-slower")
					b.ReportMetric(milliseconds(f.at(0.5)), "ms-median")
					b.ReportMetric(milliseconds(f.at(0.999)), "ms-99.9%")
					if least, most := min(f.share(), f.nextShare()), max(f.share(), f.nextShare()); least < 46 || most > 54 {
						b.Errorf("the known address is slower in %.1f %% of the pairs, at the next request in %.1f %%", f.share(), f.nextShare())
					}
				}
				b.StopTimer()
				b.ReportMetric(float64(done())/b.Elapsed().Seconds(), "resets/s")
				b.ReportMetric(0, "ns/op") // a whole measurement: says nothing
			})
		}
	}
}

// BenchmarkSilenceWithout shows what the instant hides, and how long the slowest of what it has to hide takes: the least
// answer_after of this machine.
func BenchmarkSilenceWithout(b *testing.B) {
	for _, resets := range []int{0, 50} {
		for _, w := range ways[1:] {
			b.Run(fmt.Sprintf("%d-resets/%s", resets, w.name), func(b *testing.B) {
				forCrowds(b, resets)
				site := silenceSite(b, time.Nanosecond, 2)
				done := keepBusy(b, site, resets)
				for b.Loop() {
					f := observe(b, site, w.send, 300, 2)
					b.ReportMetric(f.share(), "%slower")
					b.ReportMetric(milliseconds(f.at(0.5)), "ms-median")
					b.ReportMetric(milliseconds(f.at(0.999)), "ms-99.9%")
				}
				done()
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// forCrowds names a database that serves many at once: on SQLite, Kratos answers some of fifty people with an error.
func forCrowds(b *testing.B, people int) {
	if people > 0 && os.Getenv("EFP_TEST_POSTGRES") == "" {
		kratostest.Missing(b, "a PostgreSQL server for many resets at once (EFP_TEST_POSTGRES)")
	}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// keepBusy lets so many people reset their passwords at the same time, one after another, until done is called; it tells
// how many have finished.
func keepBusy(b *testing.B, site *sitetest.Site, people int) (done func() int64) {
	ctx, stop := context.WithCancel(b.Context())
	var all sync.WaitGroup
	var finished, number atomic.Int64
	for range people {
		all.Go(func() {
			for ctx.Err() == nil {
				if err := reset(site, fmt.Sprintf("hote.%06d@example.test", number.Add(1))); err != nil {
					b.Error(err)
					return
				}
				finished.Add(1)
			}
		})
	}
	return sync.OnceValue(func() int64 { stop(); all.Wait(); return finished.Load() })
}

// reset is the whole way of one person, from the account to the last page.
func reset(site *sitetest.Site, address string) error {
	if err := site.CreateAccount(kratostest.Identity{Email: address, Verified: true}); err != nil {
		return err
	}
	b := site.NewBrowser()
	code := ""
	for _, step := range []func() error{
		func() error { return b.Open("/reinitialisation") },
		func() error { return errors.Join(b.Fill("identifiant", address), b.Submit("Suivant")) },
		func() (err error) { code, _, err = site.Code(address, 1); return err },
		func() error { return errors.Join(b.Fill("code", code), b.Submit("Suivant")) },
		func() error {
			return errors.Join(b.Fill("mot-de-passe", newPassword), b.Fill("confirmation", newPassword), b.Submit("Suivant"))
		},
	} {
		if err := step(); err != nil {
			return fmt.Errorf("%w\n%s", err, b.Text())
		}
	}
	if got := b.URL.Path; got != "/reinitialisation/terminee" {
		return fmt.Errorf("a reset ended on %s: %s", got, b.Text())
	}
	return nil
}
