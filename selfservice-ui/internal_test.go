package ui

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/metrics"
	"efpconnect.example/internal/store"
)

// The three health checks differ exactly where it matters: Kratos down keeps the proxy routing, a stop does not.
func TestHealth(t *testing.T) {
	client, err := kratos.New("http://127.0.0.1:1", kratos.Options{Timeout: time.Second}) // nobody listens
	if err != nil {
		t.Fatal(err)
	}
	s := &Site{}
	handler := s.internal(client, Parts{Store: store.NewMemory(10, time.Now), Log: slog.New(slog.DiscardHandler), Metrics: metrics.New()}, "key")
	ask := func(path string) (int, string) {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
		body, _ := io.ReadAll(answer.Body)
		return answer.Code, string(body)
	}
	expect := func(when string, want map[string]int) {
		for path, status := range want {
			if got, body := ask(path); got != status {
				t.Errorf("%s: %s is %d %s, want %d", when, path, got, body, status)
			}
		}
	}
	expect("Kratos is down", map[string]int{"/health/alive": 200, "/health/serving": 200, "/health/ready": 503})
	if _, body := ask("/health/ready"); !strings.Contains(body, "kratos") || strings.Contains(body, "127.0.0.1") {
		t.Errorf("/health/ready says %q: the part, and no address", body)
	}
	// A scrape asks for itself: nobody else may have asked for a while.
	if _, body := ask("/metrics"); !strings.Contains(body, `efp_ready{part="kratos"} 0`) || !strings.Contains(body, `efp_ready{part="store"} 1`) {
		t.Error("a scrape does not know who is down")
	}
	s.drain(0)
	expect("stopping", map[string]int{"/health/alive": 200, "/health/serving": 503})
}

// askedStore tells when it is asked whether it answers.
type askedStore struct {
	*store.Memory
	asked chan struct{}
}

func (s askedStore) Ping(context.Context) error {
	close(s.asked)
	return nil
}

// Kratos and the store are asked at once: one that hangs uses none of the other's time up.
func TestReadyAsksBothAtOnce(t *testing.T) {
	shared := askedStore{store.NewMemory(10, time.Now), make(chan struct{})}
	hanging := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-shared.asked:
			_, _ = io.WriteString(w, `{"status":"ok"}`)
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(hanging.Close)
	client, err := kratos.New(hanging.URL, kratos.Options{})
	if err != nil {
		t.Fatal(err)
	}
	handler := (&Site{}).internal(client, Parts{Store: shared, Log: slog.New(slog.DiscardHandler)}, "key")
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/health/ready", nil))
	if answer.Code != http.StatusOK {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
}
