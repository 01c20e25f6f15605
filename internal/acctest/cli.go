package acctest

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vksops/terraform-provider-vks/internal/lab/environ"
	"github.com/vksops/terraform-provider-vks/internal/lab/process"
)

// CLI is a Terraform or OpenTofu in a directory of its own, with the provider
// as `make build` built it: for tests of whole configurations.
type CLI struct {
	program string
	dir     string
	env     []string
	// detached commands outlive the test's context: for clean-up.
	detached bool
}

// cancelGrace is how long a CLI may take to end.
const cancelGrace = 20 * time.Second

// Detached gives the same CLI for a clean-up, when the test's context is over.
func (c *CLI) Detached() *CLI {
	d := *c
	d.detached = true
	return &d
}

// NewCLI copies the directories from (relative to the repository) into one of
// the test's own, and works in the first of them; without any in an empty one.
func NewCLI(tb testing.TB, from ...string) *CLI {
	tb.Helper()
	Env(tb)
	program := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if program == "" {
		tb.Skip("no CLI to run: set TF_ACC_TERRAFORM_PATH")
	}
	root, work := Root(tb), tb.TempDir()
	for _, dir := range from {
		if err := os.CopyFS(filepath.Join(work, dir), os.DirFS(filepath.Join(root, dir))); err != nil {
			tb.Fatal(err)
		}
	}
	dir := filepath.Join(work, "configuration")
	if len(from) > 0 {
		dir = filepath.Join(work, from[0])
	} else if err := os.Mkdir(dir, 0o700); err != nil {
		tb.Fatal(err)
	}
	c := &CLI{
		program: program, dir: dir,
		env: append(os.Environ(), "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1"),
	}
	c.Provide(tb, "vksops/vks", filepath.Join(root, "bin"))
	return c
}

// Provide has the CLI take one provider, and no other, from a directory.
func (c *CLI) Provide(tb testing.TB, source, dir string) {
	tb.Helper()
	config := filepath.Join(tb.TempDir(), "terraformrc")
	if err := os.WriteFile(config, environ.TerraformRC(source, dir), 0o600); err != nil {
		tb.Fatal(err)
	}
	c.Setenv("TF_CLI_CONFIG_FILE", config)
}

// Root is the top directory of the repository.
func Root(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	for ; err == nil; dir = filepath.Dir(dir) {
		if _, statErr := os.Stat(filepath.Join(dir, "go.mod")); statErr == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	tb.Fatalf("no go.mod above the test (%v)", err)
	return ""
}

// Dir is where the configuration lies.
func (c *CLI) Dir() string { return c.dir }

// Setenv sets a variable for the commands.
func (c *CLI) Setenv(key, value string) { c.env = append(c.env, key+"="+value) }

// Run runs the CLI and gives what it printed and its exit code.
func (c *CLI) Run(tb testing.TB, args ...string) (output string, code int) {
	tb.Helper()
	return c.Exec(tb, c.program, args...)
}

// MustRun is Run that fails the test when the CLI fails.
func (c *CLI) MustRun(tb testing.TB, args ...string) string {
	tb.Helper()
	output, code := c.Run(tb, args...)
	if code != 0 {
		tb.Fatalf("%s ended with %d:\n%s", strings.Join(args, " "), code, output)
	}
	return output
}

// Exec runs another program in the same directory and environment.
func (c *CLI) Exec(tb testing.TB, program string, args ...string) (output string, code int) {
	tb.Helper()
	ctx := tb.Context()
	if c.detached {
		ctx = context.WithoutCancel(ctx)
	}
	cmd := exec.CommandContext(ctx, program, args...)
	// A CLI that is asked to end lets its provider log out.
	cmd.Cancel, cmd.WaitDelay = func() error { return cmd.Process.Signal(syscall.SIGTERM) }, cancelGrace
	cmd.Dir, cmd.Env = c.dir, c.env
	var both bytes.Buffer
	cmd.Stdout, cmd.Stderr = &both, &both
	err := process.Run(cmd, nil)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		tb.Fatalf("run %s: %v", program, err)
	}
	return both.String(), cmd.ProcessState.ExitCode()
}
