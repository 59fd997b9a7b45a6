package ui

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/settings"
	"efpconnect.example/internal/store"
	"efpconnect.example/selfservice-ui/page"
)

// What the site needs and does not have for a while is told as that; a limit that cannot be counted refuses.
func TestWhatPassesByItselfIs503(t *testing.T) {
	pages, err := page.NewRenderer(SiteOf(settings.Defaults()))
	if err != nil {
		t.Fatal(err)
	}
	handler := newErrorHandler(pages, slog.New(slog.DiscardHandler))
	for _, c := range []struct {
		err    error
		status int
	}{
		{kratos.ErrUnavailable, http.StatusServiceUnavailable},
		{store.ErrUnavailable, http.StatusServiceUnavailable},
		{store.ErrFull, http.StatusServiceUnavailable}, // later there is room again
		{limit.ErrUnavailable, http.StatusServiceUnavailable},
		{kratos.ErrUnexpected, http.StatusInternalServerError},
		{errors.New("nobody foresaw it"), http.StatusInternalServerError},
	} {
		w := httptest.NewRecorder()
		handler.Fail(w, httptest.NewRequest(http.MethodGet, "/", nil), fmt.Errorf("login: %w", c.err))
		if w.Code != c.status {
			t.Errorf("%v: %d, want %d", c.err, w.Code, c.status)
		}
	}
}
