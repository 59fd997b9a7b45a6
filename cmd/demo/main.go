// Command demo runs EFP Connect self-service on one machine with a real Kratos, a mailbox and sample accounts.
// It ends with Ctrl-C and leaves nothing behind.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"efpconnect.example/internal/demo"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	logs, err := os.Create(demo.LogFile())
	if err != nil {
		return err
	}
	defer logs.Close()
	d, err := demo.Start(ctx, demo.DefaultPorts, logs)
	if err != nil {
		return err
	}
	fmt.Print(d.Invitation())
	err = d.Serve(ctx)
	if closeErr := d.Close(); err == nil {
		err = closeErr
	}
	return err
}
