package ui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"efpconnect.example/internal/audit"
	"efpconnect.example/internal/limit"
	"efpconnect.example/internal/metrics"
	"efpconnect.example/internal/settings"
	"efpconnect.example/internal/store"
	"efpconnect.example/selfservice-ui/browser"
	"efpconnect.example/selfservice-ui/errorpages"
)

// Run serves the site until ctx ends, then finishes the requests under way. A SIGHUP reads the settings again with reread and takes
// over log_level; everything else needs a new process, and is named.
func Run(ctx context.Context, set settings.Settings, reread func() (settings.Settings, error), logs io.Writer) error {
	frugal()
	// From before the first thing that takes time until nothing is served any more: a SIGHUP that nobody listens for ends the process.
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	var level slog.LevelVar
	if err := level.UnmarshalText([]byte(set.LogLevel)); err != nil {
		return err
	}
	clear := clearLog(set)
	log := logger(&level, logs, clear)
	store.LogTo(log)
	warn(set, log)
	shared, spend, err := OpenStore(set, log)
	if err != nil {
		return err
	}
	site, err := New(set, Parts{Store: shared, Spend: spend, Log: log, Now: time.Now, Metrics: metrics.New(), Failpoint: reached})
	if err != nil {
		return err
	}
	served, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	if clear != nil {
		go clear.Run(served, func(err error) { log.Error("security log", "cause", err.Error()) })
	}
	go onHangup(served, hangups, &level, hangup{set, reread}, log)
	return site.Serve(ctx, set, log)
}

// warn tells of forms that ask robots nothing: it may be meant, or a variable that a deployment left empty.
func warn(set settings.Settings, log *slog.Logger) {
	if len(set.ProtectReset) == 0 {
		log.Warn("nothing is asked of robots", "setting", "protect_reset")
	}
	if len(set.ProtectLogin) == 0 {
		log.Warn("nothing is asked of robots", "setting", "protect_login")
	}
}

// hangup is what a SIGHUP compares.
type hangup struct {
	running settings.Settings
	reread  func() (settings.Settings, error)
}

// onHangup follows log_level until ctx ends, and names the settings that wait for a restart.
func onHangup(ctx context.Context, hangups <-chan os.Signal, level *slog.LevelVar, h hangup, log *slog.Logger) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangups:
		}
		set, err := h.reread()
		if err == nil {
			err = level.UnmarshalText([]byte(set.LogLevel))
		}
		if err != nil {
			log.Error("settings not read again; log_level stays", "cause", err.Error())
			continue
		}
		log.Log(ctx, audit.Level, "log_level", "is", level.Level().String())
		if waiting := settings.Waiting(h.running, set); len(waiting) > 0 {
			log.Warn("settings that wait for a restart", "setting", strings.Join(waiting, ", "))
		}
	}
}

// reached is nil outside tests: their build sets it to end the process at a chosen point.
var reached func(point string)

// Logger writes JSON lines; each carries the request's id.
func Logger(level string, w io.Writer) (*slog.Logger, error) {
	var l slog.LevelVar
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, err
	}
	return logger(&l, w, nil), nil
}

// logger also writes to clear, the security log, where there is one: what log_level lets through of it.
func logger(level slog.Leveler, w io.Writer, clear *audit.Clear) *slog.Logger {
	h := browser.LogHandler{Handler: slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: audit.LevelName})}
	if clear != nil {
		h.Clear = slog.NewJSONHandler(clear, &slog.HandlerOptions{ReplaceAttr: audit.LevelName})
	}
	return slog.New(h)
}

// clearLog is nil where no folder is named.
func clearLog(set settings.Settings) *audit.Clear {
	if set.SecurityLog == "" {
		return nil
	}
	return &audit.Clear{Dir: set.SecurityLog, Keep: set.SecurityLogKeep, Now: time.Now}
}

// OpenStore is Redis where one is configured, else this process's memory; the limits are counted in the same place.
func OpenStore(set settings.Settings, log *slog.Logger) (store.Store, limit.Spend, error) {
	local := limit.Memory(set.StoreMax, time.Now)
	if set.RedisURL == "" {
		return store.NewMemory(set.StoreMax, time.Now), local, nil
	}
	client, err := store.RedisClient(set.RedisURL)
	if err != nil {
		return nil, nil, err
	}
	spend := limit.Redis(client, "efp:")
	if set.LimitsFallBack {
		spend = limit.FallBack(spend, local, time.Now, log)
	}
	return store.NewRedis(client, "efp:"), spend, nil
}

// storeName is for the log: two processes that each have a memory of their own refuse each other's visitors.
func storeName(set settings.Settings) string {
	if set.RedisURL == "" {
		return "memory"
	}
	return "redis"
}

// Serve takes both addresses, serves them until ctx ends, then lets the requests under way finish.
func (s *Site) Serve(ctx context.Context, set settings.Settings, log *slog.Logger) error {
	public, err := listen("listen", set.Listen)
	if err != nil {
		return err
	}
	internal, err := listen("internal_listen", set.InternalListen)
	if err != nil {
		return errors.Join(err, public.Close())
	}
	return s.ServeOn(ctx, public, internal, set, log)
}

// ServeOn is Serve on addresses already taken; it closes them.
func (s *Site) ServeOn(ctx context.Context, public, internal net.Listener, set settings.Settings, log *slog.Logger) error {
	s.hookAddress = internal.Addr().String()
	pages, err := ErrorPages(set)
	if err != nil {
		return errors.Join(err, public.Close(), internal.Close())
	}
	measured, enough := context.WithCancel(context.WithoutCancel(ctx))
	defer enough()
	go s.canary.Run(measured)
	go s.recovery.Unfinished.EndOver(measured)
	servers := []*http.Server{server(s.Public, set, log), server(s.Internal, set, log)}
	ended := make(chan error, len(servers))
	for i, l := range []net.Listener{pages.Listener(public), internal} {
		go func() { ended <- servers[i].Serve(l) }()
	}
	log.Info("serving", "public", set.PublicURL, "listen", public.Addr().String(), "internal", internal.Addr().String(), "store", storeName(set))
	var fault error
	select {
	case <-ctx.Done():
	case fault = <-ended:
	}
	log.Info("stopping")
	s.drain(set.Drain)
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), set.StopAfter)
	defer cancel()
	// The public side first: its last requests still need the permit hook.
	for _, one := range servers {
		fault = errors.Join(fault, one.Shutdown(stop))
	}
	fault = errors.Join(fault, s.finish(stop))
	log.Info("stopped")
	return fault
}

// drain goes on serving while /health/serving says no, so that the proxy sends nobody to a closed door.
func (s *Site) drain(d time.Duration) {
	s.draining.Store(true)
	<-time.After(d)
}

func listen(setting, address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", setting, err)
	}
	return l, nil
}

func server(h http.Handler, set settings.Settings, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      set.RequestTimeout + 5*time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// maxHeader is what is read of a request's header: 32 KiB of the neighbours' cookies, and the rest. Who brings more reads the page
// that stands alone: a page of the site would have no style, for its style sheet is asked for with the same cookies.
const maxHeader = 40 << 10

// ErrorPages are the pages that need no handler: for the proxy, and for what net/http refuses by itself.
func ErrorPages(set settings.Settings) (errorpages.Pages, error) {
	return errorpages.New(SiteOf(set), strings.HasPrefix(set.PublicURL, "https:"))
}

// frugal collects garbage at half the usual growth, where GOGC does not say otherwise: a page costs little beside Kratos's hash, and
// the site then stays within the 64 MiB that it is measured by (BenchmarkMemory).
func frugal() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
}
