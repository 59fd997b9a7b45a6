package page

import (
	"fmt"
	"time"

	"efpconnect.example/internal/frtime"
)

var months = [...]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}

// Clock is a time of day as French pages write it, with no-break spaces: 10 h 05.
func Clock(t time.Time) string {
	t = frtime.Time(t)
	return fmt.Sprintf("%d\u00a0h\u00a0%02d", t.Hour(), t.Minute())
}

// NextMinute is the first whole minute from which on t is past: what may be tried again from that hour on is not refused then.
func NextMinute(t time.Time) string {
	return Clock(t.Add(time.Minute - 1).Truncate(time.Minute))
}

// Day is a day and its hour as the mail writes them, with plain spaces: 24 novembre 2026 à 10 h 32.
func Day(t time.Time) string {
	t = frtime.Time(t)
	day := fmt.Sprint(t.Day())
	if t.Day() == 1 {
		day = "1er"
	}
	return fmt.Sprintf("%s %s %d à %d h %02d", day, months[t.Month()-1], t.Year(), t.Hour(), t.Minute())
}
