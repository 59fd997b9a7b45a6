// Package entered remembers which services a session has entered, as long as they must be told of its end. Each protocol by which
// services sign people in has an index of its own.
package entered

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"efpconnect.example/internal/store"
)

// Visit is one service that a session has entered.
type Visit struct {
	Entry   string `json:"entry"`            // of the registry
	Ticket  string `json:"ticket"`           // the name of the session that the service knows
	Session string `json:"session"`          // Kratos's
	Subject string `json:"subject,omitzero"` // of the engine that tells the service, where one does
}

// Index lists what an account's sessions have entered. It is written once a sign-in and read at a log-out.
//
// Entries are numbered within a period, so that two sign-ins at once need no lock. An entry lives as long as its session; the number
// of a period lives two periods, so what is looked for is in this period or in the one before.
type Index struct {
	Kind  string // of its keys: the protocol
	Store store.Store
	Now   func() time.Time
}

// period is longer than any session should live. The doctor says where Kratos's sessions live longer.
const period = 31 * 24 * time.Hour

func (x Index) periods() [2]int64 {
	current := x.Now().Unix() / int64(period/time.Second)
	return [2]int64{current, current - 1}
}

func (x Index) countKey(account string, p int64) string {
	return x.Kind + ":entered:" + account + ":" + strconv.FormatInt(p, 10)
}

func (x Index) entryKey(account string, p int64, n int) string {
	return x.countKey(account, p) + ":" + strconv.Itoa(n)
}

// Add notes that a session has entered a service.
func (x Index) Add(ctx context.Context, account string, e Visit, life time.Duration) error {
	value, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("entered: %w", err)
	}
	p := x.periods()[0]
	n, err := x.Store.Count(ctx, x.countKey(account, p), 2*period)
	if err != nil {
		return err
	}
	return x.Store.Put(ctx, x.entryKey(account, p, n), value, max(life, time.Second))
}

// Take removes and returns what a session has entered; every session of the account for "". The entries of other sessions stay.
func (x Index) Take(ctx context.Context, account, session string) (list []Visit, err error) {
	err = x.each(ctx, account, session, func(key string, value []byte, e Visit) error {
		deleted, err := x.Store.DeleteIf(ctx, key, value) // two log-outs at once tell each service once
		if deleted {
			list = append(list, e)
		}
		return err
	})
	return list, err
}

// Move gives what a session has entered to the one that follows it in the same browser, for as long as that one lives.
func (x Index) Move(ctx context.Context, account, from, to string, life time.Duration) error {
	return x.each(ctx, account, from, func(key string, _ []byte, e Visit) error {
		e.Session = to
		value, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("entered: %w", err)
		}
		return x.Store.Put(ctx, key, value, max(life, time.Second))
	})
}

// each calls do with the entries of a session; of every session of the account for "".
func (x Index) each(ctx context.Context, account, session string, do func(key string, value []byte, e Visit) error) error {
	for _, p := range x.periods() {
		// Counting is the one way to read a count; the number that it skips holds nothing.
		last, err := x.Store.Count(ctx, x.countKey(account, p), 2*period)
		if err != nil {
			return err
		}
		for n := last - 1; n > 0; n-- {
			if err := x.one(ctx, x.entryKey(account, p, n), session, do); err != nil {
				return err
			}
		}
	}
	return nil
}

func (x Index) one(ctx context.Context, key, session string, do func(key string, value []byte, e Visit) error) error {
	value, found, err := x.Store.Get(ctx, key)
	if err != nil || !found {
		return err
	}
	var e Visit
	if err := json.Unmarshal(value, &e); err != nil {
		return errors.Join(fmt.Errorf("entered: %w", err), x.Store.Delete(ctx, key))
	}
	if session != "" && e.Session != session {
		return nil
	}
	return do(key, value, e)
}
