package sitetest

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
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
	before := w.now.client
	both := *before
	both.Transport = newTogether(2)
	w.now.client = &both
	defer func() { w.now.client = before }()
	other := w.now.Tab()
	other.last = w.now.last
	var clicks errgroup.Group
	clicks.Go(w.now.Again)
	clicks.Go(other.Again)
	if err := clicks.Wait(); err != nil {
		return err
	}
	if other.URL.String() != w.now.URL.String() || other.Status != w.now.Status {
		return fmt.Errorf("the second click ended on %d %s:\n%s", other.Status, other.URL, other.Text())
	}
	return nil
}

// together holds forms back until all of them have their cookies: an answer to one changes no other.
type together struct{ waiting sync.WaitGroup }

func newTogether(n int) *together {
	t := &together{}
	t.waiting.Add(n)
	return t
}

func (t *together) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost { // not the page that it ends on
		t.waiting.Done()
		t.waiting.Wait()
	}
	return http.DefaultTransport.RoundTrip(r)
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
