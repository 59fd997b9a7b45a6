// Package tools is the module of the linters. It is apart so that what they need stays out of the programs' own go.mod.
// `make check` builds them at the versions that tools/go.mod names.
package tools
