// Command kratos is Ory Kratos v1.3.1, unmodified, built from its published Go module.
//
// The demo and the tests run it; production runs the official image. Its own command line is kept whole, because Kratos
// starts itself again (the hidden "jsonnet" command) to evaluate the bodies of web hooks. One verb is added:
// "config-schema" prints the JSON Schema of the configuration that this very version embeds.
package main

import (
	"fmt"
	"os"

	"github.com/ory/kratos/cmd"
	"github.com/ory/kratos/embedx"
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == "config-schema" {
		fmt.Println(string(embedx.ConfigSchema))
		return
	}
	// Telemetry stays off however it is started: Kratos's own default sends usage figures to its maker.
	os.Setenv("SQA_OPT_OUT", "true")
	// Execute's value is the exit status: dropped, a failing command would exit 0.
	os.Exit(cmd.Execute())
}
