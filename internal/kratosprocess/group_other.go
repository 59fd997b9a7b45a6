//go:build !linux

package kratosprocess

import "syscall"

// ownGroup keeps a Ctrl-C in the terminal from reaching Kratos before us, and lets Kill reach its children.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
