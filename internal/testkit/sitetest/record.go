package sitetest

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"efpconnect.example/selfservice-ui/page"
)

// Record is what all walks of a test together showed, used and logged.
type Record struct {
	Log       Log // the sites'
	KratosLog Log

	mu      sync.Mutex
	secrets map[string]string // value → what it is
	heard   map[string]bool   // what values were
	pages   map[string]bool   // page.Page.State
	parts   map[string]bool   // template and one of its messages
}

// NewRecord is an empty one.
func NewRecord() *Record {
	return &Record{secrets: map[string]string{}, heard: map[string]bool{}, pages: map[string]bool{}, parts: map[string]bool{}}
}

// shortest is the length from which a value can be searched for: "x" is in every log.
const shortest = 6

// Secret notes a value that no log may hold. It stays what it was noted as first.
func (r *Record) Secret(what, value string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if value = strings.TrimSpace(value); len(value) < shortest {
		return
	}
	r.heard[what] = true
	if r.secrets[value] == "" {
		r.secrets[value] = what
	}
}

// Heard is every kind of secret that was noted, also of values that were another kind first: a name that is typed as well.
func (r *Record) Heard() map[string]bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.heard)
}

// Secrets are all values noted, and what each is.
func (r *Record) Secrets() map[string]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.secrets)
}

// Shown notes the state of a page that somebody was shown.
func (r *Record) Shown(p page.Page) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pages[p.State()] = true
	for _, part := range Parts(p) {
		r.parts[part] = true
	}
}

// Visited tells whether somebody was shown that state.
func (r *Record) Visited(p page.Page) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.pages[p.State()]
}

// VisitedParts are the messages that were shown, each with its template, in order.
func (r *Record) VisitedParts() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Sorted(maps.Keys(r.parts))
}

// Parts are a page's template with each of its messages: two faults at once are no state of their own.
func Parts(p page.Page) []string {
	words := strings.Fields(p.State())
	if len(words) == 1 {
		return words
	}
	parts := make([]string, 0, len(words))
	for _, message := range words[1:] {
		parts = append(parts, words[0]+" "+message)
	}
	return parts
}
