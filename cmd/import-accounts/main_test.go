package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/mailbox"
	"efpconnect.example/internal/testkit/kratostest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"import-accounts": func() { os.Exit(realMain()) }})
}

// The scripts are an operator's sessions at the keyboard. Each has a real Kratos of its own, and a relay that delivers nowhere.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			k := kratostest.Start(env.T().(testing.TB), func(o *kratosprocess.Options) { o.DSN = "" })
			env.Setenv("KRATOS_ADMIN_URL", k.AdminURL)
			stores, err := filepath.Abs("../../internal/importer/testdata/stores")
			if err != nil {
				return err
			}
			env.Setenv("STORES", stores)
			relay, err := mailbox.Start("127.0.0.1:0", "127.0.0.1:0")
			if err != nil {
				return err
			}
			env.Defer(func() { _ = relay.Close() })
			env.Setenv("RELAY", "smtp://"+relay.SMTPAddr())
			return nil
		},
	})
}
