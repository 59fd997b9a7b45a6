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
	PhaseSend    Phase = "send"
	PhaseFiles   Phase = "files"
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

// progress measures a run and tells it at intervals. Its methods may be called concurrently.
type progress struct {
	tell  func(Progress)
	every time.Duration
	now   func() time.Time

	mu      sync.Mutex
	phase   Phase
	started time.Time
	told    time.Time
	first   int // done when the phase began: rows that an earlier attempt settled make no speed
	total   int
	done    int
	balance journal.Balance
}

func newProgress(o *Options) *progress {
	return &progress{tell: o.Progress, every: o.Every, now: o.Now}
}

func (p *progress) begin(phase Phase, total int, b journal.Balance) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.phase != "" {
		p.tell(p.state())
	}
	p.phase, p.total, p.balance, p.done, p.first = phase, total, b, b.Done(), b.Done()
	p.started = p.now()
	p.told = p.started
}

// read notes how many rows were read in all.
func (p *progress) read(done int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done = done
	p.tellNow()
}

// settle adds results.
func (p *progress) settle(results []journal.Result) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range results {
		p.balance.Add(r.Outcome)
	}
	p.done = p.balance.Done()
	p.tellNow()
}

// end tells the last state of the last phase.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.phase != "" {
		p.tell(p.state())
		p.phase = ""
	}
}

func (p *progress) tellNow() {
	if now := p.now(); now.Sub(p.told) >= p.every {
		p.told = now
		p.tell(p.state())
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
