package login

import (
	"context"
	"net/http"
	"sync"
	"time"

	"efpconnect.example/internal/email"
	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/metrics"
	"efpconnect.example/internal/password"
	"efpconnect.example/internal/seal"
)

// lateLife is how long a success that came after its answer had left waits for the same browser and password; then its
// session is ended. Longer than it takes to type a password again.
const lateLife = 2 * time.Minute

// attempts are the logins that Kratos is judging for this process. The same one sent again, by a double click or because its
// answer left before Kratos had judged it, joins the first: Kratos hears a password once, and makes one session.
type attempts struct {
	mu      sync.Mutex
	under   map[string]*attempt
	running sync.WaitGroup
}

// attempt is one of them. It goes on whoever waits for it. All but done is under the lock of attempts.
type attempt struct {
	done      chan struct{}
	verdict   verdict // once done
	waiting   int
	told      bool          // somebody was told the verdict in time
	unclaimed func(verdict) // is given a verdict that nobody was told
}

// verdict is what Kratos said of a login.
type verdict struct {
	kratos.LoginResult
	err error
	// open: it was said before Kratos knew who, and tells nothing of an account.
	open bool
}

// atOnce tells that nothing of the verdict has to be hidden: the right password, which is the proof itself, and what does
// not depend on the identifier.
func (v verdict) atOnce() bool {
	return v.open || v.err == nil && (v.Outcome == kratos.LoggedIn || v.Outcome == kratos.AccountInactive)
}

// join begins an attempt, or waits for the same one that is under way.
func (as *attempts) join(key string, judge func() verdict, unclaimed func(verdict)) *attempt {
	as.mu.Lock()
	defer as.mu.Unlock()
	if a, found := as.under[key]; found {
		a.waiting++
		return a
	}
	a := &attempt{done: make(chan struct{}), waiting: 1, unclaimed: unclaimed}
	if as.under == nil {
		as.under = map[string]*attempt{}
	}
	as.under[key] = a
	as.running.Go(func() {
		v := judge()
		as.mu.Lock()
		delete(as.under, key)
		a.verdict = v
		close(a.done)
		nobody := a.waiting == 0
		as.mu.Unlock()
		if nobody {
			a.unclaimed(v)
		}
	})
	return a
}

// leave ends a wait. Who is told the verdict has it; the last who leaves without hands it on.
func (as *attempts) leave(a *attempt, told bool) {
	as.mu.Lock()
	a.waiting--
	a.told = a.told || told
	done := false
	select {
	case <-a.done:
		done = true
	default:
	}
	nobody := done && a.waiting == 0 && !a.told
	as.mu.Unlock()
	if nobody {
		a.unclaimed(a.verdict)
	}
}

// wait is what an attempt came to by an instant, where that may be told; found is false for everything else.
func (as *attempts) wait(ctx context.Context, a *attempt, until <-chan time.Time) (v verdict, found bool, err error) {
	defer func() { as.leave(a, found) }()
	done := a.done
	for {
		select {
		case <-done:
			if a.verdict.atOnce() {
				return a.verdict, true, nil
			}
			done = nil // until the instant
		case <-until:
			return verdict{}, false, nil
		case <-ctx.Done():
			return verdict{}, false, ctx.Err()
		}
	}
}

// judge has Kratos judge a login, however long it takes.
func (h *Handler) judge(ctx context.Context, t try) verdict {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), h.JudgedWithin)
	defer cancel()
	flow, outcome, err := h.Kratos.OpenLogin(ctx, t.returnTo)
	if err != nil || outcome != "" {
		return verdict{LoginResult: kratos.LoginResult{Outcome: outcome}, err: err, open: true}
	}
	result, err := h.tryForms(ctx, flow, t.who, t.secret)
	switch {
	case err != nil:
		h.note(ctx, metrics.LoginFailed, t.who)
		h.Log.ErrorContext(ctx, "login: Kratos did not judge it", "account", h.account(t.who), "cause", err.Error())
	case result.Outcome == kratos.LoggedIn:
		h.note(ctx, metrics.LoginAccepted, t.who)
		h.Guard.GiveBack(ctx, t.rule, t.budget)
	case result.Outcome == kratos.AccountInactive:
		h.note(ctx, metrics.LoginInactive, t.who)
	default:
		h.note(ctx, metrics.LoginRefused, t.who)
	}
	return verdict{LoginResult: result, err: err}
}

// tryForms has Kratos judge a password in each form that its hash may be of. All count as one try, have one place in the queue, and
// are answered at one instant; how many there are depends on what was typed alone. Only the right password ends it before the last.
func (h *Handler) tryForms(ctx context.Context, flow kratos.LoginFlow, who email.Address, secret string) (result kratos.LoginResult, err error) {
	for _, form := range password.Forms(secret) {
		result, err = h.Kratos.SubmitLogin(ctx, flow, who, form)
		if err != nil || result.Outcome != kratos.LoginRefused {
			break
		}
	}
	return result, err
}

// keepLate lets a success wait, sealed, for the browser whose answer left before it came.
func (h *Handler) keepLate(ctx context.Context, t try, v verdict) {
	if v.err != nil || v.Outcome != kratos.LoggedIn {
		return
	}
	ctx = context.WithoutCancel(ctx)
	h.Metrics.Login(metrics.LoginLate)
	sealed, err := seal.SealWith(t.browser, v.Cookies)
	if err == nil {
		err = h.Store.Put(ctx, t.key, sealed, lateLife+time.Minute)
	}
	if err != nil {
		h.Log.ErrorContext(ctx, "login: a late success could not be kept", "cause", err.Error())
	}
	time.AfterFunc(lateLife, func() { h.endLate(ctx, t.key, v.Cookies) })
}

// endLate ends the session of a late success that nobody came for.
func (h *Handler) endLate(ctx context.Context, key string, cookies []*http.Cookie) {
	_, unclaimed, err := h.Store.Take(ctx, key)
	if err == nil && unclaimed {
		err = h.Kratos.Logout(ctx, cookies)
	}
	if err != nil {
		h.Log.WarnContext(ctx, "login: the session of a late success could not be ended; it ends by itself", "cause", err.Error())
	}
}

// late is the success of the same login, sent before, whose answer had left. One browser gets it, once. A store that does not
// answer keeps no login out: Kratos judges it anew.
func (h *Handler) late(ctx context.Context, t try) (v verdict, found bool) {
	sealed, found, err := h.Store.Take(ctx, t.key)
	if err == nil && found {
		err = seal.OpenWith(t.browser, sealed, &v.Cookies)
	}
	if err != nil {
		h.Log.WarnContext(ctx, "login: whether a success waits could not be told", "cause", err.Error())
		return verdict{}, false
	}
	v.Outcome = kratos.LoggedIn
	return v, found
}

// Close waits for the logins that go on without a request.
func (h *Handler) Close(ctx context.Context) error {
	ended := make(chan struct{})
	go func() { h.attempts.running.Wait(); close(ended) }()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
