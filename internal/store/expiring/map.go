// Package expiring is a bounded map whose entries die at a given time. A full
// map refuses new keys and never drops a live one: what it holds are locks,
// permits, captcha answers and spent limits, and forgetting one is a hole.
//
// The memory store and the memory rate limiter are built on it; nothing else
// should need it.
package expiring

import (
	"container/heap"
	"time"
)

// Map is not safe for concurrent use: its owner holds a lock around each
// read-then-write anyway.
type Map[V any] struct {
	max     int
	entries map[string]*entry[V]
	queue   queue[V] // soonest death first
}

type entry[V any] struct {
	key     string
	value   V
	expires time.Time
	index   int // in queue
}

// New returns a map of at most max entries.
func New[V any](max int) *Map[V] {
	return &Map[V]{max: max, entries: make(map[string]*entry[V])}
}

// Get returns the value of key if it is alive at now, and when it dies.
func (m *Map[V]) Get(now time.Time, key string) (value V, expires time.Time, found bool) {
	e, ok := m.entries[key]
	if !ok || !now.Before(e.expires) {
		return value, expires, false
	}
	return e.value, e.expires, true
}

// Full tells whether a new key would be refused at now.
func (m *Map[V]) Full(now time.Time) bool {
	m.removeDead(now)
	return len(m.entries) >= m.max
}

// Set writes the value of key, to die at expires. It answers false, and writes
// nothing, when key is new and the map is full of live entries. Dead entries
// make room here: each costs one removal from the heap, once.
func (m *Map[V]) Set(now time.Time, key string, value V, expires time.Time) bool {
	m.removeDead(now)
	if e, ok := m.entries[key]; ok {
		e.value, e.expires = value, expires
		heap.Fix(&m.queue, e.index)
		return true
	}
	if len(m.entries) >= m.max {
		return false
	}
	e := &entry[V]{key: key, value: value, expires: expires}
	m.entries[key] = e
	heap.Push(&m.queue, e)
	return true
}

// Delete removes key, if it is there.
func (m *Map[V]) Delete(key string) {
	if e, ok := m.entries[key]; ok {
		heap.Remove(&m.queue, e.index)
		delete(m.entries, key)
	}
}

// NextDeath is when the next entry makes room, false for an empty map.
func (m *Map[V]) NextDeath() (time.Time, bool) {
	if len(m.queue) == 0 {
		return time.Time{}, false
	}
	return m.queue[0].expires, true
}

// Len counts the entries that take room, dead ones not yet removed included.
func (m *Map[V]) Len() int { return len(m.entries) }

func (m *Map[V]) removeDead(now time.Time) {
	for len(m.queue) > 0 && !now.Before(m.queue[0].expires) {
		m.Delete(m.queue[0].key)
	}
}

// queue implements heap.Interface.
type queue[V any] []*entry[V]

func (q queue[V]) Len() int           { return len(q) }
func (q queue[V]) Less(i, j int) bool { return q[i].expires.Before(q[j].expires) }
func (q queue[V]) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

func (q *queue[V]) Push(x any) {
	e := x.(*entry[V])
	e.index = len(*q)
	*q = append(*q, e)
}

func (q *queue[V]) Pop() any {
	old := *q
	e := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	return e
}
