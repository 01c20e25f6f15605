package acctest_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
	"github.com/vksops/terraform-provider-vks/internal/acctest/smalllab"
	"github.com/vksops/terraform-provider-vks/internal/lab/await"
	lab "github.com/vksops/terraform-provider-vks/internal/lab/vcenter"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// manyNamespaces is a large installation.
const manyNamespaces = 500

const (
	theZone   = "zone-1"
	thePolicy = "gold-policy"
	theOwner  = "dev"
)

// scaleLab is a vCenter for many namespaces: one cluster with nothing else in it,
// and the Supervisor that knows the limits of their zones.
type scaleLab struct {
	*smalllab.Lab
	client *vcenter.Client
	side   *zonesSide
}

func newScaleLab(tb testing.TB) *scaleLab {
	tb.Helper()
	l := &scaleLab{
		Lab:  smalllab.New(tb, lab.Options{HostsPerCluster: 1, VMs: -1, ConfigureDelay: time.Millisecond}),
		side: newZonesSide(tb),
	}
	var err error
	l.client, err = vcenter.New(vcenter.Config{Server: l.Host(), Username: smalllab.Admin, Password: smalllab.Password, CAPEM: l.CAPEM})
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

func teamName(n int) string { return fmt.Sprintf("team-%03d", n) }

// rich gives a namespace one of each: a zone with a limit, a storage policy and
// a permission.
func (l *scaleLab) rich(tb testing.TB) func(*vcenter.NamespaceSpec) {
	tb.Helper()
	policies, err := l.client.StoragePolicies(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	at := slices.IndexFunc(policies, func(p vcenter.StoragePolicy) bool { return p.Name == thePolicy })
	if at < 0 {
		tb.Fatalf("there is no policy %s in %v", thePolicy, policies)
	}
	limit := int64(2000)
	return func(s *vcenter.NamespaceSpec) {
		s.Zones = []vcenter.ZoneSpec{{Name: theZone, CPULimitMHz: &limit}}
		s.StoragePolicies = []vcenter.StorageSpec{{Policy: policies[at].ID}}
		s.Access = []vcenter.Access{{Type: "USER", Principal: theOwner, Domain: "vsphere.local", Role: "EDIT"}}
	}
}

// createNamespaces makes those from first up to last, each with more, and waits
// until they run.
func createNamespaces(tb testing.TB, c *vcenter.Client, first, last int, more ...func(*vcenter.NamespaceSpec)) {
	tb.Helper()
	owner, err := c.ResolveSupervisor(tb.Context(), "")
	if err != nil {
		tb.Fatal(err)
	}
	var g errgroup.Group
	g.SetLimit(16)
	for n := first; n < last; n++ {
		g.Go(func() error {
			spec := vcenter.NamespaceSpec{
				Supervisor: owner.ID, Name: teamName(n),
				Limits: vcenter.Limits{vcenter.CPULimit: 3000, vcenter.StorageLimit: 10240, vcenter.PodCount: 7},
			}
			for _, add := range more {
				add(&spec)
			}
			return c.CreateNamespace(tb.Context(), spec)
		})
	}
	if err := g.Wait(); err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(tb.Context(), 2*time.Minute)
	defer cancel()
	err = await.OK(ctx, "namespaces to run", func(ctx context.Context) error {
		list, err := c.Namespaces(ctx)
		if err != nil {
			return err
		}
		running := 0
		for _, n := range list {
			if n.ConfigStatus == vcenter.StatusRunning {
				running++
			}
		}
		if running < last {
			return fmt.Errorf("%d of %d run", running, last)
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// adopt gives a CLI whose state has all namespaces, imported: for a plan it is
// the same as having created them, and takes seconds.
func (l *scaleLab) adopt(tb testing.TB) *acctest.CLI {
	tb.Helper()
	cli := acctest.NewCLI(tb)
	for key, value := range map[string]string{
		"VKS_VCENTER_SERVER": l.Host(), "VKS_USERNAME": smalllab.Admin, "VKS_PASSWORD": smalllab.Password, "VKS_VCENTER_CA_FILE": l.CAFile,
		"VKS_SUPERVISOR": "", "VKS_SUPERVISOR_KUBECONFIG": "",
	} {
		cli.Setenv(key, value)
	}
	l.side.use(cli)
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
  zones            = { %q = { cpu_limit_mhz = 2000 } }
  storage_policies = { %q = {} }
  permissions      = [{ principal = %q, domain = "vsphere.local", type = "USER", role = "EDIT" }]
}
import {
  for_each = local.names
  to       = vks_namespace.test[each.key]
  id       = each.key
}`, manyNamespaces, theZone, thePolicy, theOwner))
	cli.MustRun(tb, "apply", "-auto-approve", "-input=false", "-no-color")
	return cli
}

func write(tb testing.TB, cli *acctest.CLI, config string) {
	tb.Helper()
	if err := os.WriteFile(filepath.Join(cli.Dir(), "main.tf"), []byte(config), 0o600); err != nil {
		tb.Fatal(err)
	}
}
