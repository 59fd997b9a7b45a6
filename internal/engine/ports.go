package engine

import (
	"errors"
	"fmt"
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
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return fmt.Errorf("no free port: %w", err)
		}
		defer listener.Close()
		*port = listener.Addr().(*net.TCPAddr).Port
	}
	return nil
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
