package importer_test

import (
	"os"
	"syscall"
	"testing"

	"efpconnect.example/internal/importer"
	"efpconnect.example/internal/testkit/kratostest"
)

// fullDisk puts the import's folder on a file system of 200 kB. Mounting takes root; elsewhere the journal's own test of a full
// disk is all there is.
func fullDisk(t *testing.T, o *importer.Options) {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", o.Dir, "tmpfs", 0, "size=200k"); err != nil {
		kratostest.Missing(t, "the right to mount a small tmpfs (root)")
	}
	t.Cleanup(func() { syscall.Unmount(o.Dir, 0) })
}
