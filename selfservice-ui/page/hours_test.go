package page

import (
	"testing"
	"time"
)

// People live on Paris time whatever the machine's; twice a year the clock jumps.
func TestHourAndDay(t *testing.T) {
	for _, c := range []struct {
		why, at   string // RFC 3339
		hour, day string
	}{
		{"winter: an hour ahead of UTC", "2026-11-24T09:32:00Z", "10 h 32", "24 novembre 2026 à 10 h 32"},
		{"summer: two hours", "2026-07-14T08:05:00Z", "10 h 05", "14 juillet 2026 à 10 h 05"},
		{"the first of a month is 1er", "2026-08-01T10:00:00Z", "12 h 00", "1er août 2026 à 12 h 00"},
		{"the eleventh is not", "2026-02-11T10:00:00Z", "11 h 00", "11 février 2026 à 11 h 00"},
		{"the day of Paris, not of UTC", "2026-12-31T23:30:00Z", "0 h 30", "1er janvier 2027 à 0 h 30"},
		{"the minute before the clock goes forward", "2026-03-29T00:59:00Z", "1 h 59", "29 mars 2026 à 1 h 59"},
		{"the minute after: two o'clock does not exist", "2026-03-29T01:00:00Z", "3 h 00", "29 mars 2026 à 3 h 00"},
		{"half past two, the first time", "2026-10-25T00:30:00Z", "2 h 30", "25 octobre 2026 à 2 h 30"},
		{"half past two again, an hour later", "2026-10-25T01:30:00Z", "2 h 30", "25 octobre 2026 à 2 h 30"},
		{"a time that carries another zone", "2026-11-24T18:32:00+09:00", "10 h 32", "24 novembre 2026 à 10 h 32"},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := Clock(at); got != spaced(c.hour) {
			t.Errorf("%s: Hour is %q", c.why, got)
		}
		if got := Day(at); got != c.day {
			t.Errorf("%s: Day is %q", c.why, got)
		}
	}
}

// What may be done from an hour on is not refused at that hour, and not told a minute late either.
func TestHourFrom(t *testing.T) {
	for at, want := range map[string]string{
		"2026-11-24T09:00:10Z": "10 h 01", "2026-11-24T09:00:59.999999999Z": "10 h 01", "2026-11-24T09:01:00Z": "10 h 01",
		"2026-11-24T09:01:00.000000001Z": "10 h 02", "2026-11-24T22:59:30Z": "0 h 00",
	} {
		moment, err := time.Parse(time.RFC3339Nano, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := NextMinute(moment); got != spaced(want) {
			t.Errorf("from %s: %q, want %q", at, got, want)
		}
	}
}

// spaced writes an hour with no-break spaces, as pages do.
func spaced(hour string) string {
	written := []rune(hour)
	for i, c := range written {
		if c == ' ' {
			written[i] = '\u00a0'
		}
	}
	return string(written)
}
