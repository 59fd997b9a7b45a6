package report

import (
	"time"
	_ "time/tzdata" // a container has no time zones of its own
)

var paris = mustLoad("Europe/Paris")

// mustLoad cannot fail: the time zones are linked into the program.
func mustLoad(name string) *time.Location {
	where, err := time.LoadLocation(name)
	if err != nil {
		panic("report: " + err.Error())
	}
	return where
}

// Date is a moment as people in Paris write it, wherever the program runs.
func Date(t time.Time) string { return t.In(paris).Format("02/01/2006 15:04") }
