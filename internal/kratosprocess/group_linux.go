package kratosprocess

import "syscall"

// ownGroup keeps a Ctrl-C in the terminal from reaching Kratos before us, and lets Kill reach its children. Kratos also dies
// with us, so that a test run that is cut short leaves nothing behind.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
