// Command kratos-config makes, checks and compares what Kratos reads.
//
//	render     writes kratos.yml, the identity schema and the mail templates of an environment
//	validate   judges a document as Kratos does at its start
//	diff       compares two environments, or one with a file
//	doctor     finds what Kratos accepts in silence and that breaks the reset, or opens it
//	secrets    makes the secrets of a first deployment
//	rotate     takes one step in changing one of them
//
// It ends with 1 when a configuration was judged and is not good (validate, doctor; render, which then writes nothing), with 2 when it
// did not come to that: a wrong use, something missing, a file that cannot be read.
package main

import (
	"errors"
	"fmt"
	"os"
)

func main() {
	err := newCommand(os.Stdout, os.Getenv).Execute()
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, err)
	if errors.Is(err, errFound) {
		os.Exit(1)
	}
	os.Exit(2)
}
