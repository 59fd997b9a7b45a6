package sitetest

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// Commands that no careful person gives: twice, again, forged.

func (w *walk) tab(_ bool, args []string) error {
	name := "tab " + args[0]
	if w.browsers[name] == nil {
		w.browsers[name] = w.now.Tab()
	}
	w.now = w.browsers[name]
	return nil
}

func (w *walk) again(bool, []string) error { return w.now.Again() }

// twice is a double click on a slow line: both requests leave with the same cookies, before either is answered.
func (w *walk) twice(_ bool, args []string) error {
	button := ""
	if len(args) > 0 {
		button = args[0]
	}
	if _, err := w.now.Request(button); err != nil {
		return err
	}
	other := w.now.Tab()
	other.last = w.now.last
	usual, together := w.now.client, *w.now.client
	together.Transport = &meeting{all: make(chan struct{})}
	w.now.client, other.client = &together, &together
	defer func() { w.now.client = usual }()
	var clicks errgroup.Group
	clicks.Go(w.now.Again)
	clicks.Go(other.Again)
	if err := clicks.Wait(); err != nil {
		return err
	}
	if other.Place() != w.now.Place() || other.Status != w.now.Status {
		return fmt.Errorf("the second click ended on %d %s:\n%s", other.Status, other.URL, other.Text())
	}
	return nil
}

// meeting is where two requests wait for one another. The client has given each its cookies by then.
type meeting struct {
	come atomic.Int32
	all  chan struct{}
}

// RoundTrip lets both go once both are there, and what follows (redirects) at once.
func (m *meeting) RoundTrip(r *http.Request) (*http.Response, error) {
	if m.come.Add(1) == 2 {
		close(m.all)
	}
	select {
	case <-m.all:
		return http.DefaultTransport.RoundTrip(r)
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

func (w *walk) post(_ bool, args []string) error {
	values, header := url.Values{}, http.Header{}
	for _, pair := range args[1:] {
		name, value, _ := strings.Cut(pair, "=")
		if field, isHeader := strings.CutPrefix(name, "@"); isHeader {
			header.Set(field, value)
		} else {
			values.Add(name, grown(value))
		}
	}
	r, err := Post(w.site.URL+args[0], values)
	if err != nil {
		return err
	}
	for name := range header {
		r.Header.Set(name, header.Get(name))
	}
	return w.now.Do(r)
}

func (w *walk) raw(_ bool, args []string) error {
	r, err := http.NewRequest(http.MethodPost, w.site.URL+args[0], strings.NewReader(args[1]))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return w.now.Do(r)
}

// grown makes input that is hard to write short: "x*10000" is ten thousand x, %0A a line break.
func grown(value string) string {
	if plain, err := url.PathUnescape(value); err == nil {
		value = plain
	}
	unit, times, found := strings.Cut(value, "*")
	var n int
	if _, err := fmt.Sscanf(times, "%d", &n); !found || err != nil {
		return value
	}
	return strings.Repeat(unit, n)
}

func (w *walk) cookie(_ bool, args []string) error {
	for _, c := range w.now.Cookies() {
		if c.Name != args[0] {
			continue
		}
		switch how := args[1]; {
		case how == "flip":
			middle := len(c.Value) / 2
			c.Value = c.Value[:middle] + string(c.Value[middle]^1) + c.Value[middle+1:]
		case how == "cut":
			c.Value = c.Value[:len(c.Value)/2]
		default:
			c.Value = how
		}
		c.Path = "/"
		w.now.SetCookies([]*http.Cookie{c})
		return nil
	}
	return fmt.Errorf("no cookie %q", args[0])
}

// await is for what the site does after its answer. Bounded by a time no working site takes.
func (w *walk) await(_ bool, args []string) error {
	for until := time.Now().Add(20 * time.Second); !strings.Contains(w.now.Text(), fold(args[0])); {
		if time.Now().After(until) {
			return fmt.Errorf("the page never said %q", args[0])
		}
		if err := w.now.Open(w.now.URL.Path); err != nil {
			return err
		}
	}
	return nil
}
