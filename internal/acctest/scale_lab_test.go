package acctest_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
	"github.com/vksops/terraform-provider-vks/internal/lab/pki"
	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
	lab "github.com/vksops/terraform-provider-vks/internal/lab/vcenter"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// manyNamespaces is a large installation.
const manyNamespaces = 500

const (
	scaleUser     = "administrator@vsphere.local"
	scalePassword = "VMware1!"
)

// scaleLab is a vCenter for many namespaces: one cluster with nothing else in it.
type scaleLab struct {
	*lab.VCenter
	seam   *traffic.Seam
	caFile string
	client *vcenter.Client
}

func newScaleLab(tb testing.TB) *scaleLab {
	tb.Helper()
	acctest.Env(tb)
	ca, err := pki.NewCA("scale test")
	if err != nil {
		tb.Fatal(err)
	}
	certificate, err := ca.TLS("127.0.0.1")
	if err != nil {
		tb.Fatal(err)
	}
	l := &scaleLab{seam: traffic.New(), caFile: filepath.Join(tb.TempDir(), "ca.pem")}
	if err := os.WriteFile(l.caFile, ca.CertPEM(), 0o600); err != nil {
		tb.Fatal(err)
	}
	l.VCenter, err = lab.Start(context.WithoutCancel(tb.Context()), lab.Options{
		TLS: &certificate, Seam: l.seam, HostsPerCluster: 1, VMs: -1, ConfigureDelay: time.Millisecond,
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(l.Stop)
	l.client, err = vcenter.New(vcenter.Config{Server: l.Host(), Username: scaleUser, Password: scalePassword, CAPEM: ca.CertPEM()})
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

func teamName(n int) string { return fmt.Sprintf("team-%03d", n) }

// createNamespaces makes those from first up to last, and waits until they run.
func createNamespaces(tb testing.TB, c *vcenter.Client, first, last int) {
	tb.Helper()
	owner, err := c.ResolveSupervisor(tb.Context(), "")
	if err != nil {
		tb.Fatal(err)
	}
	var g errgroup.Group
	g.SetLimit(16)
	for n := first; n < last; n++ {
		g.Go(func() error {
			return c.CreateNamespace(tb.Context(), vcenter.NamespaceSpec{
				Supervisor: owner.ID, Name: teamName(n),
				Limits: vcenter.Limits{vcenter.CPULimit: 3000, vcenter.StorageLimit: 10240, vcenter.PodCount: 7},
			})
		})
	}
	if err := g.Wait(); err != nil {
		tb.Fatal(err)
	}
	deadline := time.Now().Add(2 * time.Minute)
	for {
		list, err := c.Namespaces(tb.Context())
		if err != nil {
			tb.Fatal(err)
		}
		running := 0
		for _, n := range list {
			if n.ConfigStatus == vcenter.StatusRunning {
				running++
			}
		}
		switch {
		case running >= last:
			return
		case time.Now().After(deadline):
			tb.Fatalf("%d of %d namespaces run after two minutes", running, last)
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// adopt gives a CLI whose state has all namespaces, imported: for a plan it is
// the same as having created them, and takes seconds.
func (l *scaleLab) adopt(tb testing.TB) *acctest.CLI {
	tb.Helper()
	cli := acctest.NewCLI(tb)
	for key, value := range map[string]string{
		"VKS_VCENTER_SERVER": l.Host(), "VKS_USERNAME": scaleUser, "VKS_PASSWORD": scalePassword, "VKS_VCENTER_CA_FILE": l.caFile,
		"VKS_SUPERVISOR": "", "VKS_SUPERVISOR_SERVER": "",
	} {
		cli.Setenv(key, value)
	}
	write(tb, cli, fmt.Sprintf(`
terraform {
  required_providers {
    vks = { source = "vksops/vks" }
  }
}
locals {
  names = toset([for n in range(%d) : format("team-%%03d", n)])
}
resource "vks_namespace" "test" {
  for_each         = local.names
  name             = each.key
  cpu_limit_mhz    = 3000
  storage_limit_mib = 10240
  object_limits    = { pods = 7 }
}
import {
  for_each = local.names
  to       = vks_namespace.test[each.key]
  id       = each.key
}`, manyNamespaces))
	cli.MustRun(tb, "apply", "-auto-approve", "-input=false", "-no-color")
	return cli
}

func write(tb testing.TB, cli *acctest.CLI, config string) {
	tb.Helper()
	if err := os.WriteFile(filepath.Join(cli.Dir(), "main.tf"), []byte(config), 0o600); err != nil {
		tb.Fatal(err)
	}
}
