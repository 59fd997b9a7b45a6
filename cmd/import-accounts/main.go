// Command import-accounts moves the accounts of a legacy portal into Kratos. docs/migration.md is its manual.
//
//	check     reads the source alone
//	plan      says what run would do, and changes nothing
//	run       imports; the same command again goes on after an interruption, or brings in a newer export
//	status    says how far the import is, also while it runs
//	report    writes one HTML page without personal data
//	reminder  exports the people who have not set a password yet
//	remind    writes to them, in waves: plan, send, status, reports, resume
//	undo      removes what the import made and nobody has used
//	purge     removes personal data from the import's folder
//	canary    makes the accounts that the site measures Kratos by
//	sample    invents legacy data to try all this with
//	profile   writes a profile for a known kind of store
//
// Exit codes: 0 all rows are in; 3 done, and some rows were rejected or conflict; 1 it could not finish; 2 wrong usage.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

func main() { os.Exit(realMain()) }

// realMain is main for testscript: it returns the exit code.
func realMain() int {
	// A row lives for the time of its batch: collecting garbage twice as often costs little and keeps memory low and flat.
	debug.SetGCPercent(50)
	// The first signal lets batches under way finish; a second one ends the program at once, which loses nothing either.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	cmd := newCommand()
	err := cmd.ExecuteContext(ctx)
	if err != nil {
		asJSON, _ := cmd.PersistentFlags().GetBool("json")
		(&printer{log: os.Stderr, json: asJSON}).complain(err)
	}
	return exitCode(err)
}
