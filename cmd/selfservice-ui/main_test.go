package main

import (
	"net"
	"net/http"
	"strings"
	"testing"
)

// What is missing is told, after everything is printed; a secret never is.
func TestConfig(t *testing.T) {
	t.Setenv("EFP_HOOK_KEY", "hK-7f3c9e1a5d8b2046")
	var out strings.Builder
	command := newCommand()
	command.SetOut(&out)
	command.SetArgs([]string{"config", "--service-name", "Essai"})
	err := command.ExecuteContext(t.Context())
	if err == nil || !strings.Contains(err.Error(), "EFP_KEYS") {
		t.Errorf("%v: the sealing keys are missing", err)
	}
	if !strings.Contains(out.String(), `service_name: "Essai"`) || !strings.Contains(out.String(), "hook_key: (set)") || strings.Contains(out.String(), "hK-7f3c") {
		t.Error(out.String())
	}
}

func TestHealth(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	alive := true
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/health/alive" || !alive {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	ask := func() error {
		command := newCommand()
		command.SetArgs([]string{"health", "--internal-listen", "0.0.0.0:" + port})
		return command.ExecuteContext(t.Context())
	}
	if err := ask(); err != nil {
		t.Error(err)
	}
	alive = false
	if ask() == nil {
		t.Error("an unhealthy process is called alive")
	}
	_ = server.Close()
	if ask() == nil {
		t.Error("nobody listens and is called alive")
	}
}
