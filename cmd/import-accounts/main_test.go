package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"efpconnect.example/internal/engine"
	"efpconnect.example/internal/engine/enginetest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"import-accounts": func() { os.Exit(realMain()) }})
}

// The scripts are an operator's sessions at the keyboard. Each has a real Kratos of its own.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			k := enginetest.Start(env.T().(testing.TB), func(o *engine.Options) { o.DSN = "" })
			env.Setenv("KRATOS_ADMIN_URL", k.AdminURL)
			return nil
		},
	})
}
