// Package remind writes to the imported people who have not chosen a password: who they are (Plan), then their mails (Send), in
// waves, through the operator's relay. Called by import-accounts.
//
//	campaign   what the operator decides: texts, relay, pace
//	plan       who is to be written to; a wave is fixed before its first mail
//	send       the way of one mail: look, note the intent, hand over, note the outcome
//	queue      whose turn it is: so many an hour for each recipient domain
//	watch      the stop rule
//	relay      SMTP, and what its answers mean
//	inbox      delivery reports and answers to List-Unsubscribe
//	ledger     what is remembered, in one SQLite file beside the import's journal
//
// A mail's intent is on disk before the relay hears of it. What a kill leaves between the two notes is uncertain: it is listed, and
// counts as sent. The ledger holds no address: a keyed hash of it, and its domain.
package remind

import (
	"context"
	"time"

	"efpconnect.example/internal/importer/send"
	"efpconnect.example/internal/kratos"
)

// Options of Plan and Send.
type Options struct {
	Kratos   *kratos.Admin
	Campaign Campaign
	// Journal is the path of the import's journal; the ledger is made beside it.
	Journal string
	// People of a wave at most; 0: as the campaign says.
	People int
	// For is how long Send works at most; 0: until the wave ends.
	For time.Duration
	// Concurrency, GiveUp and Wait are for a Kratos or a relay in trouble, as in an import.
	Concurrency int
	GiveUp      time.Duration
	Wait        func(pause time.Duration, cause error)
	// Confirm is given the wave before its first mail; nil: no question.
	Confirm func(Plan) bool
	// Progress hears of the wave now and then.
	Progress func(Progress)
	Now      func() time.Time
	Sleep    func(context.Context, time.Duration) error
}

// Progress of a wave.
type Progress struct {
	Wave  int `json:"wave"`
	Done  int `json:"done"` // people whose turn has come
	Total int `json:"total"`
	Sent  int `json:"sent"`
}

func (o *Options) setDefaults() {
	if o.People == 0 {
		o.People = o.Campaign.Wave
	}
	if o.Concurrency == 0 {
		o.Concurrency = 4
	}
	if o.GiveUp == 0 {
		o.GiveUp = 15 * time.Minute
	}
	if o.Wait == nil {
		o.Wait = func(time.Duration, error) {}
	}
	if o.Progress == nil {
		o.Progress = func(Progress) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
}

func (o *Options) pace() *send.Pace { return send.NewPace(o.Concurrency, o.GiveUp, o.Wait) }

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
