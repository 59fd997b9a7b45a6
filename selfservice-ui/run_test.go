package ui

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"efpconnect.example/internal/seal"
	"efpconnect.example/internal/settings"
)

// lines is a log that two goroutines use.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Who reads the log of several processes sees that each has a memory of its own.
func TestTheLogNamesTheStore(t *testing.T) {
	for address, want := range map[string]string{"": `"store":"memory"`, "redis://:secret-word@127.0.0.1:1/0": `"store":"redis"`} {
		set := settings.Defaults()
		set.Listen, set.InternalListen, set.Drain = "127.0.0.1:0", "127.0.0.1:0", 0
		set.Keys, set.HookKey, set.RedisURL = []string{seal.NewKey()}, seal.NewKey(), address
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // it starts all the same, and ends at once
		var log lines
		if err := Run(ctx, set, nil, &log); err != nil {
			t.Error(err)
		}
		if said := log.String(); !strings.Contains(said, want) || strings.Contains(said, "secret-word") {
			t.Errorf("%s is not in %s", want, said)
		}
	}
}

// An empty variable is a value: who meant none of it reads so in the log.
func TestTheLogWarnsOfAFormWithoutProtection(t *testing.T) {
	for _, c := range []struct {
		reset, login []string
		want         int
	}{
		{[]string{"picture"}, []string{"proof"}, 0},
		{nil, []string{"proof"}, 1},
		{[]string{"picture"}, []string{}, 1},
		{nil, nil, 2},
	} {
		set := settings.Defaults()
		set.Listen, set.InternalListen, set.Drain = "127.0.0.1:0", "127.0.0.1:0", 0
		set.Keys, set.HookKey, set.ProtectReset, set.ProtectLogin = []string{seal.NewKey()}, seal.NewKey(), c.reset, c.login
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		var log lines
		if err := Run(ctx, set, nil, &log); err != nil {
			t.Error(err)
		}
		said := log.String()
		for name, asks := range map[string][]string{"protect_reset": c.reset, "protect_login": c.login} {
			if warned := strings.Contains(said, `"level":"WARN","msg":"nothing is asked of robots","setting":"`+name+`"`); warned != (len(asks) == 0) {
				t.Errorf("%s %q: %s", name, asks, said)
			}
		}
		if got := strings.Count(said, `"level":"WARN"`); got != c.want {
			t.Errorf("%d warnings, want %d: %s", got, c.want, said)
		}
	}
}

// A SIGHUP follows log_level, and a file that is wrong by then ends nothing.
func TestHangup(t *testing.T) {
	hangups := make(chan os.Signal, 1)
	var level slog.LevelVar
	var log lines
	answers := make(chan error, 1)
	answers <- nil
	reread := func() (settings.Settings, error) {
		select {
		case err := <-answers:
			return settings.Settings{LogLevel: "debug"}, err
		default:
			return settings.Settings{}, errors.New("log_level: no such level")
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		onHangup(ctx, hangups, &level, hangup{settings.Settings{ServiceName: "EFP Connect"}, reread}, logger(&level, &log, nil))
		close(ended)
	}()
	until := func(text string) {
		t.Helper()
		deadline := time.After(5 * time.Second)
		for !strings.Contains(log.String(), text) {
			select {
			case hangups <- syscall.SIGHUP:
			case <-deadline:
				t.Fatalf("%q was not logged: %s", text, log.String())
			case <-time.After(10 * time.Millisecond):
			}
		}
	}
	until(`"is":"DEBUG"`)
	if level.Level() != slog.LevelDebug {
		t.Errorf("the level is %v", level.Level())
	}
	until(`"msg":"settings that wait for a restart","setting":"service_name"`)
	until("log_level stays")
	if level.Level() != slog.LevelDebug {
		t.Errorf("a wrong file changed the level to %v", level.Level())
	}
	cancel()
	<-ended
}
