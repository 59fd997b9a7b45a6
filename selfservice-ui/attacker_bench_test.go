package ui_test

import (
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

// BenchmarkAttacker asks login, reset and registration about one address, all of them each time, and decides from every duration
// together whether it has an account. It learns on addresses of which it knows the answer, then decides 2 000 times: right in at most
// 55 % (who tosses a coin is above that once in 250 000 times).
func BenchmarkAttacker(b *testing.B) {
	const observers, lessons, decisions, most = 8, 1000, 2000, 55.0
	site := silenceSite(b, 150*time.Millisecond, observers)
	for b.Loop() {
		visits := probeAll(b, observers, lessons+decisions, func(n int) *observer { return newObserver(site) })
		learnt := learn(visits[:lessons])
		right := 0
		shapes := map[string]int{}
		for _, v := range visits[lessons:] {
			if learnt.known(v.took) == v.known {
				right++
			}
			shapes[v.shape] += map[bool]int{true: 1, false: -1}[v.known]
		}
		share := 100 * float64(right) / decisions
		b.ReportMetric(share, "%right")
		if share > most {
			b.Errorf("right in %.1f %% of %d decisions", share, decisions)
		}
		for shape, n := range shapes {
			if n > decisions/20 || n < -decisions/20 {
				b.Errorf("known %+d times more often than unknown:\n%s", n, shape)
			}
		}
	}
	b.ReportMetric(0, "ns/op") // a whole measurement: says nothing
}

// probing is what all doors together showed of one address.
type probing struct {
	known bool
	took  []float64 // seconds, two of each way: the answer and the next request
	shape string
}

// probeAll visits a known or an unknown address, by a coin, so many times.
func probeAll(b *testing.B, observers, visits int, open func(n int) *observer) (all []probing) {
	var mu sync.Mutex
	var group errgroup.Group
	for n := range observers {
		group.Go(func() error {
			o := open(n)
			defer o.http.CloseIdleConnections()
			for range visits / observers {
				v := probing{known: rand.IntN(2) == 0}
				address := strangeAddress(n)
				if v.known {
					address = knownAddress(n)
				}
				for _, w := range ways {
					a, err := w.send(o, address)
					if err != nil {
						return err
					}
					v.took = append(v.took, a.took.Seconds(), a.next.Seconds())
					v.shape += a.shape + "\n"
				}
				mu.Lock()
				all = append(all, v)
				mu.Unlock()
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		b.Fatal(err)
	}
	return all
}

// bayes is a Gaussian naive Bayes classifier: how each duration is spread for addresses with and without an account.
type bayes struct{ with, without []spread }

type spread struct{ mean, deviation float64 }

func learn(visits []probing) bayes {
	var j bayes
	for i := range visits[0].took {
		var with, without []float64
		for _, v := range visits {
			if v.known {
				with = append(with, math.Log(v.took[i]))
			} else {
				without = append(without, math.Log(v.took[i]))
			}
		}
		j.with, j.without = append(j.with, spreadOf(with)), append(j.without, spreadOf(without))
	}
	return j
}

func spreadOf(values []float64) (s spread) {
	for _, v := range values {
		s.mean += v / float64(len(values))
	}
	for _, v := range values {
		s.deviation += (v - s.mean) * (v - s.mean) / float64(len(values))
	}
	s.deviation = math.Sqrt(s.deviation) + 1e-9
	return s
}

// likelihood is its logarithm, up to a constant.
func (s spread) likelihood(v float64) float64 {
	far := (v - s.mean) / s.deviation
	return -far*far/2 - math.Log(s.deviation)
}

func (j bayes) known(took []float64) bool {
	for_, against := 0.0, 0.0
	for i, t := range took {
		for_ += j.with[i].likelihood(math.Log(t))
		against += j.without[i].likelihood(math.Log(t))
	}
	return for_ > against
}

// The classifier of BenchmarkAttacker finds a difference of two deviations in one of twelve durations.
func TestTheAttackerLearns(t *testing.T) {
	draw := func(known bool) probing {
		v := probing{known: known}
		for i := range 12 {
			took := 0.15 * math.Exp(rand.NormFloat64()/20)
			if known && i == 3 {
				took *= 1.1
			}
			v.took = append(v.took, took)
		}
		return v
	}
	var visits []probing
	for i := range 3000 {
		visits = append(visits, draw(i%2 == 0))
	}
	learnt, right := learn(visits[:1000]), 0
	for _, v := range visits[1000:] {
		if learnt.known(v.took) == v.known {
			right++
		}
	}
	if right < 1500 {
		t.Errorf("%d of 2000 right, where one duration is two deviations longer", right)
	}
}
