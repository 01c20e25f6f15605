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

var environment struct {
	sync.Once
	err error
}

// Env puts the variables of the running lab (LAB_DIR/env) into the process,
// once, and skips the test when there is none.
func Env(t *testing.T) {
	t.Helper()
	dir := os.Getenv("LAB_DIR")
	if dir == "" && os.Getenv("VKS_VCENTER_SERVER") == "" {
		t.Skip("no platform to test against: run `make test`, or start `make lab` and set LAB_DIR to its directory")
	}
	environment.Do(func() { environment.err = setEnvironment(dir) })
	if environment.err != nil {
		t.Fatalf("read the lab's environment: %v", environment.err)
	}
}

// setEnvironment is for the whole process: the provider under test runs in it.
func setEnvironment(labDir string) error {
	// A CLI configuration of the machine must not reach the tests, and one that
	// is missing breaks the harness's parsing of OpenTofu's version.
	if err := os.Unsetenv("TF_CLI_CONFIG_FILE"); err != nil {
		return err
	}
	if err := os.Setenv("TF_ACC", "1"); err != nil || labDir == "" {
		return err
	}
	return load(filepath.Join(labDir, "env"))
}

// load sets the lines `export KEY='VALUE'` of file, but for the CLI's own.
func load(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		key, value, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "=")
		if !ok || key == "TF_CLI_CONFIG_FILE" {
			continue
		}
		if err := os.Setenv(key, strings.Trim(value, `'"`)); err != nil {
			return err
		}
	}
	return nil
}

// Name gives a DNS label that no other test uses, from prefix.
func Name(t *testing.T, prefix string) string {
	t.Helper()
	return prefix + "-" + strings.ToLower(rand.Text()[:8])
}
