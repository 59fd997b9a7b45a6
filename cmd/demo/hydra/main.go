// Command hydra is Ory Hydra v2.3.0, unmodified, built from its published Go module.
//
// The demo and the tests run it; production runs the official image.
package main

import (
	"os"

	"github.com/ory/hydra/v2/cmd"
)

func main() {
	// Telemetry stays off however it is started: Hydra's own default sends usage figures to its maker.
	os.Setenv("SQA_OPT_OUT", "true")
	cmd.Execute()
}
