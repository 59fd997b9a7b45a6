package mailbox

import (
	"slices"
	"strings"
	"sync"
)

// What is kept at most; the oldest mails make room. A demo left running, or a load test, must not fill the machine.
const (
	maxMails = 500
	maxBytes = 32 << 20 // of mails as they came
	maxMail  = 1 << 20
)

// shelf keeps the last mails. Its zero value is empty.
type shelf struct {
	mu      sync.Mutex
	mails   []Message // oldest first
	bytes   int
	lastID  int
	changed chan struct{} // closed when a mail arrives; nil while nobody waits
}

func (s *shelf) add(m Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastID++
	m.ID = s.lastID
	s.mails = append(s.mails, m)
	s.bytes += m.size
	for len(s.mails) > maxMails || s.bytes > maxBytes {
		s.bytes -= s.mails[0].size
		s.mails = slices.Delete(s.mails, 0, 1)
	}
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
}

// all returns the mails, newest first.
func (s *shelf) all() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	mails := slices.Clone(s.mails)
	slices.Reverse(mails)
	return mails
}

func (s *shelf) get(id int) (Message, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.mails, func(m Message) bool { return m.ID == id })
	if i < 0 {
		return Message{}, false
	}
	return s.mails[i], true
}

// to returns the mails to an address, oldest first, and a channel that is closed when another mail arrives.
func (s *shelf) to(address string) ([]Message, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changed == nil {
		s.changed = make(chan struct{})
	}
	var found []Message
	for _, m := range s.mails {
		if slices.ContainsFunc(m.To, func(r string) bool { return strings.EqualFold(r, address) }) {
			found = append(found, m)
		}
	}
	return found, s.changed
}
