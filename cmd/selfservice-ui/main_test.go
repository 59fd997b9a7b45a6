package main

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
)

// What is missing is told, after everything is printed; a secret never is.
func TestConfig(t *testing.T) {
	t.Setenv("EFP_HOOK_KEY", "hK-7f3c9e1a5d8b2046f1e9c7a3d4b0c2")
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

// Every command, in success and in failure, with secrets that are good, bad and in the wrong place.
func TestNoSecretInAnyOutput(t *testing.T) {
	good := map[string]string{"EFP_KEYS": "Kc0FvQ4z6h8Jw2mB9xL5tR7yP3nD1sGaUeIoWqZbXrM", "EFP_HOOK_KEY": "hK-7f3c9e1a5d8b2046f1e9c7a3d4b0c2",
		"EFP_REDIS_URL": "redis://:rD-51c0ffee@127.0.0.1:1/0", "EFP_NOTICE_SMTP": "smtp://user:sM-77bada55@127.0.0.1:1"}
	bad := map[string]string{"EFP_KEYS": "Kc0FvQ4z", "EFP_HOOK_KEY": "hK-7f3c", "EFP_REDIS_URL": "rD-51c0ffee@:x", "EFP_NOTICE_SMTP": "http://user:sM-77bada55@[",
		"EFP_KRATOS_URL": "http://user:kR-0ddba11@kratos:4433"}
	for _, secrets := range []map[string]string{good, bad} {
		for name, value := range secrets {
			t.Setenv(name, value)
		}
		for _, args := range [][]string{{"config"}, {"config", "--public-url", "nowhere"}, {"health", "--internal-listen", "127.0.0.1:1"}, {"--help"},
			{"--public-url", "nowhere"}, {"--listen", "203.0.113.9:1"}, {"--limits", "none"}} {
			var out strings.Builder
			command := newCommand()
			command.SetOut(&out)
			command.SetErr(&out)
			command.SetArgs(args)
			ctx, cancel := context.WithCancel(t.Context())
			cancel() // what starts all the same ends at once
			if err := command.ExecuteContext(ctx); err != nil {
				out.WriteString(err.Error())
			}
			if out.Len() == 0 {
				t.Errorf("%v says nothing", args)
			}
			for _, fragment := range []string{"Kc0FvQ4z", "hK-7f3c", "51c0ffee", "77bada55", "0ddba11"} {
				if strings.Contains(out.String(), fragment) {
					t.Errorf("%v: %s… can be read in\n%s", args, fragment, out.String())
				}
			}
		}
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
