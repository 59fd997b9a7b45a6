package formguard

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"efpconnect.example/internal/captcha/proof"
	"efpconnect.example/selfservice-ui/browser"
	"efpconnect.example/selfservice-ui/page"
)

// Reply is what a form is answered where it has to be sent again: the answer leads to the page, and the page, which is asked for by
// GET, says it. So neither « Précédent » nor a reload ever asks whether a form is to be sent again.
//
// It travels in a sealed cookie of its own, named after the tab's handle: the page it is shown on has that handle in its address and in
// its form. Two tabs never swallow each other's.
type Reply struct {
	Path     string         `json:"path"`
	Status   int            `json:"status,omitzero"`
	Problems []page.Problem `json:"problems,omitzero"`
	Notice   *page.Notice   `json:"notice,omitzero"`
	Typed    url.Values     `json:"typed,omitzero"` // the fields that are no secrets
}

const (
	replyTime = 10 * time.Minute
	// longestTyped bounds each field that is kept, in bytes: a cookie that is too large is kept by no browser.
	longestTyped = 1024
)

// ReplyCookie names the cookies of the replies: a handle follows.
func ReplyCookie(base browser.SealedCookie) *browser.SealedCookie {
	base.Name, base.TTL, base.Keep = "efp_reponse_", replyTime, true
	return &base
}

func (g *Guard) reply(handle string) *browser.SealedCookie {
	c := *g.Replies
	c.Name += handle
	return &c
}

// Answer leads to the page that shows what p has to say; keep names the form's fields that it shows again, beside the guard's own.
func (g *Guard) Answer(w http.ResponseWriter, r *http.Request, to string, p page.Page, keep ...string) error {
	target, err := url.Parse(to)
	if err != nil {
		return fmt.Errorf("formguard: a page's address: %w", err)
	}
	handle := page.Handle(r.PostForm)
	if handle == "" {
		handle = rand.Text()[:page.HandleLength]
	}
	said := Reply{Path: target.Path, Status: p.Status, Problems: spelt(p.Problems), Notice: p.Notice, Typed: typed(r.PostForm, keep)}
	if p.Notice != nil {
		said.Notice = &page.Notice{Kind: p.Notice.Kind, Key: p.Notice.Key, Args: texts(p.Notice.Args)}
	}
	if err := g.reply(handle).Set(w, said); err != nil {
		return err
	}
	query := target.Query()
	query.Set(page.FieldHandle, handle)
	target.RawQuery = query.Encode()
	if Renewed(r) {
		target.Fragment = "securite" // where whoever asked for another picture was
	}
	http.Redirect(w, r, target.String(), http.StatusSeeOther)
	return nil
}

// Recall is what this page has to say to the form that led to it. It is said once; what was typed stays, as the request's own form.
func (g *Guard) Recall(w http.ResponseWriter, r *http.Request) (Reply, bool, error) {
	handle := page.Handle(r.URL.Query())
	var said Reply
	if handle == "" || !g.reply(handle).Get(r, &said) || said.Path != r.URL.Path {
		return Reply{}, false, nil
	}
	r.PostForm = said.Typed
	if r.Method != http.MethodGet {
		return said, true, nil
	}
	return said, true, g.reply(handle).Set(w, Reply{Path: said.Path, Typed: said.Typed})
}

// On adds it to the page.
func (said Reply) On(p *page.Page) {
	p.Status, p.Problems, p.Notice = said.Status, said.Problems, said.Notice
}

// typed are the fields to be shown again. A proof and the password are none: that the box was there is all that is kept of it.
func typed(form url.Values, keep []string) url.Values {
	kept := url.Values{}
	for _, name := range append(keep, FieldChallenge, FieldAnswer, FieldRenew) {
		if value := form.Get(name); form.Has(name) && len(value) <= longestTyped {
			kept.Set(name, strings.ToValidUTF8(value, "�"))
		}
	}
	if form.Has(proof.FieldName) {
		kept.Set(proof.FieldName, "")
	}
	return kept
}

// spelt are the problems with their numbers as texts: a cookie knows no int.
func spelt(problems []page.Problem) []page.Problem {
	list := make([]page.Problem, 0, len(problems))
	for _, p := range problems {
		list = append(list, page.Problem{Field: p.Field, Key: p.Key, Args: texts(p.Args)})
	}
	return list
}

func texts(args []any) []any {
	list := make([]any, 0, len(args))
	for _, arg := range args {
		list = append(list, fmt.Sprint(arg))
	}
	return list
}
