//go:build !linux

package importer_test

import (
	"testing"

	"efpconnect.example/internal/engine/enginetest"
	"efpconnect.example/internal/importer"
)

func fullDisk(t *testing.T, _ *importer.Options) {
	enginetest.Missing(t, "a Linux to mount a small tmpfs on")
}
