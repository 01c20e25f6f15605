package acctest

import (
	"context"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vksops/terraform-provider-vks/internal/lab/await"
	"github.com/vksops/terraform-provider-vks/internal/lab/process"
)

// killPatience bounds the wait for the moment to kill.
const killPatience = 10 * time.Minute

// KillDuring runs the CLI and kills it, its provider with it, as soon as moment
// returns nil: as the end of a runner or of its power does. It fails the test
// when the CLI ends before that.
func (c *CLI) KillDuring(tb testing.TB, moment func(context.Context) error, args ...string) {
	tb.Helper()
	log := filepath.Join(tb.TempDir(), "killed.log")
	p, err := process.Start(tb.Context(), process.Spec{
		Name: strings.Join(args, " "), Path: c.program, Args: args, Dir: c.dir, Env: c.env, LogFile: log, DeathSignal: syscall.SIGTERM,
	})
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(tb.Context(), killPatience)
	defer cancel()
	err = await.OKUnless(ctx, "the moment to kill it", p.Exited(), p.Err, moment)
	// It leads its group, which the provider is in.
	_ = syscall.Kill(-p.Pid(), syscall.SIGKILL)
	<-p.Exited()
	if err != nil {
		tb.Fatalf("%v\n%s", err, process.Tail(log))
	}
}
