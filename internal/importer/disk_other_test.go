//go:build !linux

package importer_test

import (
	"testing"

	"efpconnect.example/internal/importer"
	"efpconnect.example/internal/testkit/kratostest"
)

func fullDisk(t *testing.T, _ *importer.Options) {
	kratostest.Missing(t, "a Linux to mount a small tmpfs on")
}
