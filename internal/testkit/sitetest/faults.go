package sitetest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// Faults stands between the site and Kratos, and between Kratos and the permit hook, and misbehaves when told to. What
// the site is told in confidence goes through it too, so it notes that for the search of the logs.
type Faults struct {
	record  *Record
	working sync.RWMutex // read-locked by each request that Kratos is at

	mu     sync.Mutex
	kratos string        // see the command kratos
	late   time.Duration // with "slow"
	hook   string        // "down": the permit hook cannot be reached; "refuses": it knows no permit
}

// refusals are Kratos's messages on the password that v1.3.1 alone, here, cannot be brought to give: "breached" needs the
// Internet, "same" a newer version, "short" a password that our own policy would not have refused before. The shapes are
// those that Kratos was seen to answer; internal/kratos has tests of each.
var refusals = map[string]string{
	"breached": `{"id":4000034,"type":"error","text":"","context":{"breaches":42}}`,
	"same":     `{"id":4000039,"type":"error","text":""}`,
	"short":    `{"id":4000032,"type":"error","text":"","context":{"actual_length":12,"min_length":14}}`,
	"long":     `{"id":4000033,"type":"error","text":"","context":{"actual_length":80,"max_length":72}}`,
	"other":    `{"id":4000005,"type":"error","text":""}`,
}

// Before stands between Kratos and sites that the caller starts itself, which find it at the returned address.
func Before(t testing.TB, real string) (*Faults, string) {
	f := &Faults{record: NewRecord()}
	return f, f.front(t, real)
}

// front is the address at which Kratos is reached through the faults.
func (f *Faults) front(t testing.TB, real string) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f.serve(w, r, real) }))
	t.Cleanup(server.Close)
	return server.URL
}

// hookFront is the address at which Kratos finds the permit hook.
func (f *Faults) hookFront(t testing.TB, real string) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		mode := f.hook
		f.mu.Unlock()
		switch mode {
		case "down":
			panic(http.ErrAbortHandler)
		case "refuses": // asked about another flow, the real one refuses as it would without a permit
			r.Body = io.NopCloser(strings.NewReader(`{"flow":"00000000-0000-4000-8000-000000000000","flow_type":"settings","method":"password"}`))
		}
		if answer, body, err := forward(r, real); err == nil {
			copyAnswer(w, answer, body)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// setKratos switches what Kratos does: up, down, slow DURATION, cut, nonsense, 500, mute
// (it sends no code), forgetful (it knows no flow any more), refuse KIND.
func (f *Faults) setKratos(args []string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.kratos = strings.Join(args, " ")
	if late, isSlow := strings.CutPrefix(f.kratos, "slow "); isSlow {
		var err error
		f.kratos, f.late = "slow", 0
		f.late, err = time.ParseDuration(late)
		return err
	}
	if kind, refuses := strings.CutPrefix(f.kratos, "refuse "); refuses && refusals[kind] == "" {
		return fmt.Errorf("kratos: no refusal %q", kind)
	}
	return nil
}

// serve is Kratos as it is told to be. Slow and cut are the worst: Kratos has done what it was asked, and its answer is lost.
func (f *Faults) serve(w http.ResponseWriter, r *http.Request, real string) {
	f.mu.Lock()
	mode, late := f.kratos, f.late
	f.mu.Unlock()
	asked, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	f.record.asked(r, asked)
	r.Body = io.NopCloser(bytes.NewReader(asked))
	kind, refuses := strings.CutPrefix(mode, "refuse ")
	switch {
	case mode == "down":
		panic(http.ErrAbortHandler)
	case mode == "mute" && r.Method == http.MethodPost && r.URL.Path == "/self-service/recovery":
		panic(http.ErrAbortHandler)
	case mode == "forgetful" && r.Method == http.MethodPost && r.URL.Path == "/self-service/recovery":
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"error":{"code":404,"status":"Not Found"}}`)
		return
	case mode == "500":
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = io.WriteString(w, `{"error":{"code":500,"status":"Internal Server Error"}}`)
		return
	case mode == "nonsense":
		_, _ = io.WriteString(w, "<h1>Bienvenue</h1>")
		return
	case refuses && r.Method == http.MethodPost && r.URL.Path == "/self-service/settings":
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintf(w, `{"id":%q,"state":"show_form","ui":{"nodes":[{"attributes":{"name":"password"},"messages":[%s]}]}}`, r.URL.Query().Get("flow"), refusals[kind])
		return
	}
	f.working.RLock()
	answer, body, err := forward(r, real)
	f.working.RUnlock()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	f.record.answered(r.URL.Path, answer, body)
	switch mode {
	case "slow":
		select {
		case <-time.After(late):
		case <-r.Context().Done():
		}
	case "cut":
		w.Header().Set("Content-Length", fmt.Sprint(len(body)+1))
		body = body[:len(body)/2]
	}
	copyAnswer(w, answer, body)
}

// settle waits until Kratos has answered what the site has asked it so far. A site without Faults is not waited for.
func (f *Faults) settle() {
	if f == nil {
		return
	}
	f.working.Lock()
	defer f.working.Unlock()
}

var plain = &http.Client{Transport: &http.Transport{}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// forward asks the real one, and waits for it even when the caller has gone.
func forward(r *http.Request, real string) (*http.Response, []byte, error) {
	asked, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, nil, err
	}
	ask, err := http.NewRequest(r.Method, real+r.URL.RequestURI(), bytes.NewReader(asked))
	if err != nil {
		return nil, nil, err
	}
	ask.Header = r.Header.Clone()
	ask.Header.Set("Accept-Encoding", "identity")
	answer, err := plain.Do(ask)
	if err != nil {
		return nil, nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return answer, body, err
}

func copyAnswer(w http.ResponseWriter, answer *http.Response, body []byte) {
	for name, values := range answer.Header {
		if name != "Content-Length" {
			w.Header()[name] = values
		}
	}
	w.WriteHeader(answer.StatusCode)
	_, _ = w.Write(body)
}

func (w *walk) kratos(_ bool, args []string) error { return w.site.Faults.setKratos(args) }

func (w *walk) hook(_ bool, args []string) error {
	w.site.Faults.mu.Lock()
	defer w.site.Faults.mu.Unlock()
	w.site.Faults.hook = args[0]
	return nil
}

func (w *walk) store(_ bool, args []string) error {
	switched, ok := w.site.Store.(*flakyStore)
	if !ok {
		return fmt.Errorf("this site's store cannot be lost")
	}
	switched.set(args[0])
	return nil
}
