//go:build unix && !linux

package process

import "syscall"

// attributes cannot ask for a death signal here: only Linux has one. A lab
// that is killed with SIGKILL leaves its processes behind.
func attributes(syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}

func deathSignal(syscall.Signal) *syscall.SysProcAttr { return nil }
