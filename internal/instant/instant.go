// Package instant holds the moment, counted from the beginning of a request, at which every answer leaves that could tell
// whether an account exists. A login reads it before it is judged: how long that very login takes changes nothing.
//
// The moment is one of a few coarse steps. It is raised as soon as Kratos is slow and lowered long after, and nothing but
// canaries says how slow it is: logins that the process itself sends by the clock (canary.go). What strangers send must
// not move it, or they would see in it what their own logins cost.
//
// The site makes one Shared for the process; the login and the resend of a code read it.
package instant

import (
	"sync"
	"time"
)

const (
	// levels is how many steps there are, each twice as long as the one before: 0.8, 1.6, 3.2 and 6.4 s as delivered.
	levels = 4
	// margin is how many times a canary has to fit into a step: a login beside many others takes longer.
	margin = 2
	// calm is how many canaries in a row must fit twice into the step below before it is taken.
	calm = 12
)

// Shared is the process's instant. It may be used concurrently.
type Shared struct {
	first time.Duration

	mu     sync.Mutex
	level  int // == levels: Kratos takes longer than the last step
	quiet  int // canaries in a row that would do with the step below
	notify func(step time.Duration)
}

// New begins at the first step. notify, where given, is told of each change: 0 when logins are turned away.
func New(first time.Duration, notify func(step time.Duration)) *Shared {
	if notify == nil {
		notify = func(time.Duration) {}
	}
	notify(first)
	return &Shared{first: first, notify: notify}
}

// Now is the step. It is not open while Kratos takes longer than the last step: nothing could hide that then, so nobody's
// login may reach it.
func (s *Shared) Now() (step time.Duration, open bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.step(min(s.level, levels-1)), s.level < levels
}

// Last is the longest step.
func (s *Shared) Last() time.Duration { return s.step(levels - 1) }

func (s *Shared) step(level int) time.Duration { return s.first << level }

// Took notes how long a canary took.
func (s *Shared) Took(canary time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	need := s.need(canary)
	switch {
	case need >= s.level:
		s.quiet = 0
		s.set(need)
	case s.level == levels: // a canary that came in time at all lets people in again
		s.quiet = 0
		s.set(levels - 1)
	case canary*2*margin > s.step(s.level-1):
		s.quiet = 0
	default:
		if s.quiet++; s.quiet == calm {
			s.quiet = 0
			s.set(s.level - 1)
		}
	}
}

// Under notes how long a canary is under way already: the step is not left too short until it comes back.
func (s *Shared) Under(canary time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if need := s.need(canary); need > s.level {
		s.quiet = 0
		s.set(need)
	}
}

// need is the lowest level for a Kratos that takes so long. The last step has no margin: what is longer cannot be hidden.
func (s *Shared) need(canary time.Duration) int {
	for level := range levels - 1 {
		if canary*margin <= s.step(level) {
			return level
		}
	}
	if canary <= s.step(levels-1) {
		return levels - 1
	}
	return levels
}

func (s *Shared) set(level int) {
	if level == s.level {
		return
	}
	s.level = level
	if level == levels {
		s.notify(0)
		return
	}
	s.notify(s.step(level))
}

// thresholds are the times after which a canary that has not come back raises the level, in order.
func (s *Shared) thresholds() []time.Duration {
	list := make([]time.Duration, 0, levels)
	for level := range levels - 1 {
		list = append(list, s.step(level)/margin)
	}
	return append(list, s.step(levels-1))
}
