package send

import "sync"

// room is how many accounts go in one request: as many as the caller has, until that takes Kratos too long. It falls by half with a
// batch that gets no answer, and comes back by an eighth with each that does. The zero value knows no bound.
type room struct {
	mu   sync.Mutex
	size int // 0: no bound
}

// now is the bound for so many accounts.
func (r *room) now(accounts int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.size == 0 {
		return accounts
	}
	return r.size
}

// shrink notes that a batch got no answer. Several workers that fail with the same size fail once.
func (r *room) shrink(accounts int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if half := max(1, accounts/2); r.size == 0 || half < r.size {
		r.size = half
	}
}

// grow notes that a batch was answered. A batch below the bound says nothing about it.
func (r *room) grow(accounts int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.size > 0 && accounts >= r.size {
		r.size += max(1, r.size/8)
	}
}
