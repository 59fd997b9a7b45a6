package ui

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/notice"
	"efpconnect.example/internal/settings"
	"efpconnect.example/internal/store"
	"efpconnect.example/selfservice-ui/hook"
)

// readyLimit bounds the question whether the neighbours answer: who asks wants to know within two seconds.
const readyLimit = 1500 * time.Millisecond

// internal is the listener that only Kratos and the platform reach:
//
//	/hooks/password-permit   Kratos, before it saves a password
//	/health/alive            the process runs; a platform restarts it when not
//	/health/serving          the proxy may send people here: yes until the process stops, even while Kratos is down, so that
//	                         they see our page
//	/health/ready            Kratos answers and the store takes writes, asked now: for alerts and deployments
//	/metrics                 Prometheus
func (s *Site) internal(client *kratos.Client, parts Parts, key string) http.Handler {
	ready := func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, readyLimit)
		defer cancel()
		var kratosErr, storeErr error
		var asked sync.WaitGroup // at once: a Kratos that hangs leaves the store its time
		asked.Go(func() { kratosErr = client.Ready(ctx) })
		asked.Go(func() { storeErr = parts.Store.Ping(ctx) })
		asked.Wait()
		parts.Metrics.Ready("kratos", kratosErr == nil)
		parts.Metrics.Ready("store", storeErr == nil)
		return errors.Join(named("kratos", kratosErr), named("store", storeErr))
	}
	m := http.NewServeMux()
	m.Handle(hook.Path, parts.Metrics.Permits(&hook.Handler{Store: parts.Store, Key: key, Log: parts.Log}))
	m.HandleFunc("GET /health/alive", text("ok\n"))
	m.HandleFunc("GET /health/serving", func(w http.ResponseWriter, r *http.Request) {
		if s.draining.Load() {
			http.Error(w, "stopping", http.StatusServiceUnavailable)
			return
		}
		text("ok\n")(w, r)
	})
	m.HandleFunc("GET /health/ready", func(w http.ResponseWriter, r *http.Request) {
		if err := ready(r.Context()); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		text("ok\n")(w, r)
	})
	m.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		_ = ready(r.Context()) // efp_ready is to be of now
		parts.Metrics.Handler().ServeHTTP(w, r)
	})
	return m
}

// named says which part fails and how, and no more: the cause may hold an address.
func named(part string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, store.ErrFull):
		return errors.New(part + " is full")
	case errors.Is(err, store.ErrReadOnly):
		return errors.New(part + " takes no writes")
	}
	return errors.New(part + " does not answer")
}

// newNotices is nil where no relay is set.
func newNotices(set settings.Settings, parts Parts) (*notice.Notices, error) {
	if set.NoticeSMTP == "" {
		return nil, nil
	}
	return notice.New(notice.Options{SMTP: set.NoticeSMTP, Store: parts.Store, Log: parts.Log, Count: parts.Metrics.Notice,
		Texts: notice.Texts{PublicURL: set.PublicURL, EnvironmentLabel: set.EnvironmentLabel, Ministry: set.Ministry, ServiceName: set.ServiceName,
			AssistanceURL: set.AssistanceURL, Sender: set.MailSender}})
}

// Alive asks a running process whether it is: the health check of a container that has no shell.
func Alive(ctx context.Context, set settings.Settings) error {
	host, port, err := net.SplitHostPort(set.InternalListen)
	if err != nil {
		return fmt.Errorf("internal_listen: %w", err)
	}
	if address := net.ParseIP(host); host == "" || address != nil && address.IsUnspecified() {
		host = "127.0.0.1"
	}
	return alive(ctx, net.JoinHostPort(host, port))
}

// alive asks the internal listener of this machine whether it answers.
func alive(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, readyLimit)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/health/alive", nil)
	if err != nil {
		return err
	}
	// No proxy, whatever the container's variables say: it asks itself.
	answer, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("health: %s", answer.Status)
	}
	return nil
}
