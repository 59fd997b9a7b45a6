package cas

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"efpconnect.example/internal/store"
)

// entered is one service that a session has entered, as long as it must be told of the session's end.
type entered struct {
	Entry   string `json:"entry"`   // of the registry
	Ticket  string `json:"ticket"`  // the SessionIndex that the service knows
	Session string `json:"session"` // Kratos's
}

// index lists what an account's sessions have entered. It is written once a sign-in and read at a log-out.
//
// Entries are numbered within a period, so that two sign-ins at once need no lock. An entry lives as long as its session; the number
// of a period lives two periods, so what is looked for is in this period or in the one before.
type index struct {
	store store.Store
	now   func() time.Time
}

// period is longer than any session should live. The doctor says where Kratos's sessions live longer.
const period = 31 * 24 * time.Hour

func (x index) periods() [2]int64 {
	current := x.now().Unix() / int64(period/time.Second)
	return [2]int64{current, current - 1}
}

func countKey(account string, p int64) string {
	return "cas:entered:" + account + ":" + strconv.FormatInt(p, 10)
}

func entryKey(account string, p int64, n int) string {
	return countKey(account, p) + ":" + strconv.Itoa(n)
}

// add notes that a session has entered a service.
func (x index) add(ctx context.Context, account string, e entered, life time.Duration) error {
	value, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("cas: index: %w", err)
	}
	p := x.periods()[0]
	n, err := x.store.Count(ctx, countKey(account, p), 2*period)
	if err != nil {
		return err
	}
	return x.store.Put(ctx, entryKey(account, p, n), value, max(life, time.Second))
}

// take removes and returns what a session has entered; every session of the account for "". The entries of other sessions stay.
func (x index) take(ctx context.Context, account, session string) (list []entered, err error) {
	for _, p := range x.periods() {
		// Counting is the one way to read a count; the number that it skips holds nothing.
		last, err := x.store.Count(ctx, countKey(account, p), 2*period)
		if err != nil {
			return list, err
		}
		for n := last - 1; n > 0; n-- {
			e, found, err := x.takeOne(ctx, entryKey(account, p, n), session)
			if err != nil {
				return list, err
			}
			if found {
				list = append(list, e)
			}
		}
	}
	return list, nil
}

func (x index) takeOne(ctx context.Context, key, session string) (e entered, found bool, err error) {
	value, found, err := x.store.Get(ctx, key)
	if err != nil || !found {
		return entered{}, false, err
	}
	if err := json.Unmarshal(value, &e); err != nil {
		return entered{}, false, errors.Join(fmt.Errorf("cas: index: %w", err), x.store.Delete(ctx, key))
	}
	if session != "" && e.Session != session {
		return entered{}, false, nil
	}
	deleted, err := x.store.DeleteIf(ctx, key, value) // two log-outs at once tell each service once
	return e, deleted, err
}
