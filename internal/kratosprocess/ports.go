package kratosprocess

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"syscall"
)

// ErrPortBusy is returned when a port of the options is taken. The error names the port and what it was for.
var ErrPortBusy = errors.New("port already in use")

// choosePorts finds a free port for each that is 0, and checks the others: Kratos would name neither in one plain sentence.
func (o *Options) choosePorts() error {
	if err := o.checkPorts(); err != nil {
		return err
	}
	// Both are held until both are known, or the system could give the same one twice.
	for _, port := range []*int{&o.PublicPort, &o.AdminPort} {
		if *port != 0 {
			continue
		}
		listener, err := FreePort()
		if err != nil {
			return err
		}
		defer listener.Close()
		*port = listener.Addr().(*net.TCPAddr).Port
	}
	return nil
}

// Ports that systems give to nobody by themselves: Linux's own begin at 32768, others' higher. Until Kratos takes the one that was
// chosen, which on a busy machine is seconds later, neither a listener on ":0" nor a connection that goes out can get it.
const firstPort, lastPort = 20_000, 32_000

// FreePort takes one of them that nobody has. For tests of other programs too, which close it just before a program takes it.
func FreePort() (net.Listener, error) {
	var err error
	for range 100 {
		var listener net.Listener
		if listener, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", firstPort+rand.N(lastPort-firstPort))); err == nil {
			return listener, nil
		}
	}
	return nil, fmt.Errorf("no free port: %w", err)
}

// checkPorts fails when somebody listens on one of the ports.
func (o *Options) checkPorts() error {
	return errors.Join(checkPort(o.PublicPort, "Kratos public API"), checkPort(o.AdminPort, "Kratos admin API"))
}

func checkPort(port int, what string) error { // 0 is always free
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%s: %w: %d", what, ErrPortBusy, port)
	}
	if err != nil {
		return fmt.Errorf("%s: port %d: %w", what, port, err)
	}
	return listener.Close()
}
