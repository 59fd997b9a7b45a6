package importer

import (
	"sync"
	"time"

	"efpconnect.example/internal/importer/journal"
)

// Phase is a part of a run.
type Phase string

// The phases of a run, in order.
const (
	PhaseRead    Phase = "read"    // the source is checked; Total is unknown
	PhaseCompare Phase = "compare" // Kratos is listed; Total is unknown
	PhaseJudge   Phase = "judge"   // each row is compared with what was listed
	PhaseSend    Phase = "send"
	PhaseFiles   Phase = "files"
	// PhaseAccounts is that of the verbs after a run: the journal's accounts are looked at in Kratos.
	PhaseAccounts Phase = "accounts"
)

// Progress is how far a phase has come.
type Progress struct {
	Phase   Phase           `json:"phase"`
	Done    int             `json:"done"`
	Total   int             `json:"total,omitempty"` // 0: unknown
	Rate    float64         `json:"rows_per_second"` // since the phase began
	Left    time.Duration   `json:"-"`               // 0: unknown
	Balance journal.Balance `json:"balance"`         // so far; of PhaseSend
	Elapsed time.Duration   `json:"-"`
}

// still is how many intervals may pass without a word while nothing moves: a batch can take Kratos a minute.
const still = 5

// progress measures a run and tells it at intervals. Its methods may be called concurrently.
type progress struct {
	tell func(Progress)
	now  func() time.Time
	stop chan struct{}

	mu      sync.Mutex
	phase   Phase
	started time.Time
	first   int // done when the phase began: rows that an earlier attempt settled make no speed
	total   int
	done    int
	told    int // done when it was last told; -1 when this phase was not
	silent  int // intervals since
	balance journal.Balance
}

// newProgress starts telling; the caller ends it.
func newProgress(o *Options) *progress {
	p := &progress{tell: o.Progress, now: o.Now, stop: make(chan struct{})}
	ticker := time.NewTicker(o.Every)
	go func() {
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				p.tick()
			case <-p.stop:
				return
			}
		}
	}()
	return p
}

// tick tells what has moved since the last time, and now and then that nothing has.
func (p *progress) tick() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.silent++; p.phase != "" && (p.done != p.told || p.silent >= still) {
		p.say()
	}
}

// say tells the state. The caller holds mu.
func (p *progress) say() {
	p.told, p.silent = p.done, 0
	p.tell(p.state())
}

func (p *progress) begin(phase Phase, total int, b journal.Balance) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.finish()
	p.phase, p.total, p.balance, p.done, p.first = phase, total, b, b.Done(), b.Done()
	p.told, p.silent = -1, 0
	p.started = p.now()
}

// finish tells the last state of a phase, unless it was told. The caller holds mu.
func (p *progress) finish() {
	if p.phase != "" && p.done != p.told {
		p.say()
	}
	p.phase = ""
}

// read notes how many rows were read in all.
func (p *progress) read(done int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done = done
}

// readOf is read for a phase that learns of its total while it runs.
func (p *progress) readOf(done, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done, p.total = done, total
}

// settle adds results.
func (p *progress) settle(results []journal.Result) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range results {
		p.balance.Add(r.Outcome)
	}
	p.done = p.balance.Done()
}

// end tells the last state of the last phase, and nothing any more. It may be called twice.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.finish()
	select {
	case <-p.stop:
	default:
		close(p.stop)
	}
}

func (p *progress) state() Progress {
	s := Progress{Phase: p.phase, Done: p.done, Total: p.total, Balance: p.balance, Elapsed: p.now().Sub(p.started)}
	if seconds := s.Elapsed.Seconds(); seconds > 0 {
		s.Rate = float64(p.done-p.first) / seconds
	}
	if s.Rate > 0 && p.total > p.done {
		s.Left = time.Duration(float64(p.total-p.done) / s.Rate * float64(time.Second))
	}
	return s
}

// settled is how many rows have an outcome.
func (p *progress) settled() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.done
}
