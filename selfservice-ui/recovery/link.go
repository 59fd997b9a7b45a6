package recovery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gorilla/mux"

	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/limit"
	"efpconnect.example/selfservice-ui/browser"
	"efpconnect.example/selfservice-ui/mailedcode"
	"efpconnect.example/selfservice-ui/page"
)

func (h *Handler) links() mailedcode.Links {
	return mailedcode.Links{Box: h.Box, Purpose: "link suite", Life: h.Times.Flow}
}

// getLink continues the button's flow in this browser. A mail scanner may follow it too: it changes nothing but the
// cookie of whoever follows, and it spends nothing.
func (h *Handler) getLink(w http.ResponseWriter, r *http.Request) error {
	if err := h.Guard.Client(r, limit.LinkClient); err != nil {
		return err
	}
	linked, err := h.linked(r)
	if err != nil {
		return err
	}
	mine, ok := h.current(r)
	underWay := ok && h.UnderWay(mine.Flow)
	switch {
	case ok && mine.ID == linked.ID:
		// Further along or not, it stays where it is; its forms in other tabs stay good.
		mine.ByMail = true
		return h.SaveAndRedirect(w, r, mine)
	case underWay && h.Account(mine.Email) == h.Account(linked.Email):
		on, err := h.ofOneEmail(r.Context(), mine, linked)
		if err != nil {
			return err
		}
		return h.SaveAndRedirect(w, r, on)
	case underWay:
		view := mailedcode.LeaveView{Current: mine.Email.Display(), Linked: linked.Email.Display(), Path: mine.Path()}
		return h.Pages.Write(w, r, page.Page{Template: "link", Heading: "reset.heading", Title: "link.title", View: view})
	}
	return h.SaveAndRedirect(w, r, linked)
}

// ofOneEmail decides between two requests for one address: nobody could answer the question which of them is meant. The
// button's goes on, since a mail's code works in its own flow alone and is what whoever pressed has before them; but not where
// the one under way has come to the password, or is newer and the mail's code can no longer work. Neither flow gets anything of
// the other: a mail proves the mailbox to its own flow, so that ByMail has one meaning everywhere.
func (h *Handler) ofOneEmail(ctx context.Context, mine, linked flow) (flow, error) {
	if mine.Token != "" && h.Now().Before(mine.Until) {
		return mine, nil
	}
	t, err := h.loadState(ctx, linked)
	if err != nil {
		return flow{}, err
	}
	takesNone := t.Left(linked.Proof()) == 0 || h.Now().After(t.Sent(linked.Proof()).Add(h.Times.Code))
	if takesNone && linked.Opened.Before(mine.Opened) {
		return mine, nil
	}
	return linked, nil
}

// postLink leaves the flow under way for the button's.
func (h *Handler) postLink(w http.ResponseWriter, r *http.Request) error {
	if err := h.Guard.Client(r, limit.LinkClient); err != nil {
		return err
	}
	linked, err := h.linked(r)
	if err != nil {
		return err
	}
	return h.SaveAndRedirect(w, r, linked)
}

// linked is the button's flow, once it is known to be still open.
func (h *Handler) linked(r *http.Request) (flow, error) {
	l, err := h.links().Open(mux.Vars(r)["link"])
	switch {
	case errors.Is(err, mailedcode.ErrLinkOver):
		return flow{}, errLinkOver
	case err != nil:
		return flow{}, errLinkForged
	}
	at, err := h.addressed(r.Context(), l.ID)
	if err != nil {
		return flow{}, err
	}
	if at.State != kratos.Expired && at.State != kratos.Unknown && at.Email.IsZero() {
		return flow{}, errLinkOver // asked for before addresses were judged: no mail could go there
	}
	f := newFlow(l.ID, at.Email, l.Opened, l.ReturnTo)
	f.Device = browser.Device(r.UserAgent())
	f.ByMail = true
	if at.State == kratos.Expired || at.State == kratos.Unknown {
		return flow{}, errLinkOver
	}
	if finished, err := h.finishedElsewhere(r.Context(), f); err != nil {
		return flow{}, err
	} else if finished {
		return flow{}, errDone
	}
	if mine, ok := h.current(r); at.State == kratos.Passed && (!ok || mine.ID != f.ID) {
		if elsewhere, err := h.elsewhere(r.Context(), f); err != nil || elsewhere {
			return flow{}, cmp.Or(err, error(errElsewhere))
		}
		return flow{}, errCodeUsed
	}
	return f, nil
}

// addressed reads a flow from Kratos, which queues the mail before it notes the address in the flow: on a busy machine the button
// can be pressed in between. It waits for the note: a flow without an address would be another person's to the limits.
func (h *Handler) addressed(ctx context.Context, id string) (kratos.Recovery, error) {
	ctx, cancel := context.WithTimeout(ctx, addressWait)
	defer cancel()
	poll := time.NewTicker(addressPoll)
	defer poll.Stop()
	for {
		at, err := h.Kratos.Recovery(ctx, id)
		if err != nil || at.State != kratos.AwaitsEmail {
			return at, err
		}
		select {
		case <-poll.C:
		case <-ctx.Done():
			return kratos.Recovery{}, fmt.Errorf("recovery: %w: the flow of a mail has no address", kratos.ErrUnavailable)
		}
	}
}

const (
	addressWait = 5 * time.Second
	addressPoll = 100 * time.Millisecond
)

var (
	errLinkForged = &page.Message{Status: http.StatusNotFound, Heading: "reset.heading", Text: "link.forged", Actions: []page.Action{actionRestart, actionLogin}}
	errLinkOver   = &page.Message{Status: http.StatusGone, Heading: "reset.heading", Text: "link.over", Actions: []page.Action{actionRestart, actionLogin}}
	errCodeUsed   = &page.Message{Status: http.StatusGone, Heading: "reset.heading", Text: "code.used", Actions: []page.Action{actionRestart, actionLogin}}
)
