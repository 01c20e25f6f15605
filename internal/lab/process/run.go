package process

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"

	"github.com/vksops/terraform-provider-vks/internal/lab/await"
)

// Run runs a command to its end. On Linux it is asked to end when this process
// dies. SIGTERM among the signals (which may be nil) is passed on to it; it
// stays in this process's group, where a terminal's Ctrl-C reaches it anyway.
func Run(cmd *exec.Cmd, signals <-chan os.Signal) error {
	cmd.SysProcAttr = deathSignal(syscall.SIGTERM)
	_, err := run(cmd, signals, func(sig syscall.Signal) {
		if sig == syscall.SIGTERM {
			_ = cmd.Process.Signal(sig)
		}
	})
	return err
}

// RunGroup is Run for a command that has commands of its own, as a script has:
// it leads a process group, and what comes from signals goes to all of it. What
// does not end with the command after that is killed after a grace.
func RunGroup(cmd *exec.Cmd, signals <-chan os.Signal) error {
	cmd.SysProcAttr = attributes(syscall.SIGTERM)
	told, err := run(cmd, signals, func(sig syscall.Signal) { signalGroup(cmd.Process.Pid, sig) })
	if told {
		endGroup(cmd.Process.Pid)
	}
	return err
}

// run also says whether a signal was passed on.
func run(cmd *exec.Cmd, signals <-chan os.Signal, pass func(syscall.Signal)) (told bool, err error) {
	// See Process.run: the death signal comes with the end of the thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		return false, err
	}
	ended := make(chan struct{})
	var forwarding sync.WaitGroup
	forwarding.Go(func() {
		for {
			select {
			case sig := <-signals:
				if number, ok := sig.(syscall.Signal); ok {
					told = true
					pass(number)
				}
			case <-ended:
				return
			}
		}
	})
	err = cmd.Wait()
	close(ended)
	forwarding.Wait()
	return told, err
}

// endGroup waits for the group to be empty, and kills what is left in the end.
func endGroup(pid int) {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	err := await.OK(ctx, "the group to end", func(context.Context) error {
		if errors.Is(syscall.Kill(-pid, 0), syscall.ESRCH) {
			return nil
		}
		return errors.New("it is still there")
	})
	if err != nil {
		signalGroup(pid, syscall.SIGKILL)
	}
}
