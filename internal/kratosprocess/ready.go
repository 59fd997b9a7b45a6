package kratosprocess

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// waitReady returns once both of Kratos's ports say that they are ready (database reached, migrations done).
func (p *Process) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	// Its own transport, closed at the end: an idle connection would delay Kratos's shutdown.
	client := &http.Client{Transport: &http.Transport{}, Timeout: 5 * time.Second}
	defer client.CloseIdleConnections()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for _, url := range []string{p.AdminURL + "/admin/health/ready", p.PublicURL + "/health/ready"} {
		for !answersOK(ctx, client, url) {
			select {
			case <-p.exited:
				return ErrExited
			case <-ctx.Done():
				return fmt.Errorf("kratos is not ready: %w", ctx.Err())
			case <-tick.C:
			}
		}
	}
	return nil
}

func answersOK(ctx context.Context, client *http.Client, url string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	response.Body.Close()
	return response.StatusCode == http.StatusOK
}
