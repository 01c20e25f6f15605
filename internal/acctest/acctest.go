// Package acctest runs Terraform against the lab or, where the VKS_* variables
// point there, against a real platform. It must not import a service.
package acctest

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/vksops/terraform-provider-vks/internal/clients"
	"github.com/vksops/terraform-provider-vks/internal/lab/environ"
	"github.com/vksops/terraform-provider-vks/internal/provider"
)

// Factories serve the provider in the test's process, and log out when the
// test ends.
func Factories(t *testing.T) map[string]func() (tfprotov6.ProviderServer, error) {
	t.Helper()
	opened := &clients.Opened{}
	t.Cleanup(func() {
		if err := opened.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Logf("log out: %v", err)
		}
	})
	return map[string]func() (tfprotov6.ProviderServer, error){
		"vks": providerserver.NewProtocol6WithError(provider.New("test", opened)()),
	}
}

// TwoFactories serve the provider twice, the second time as provider "other": in
// a test's process two configurations of one provider would be the last of them.
func TwoFactories(t *testing.T) map[string]func() (tfprotov6.ProviderServer, error) {
	t.Helper()
	both := Factories(t)
	both["other"] = Factories(t)["vks"]
	return both
}

// Test runs the case beside others, with the provider in this process, against
// the lab that LAB_DIR names.
func Test(t *testing.T, c resource.TestCase) {
	t.Helper()
	Env(t)
	if c.ProtoV6ProviderFactories == nil {
		c.ProtoV6ProviderFactories = Factories(t)
	}
	resource.ParallelTest(t, c)
}

// Once is for tests of what the platform does and says, which the CLI has no part
// in: where a run tests with several CLIs, the first of them is enough.
func Once(tb testing.TB) {
	tb.Helper()
	if os.Getenv(repeated) != "" {
		tb.Skip(repeated + ": the platform's part of it was tested with the first CLI of this run")
	}
}

// OncePerProduct is for long tests that the CLI has a part in: Terraform and
// OpenTofu each have their turn, and older versions of them have it with the
// other tests.
func OncePerProduct(tb testing.TB) {
	tb.Helper()
	if os.Getenv(repeated) == "version" {
		tb.Skip(repeated + ": it was tested with another version of this CLI in this run")
	}
}

// repeated says why a run of the tests is not the first: another "product", or
// another "version" of one that had its turn.
const repeated = "TF_ACC_REPEATED"

var environment struct {
	sync.Once
	err error
}

// Env puts the variables of the running lab (LAB_DIR/env) into the process,
// once. Without a lab it takes the platform that the VKS_* variables name, but
// only when the caller says with TF_ACC that tests may change it: whoever works
// with a platform has its variables in the shell. Else the test is skipped.
func Env(tb testing.TB) {
	tb.Helper()
	dir := os.Getenv("LAB_DIR")
	switch {
	case dir != "":
	case os.Getenv("VKS_VCENTER_SERVER") == "":
		tb.Skip("no platform to test against: run `make test`, or start `make lab` and set LAB_DIR to its directory")
	case os.Getenv("TF_ACC") == "":
		tb.Skip("VKS_VCENTER_SERVER names a platform, but TF_ACC does not say to test against it: run `make testacc`, or set LAB_DIR to a lab's directory")
	}
	environment.Do(func() {
		if environment.err = setEnvironment(dir); environment.err == nil {
			environment.err = chooseCLI()
		}
	})
	if environment.err != nil {
		tb.Fatalf("read the lab's environment: %v", environment.err)
	}
}

// chooseCLI takes the lab's Terraform where the caller names no CLI: the harness
// would take whatever is on the PATH, or download one.
func chooseCLI() error {
	const key = "TF_ACC_TERRAFORM_PATH"
	pinned := os.Getenv("LAB_TERRAFORM")
	if os.Getenv(key) != "" || pinned == "" {
		return nil
	}
	return os.Setenv(key, pinned)
}

// setEnvironment is for the whole process: the provider under test runs in it.
func setEnvironment(labDir string) error {
	if labDir != "" {
		env, err := environ.Read(filepath.Join(labDir, "env"))
		if err != nil {
			return err
		}
		env["TF_ACC"] = "1"
		if err := environ.Enter(env); err != nil {
			return err
		}
	}
	// A CLI configuration, of the machine or the lab's, must not reach the tests,
	// and one that is missing breaks the harness's parsing of OpenTofu's version.
	return os.Unsetenv("TF_CLI_CONFIG_FILE")
}

// Name gives a DNS label that no other test uses, from prefix.
func Name(t *testing.T, prefix string) string {
	t.Helper()
	return prefix + "-" + strings.ToLower(rand.Text()[:8])
}
