// Package frtime is the time that people read: on the pages, in the mails, in the import's reports, whatever the machine has set or
// installed. Whatever shows an hour may call it; logs and journals are in UTC.
package frtime

import (
	"time"
	_ "time/tzdata" // a container has no time zones of its own
)

var zone = mustLoad("Europe/Paris")

// mustLoad cannot fail: the time zones are linked into the program.
func mustLoad(name string) *time.Location {
	where, err := time.LoadLocation(name)
	if err != nil {
		panic("frtime: " + err.Error())
	}
	return where
}

// Time is t as the clocks of Paris show it.
func Time(t time.Time) time.Time { return t.In(zone) }
