package supervisorinfo_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
	"github.com/vksops/terraform-provider-vks/internal/acctest/smalllab"
	lab "github.com/vksops/terraform-provider-vks/internal/lab/vcenter"
)

const address = "data.vks_supervisor.test"

func at(name string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(name), want)
}

func list(ids ...string) knownvalue.Check {
	slices.Sort(ids)
	checks := []knownvalue.Check{}
	for _, id := range ids {
		checks = append(checks, knownvalue.StringExact(id))
	}
	return knownvalue.ListExact(checks)
}

// inventory is what a lab has, read with requests of the test's own.
type inventory struct {
	cluster map[string]string // id by name
	storage struct{ used, capacity int64 }
}

func inventoryOf(t *testing.T, l *smalllab.Lab) inventory {
	t.Helper()
	var clusters []struct {
		Cluster string           `json:"cluster"`
		Name    string           `json:"cluster_name"`
		Stats   map[string]int64 `json:"stats"`
	}
	l.Get(t, "/api/vcenter/namespace-management/clusters", &clusters)
	found := inventory{cluster: map[string]string{}}
	for _, c := range clusters {
		found.cluster[c.Name] = c.Cluster
		found.storage.used, found.storage.capacity = c.Stats["storage_used"], c.Stats["storage_capacity"]
	}
	return found
}

const hosts, cores, mhz, mib = 3, 16, 2000, 131072

// network is the provider of the Supervisor east: VPCs came with 9.0.
func network(version string) string {
	if strings.HasPrefix(version, "8.") {
		return lab.NetworkNCP
	}
	return lab.NetworkVPC
}

func start(t *testing.T, version string) *smalllab.Lab {
	t.Helper()
	l := smalllab.New(t, lab.Options{
		Version: version, Clusters: 3, HostsPerCluster: hosts, Host: lab.HostShape{CPUMHz: mhz, Cores: cores, MemoryMiB: mib},
		Supervisors: []lab.Supervisor{
			{Name: "east", ID: "id-east", Endpoint: "192.0.2.1:6443", NetworkProvider: network(version), Zones: []lab.SupervisorZone{
				{Name: "zone-b", Clusters: []string{"DC0_C1"}, Type: "WORKLOAD"}, {Name: "zone-a", Clusters: []string{"DC0_C0"}},
			}},
			{Name: "west", ID: "id-west", Zones: []lab.SupervisorZone{{Name: "zone-w", Clusters: []string{"DC0_C2"}}}},
		},
	})
	l.SetSupervisorStatus("id-east", "ERROR", "WARNING")
	for h := range hosts {
		for c := range 3 {
			l.SetHostUsage(fmt.Sprintf("DC0_C%d_H%d", c, h), 1000, 4096)
		}
	}
	return l
}

// Everything that a vCenter knows of a Supervisor, which differs by version.
func TestSupervisor(t *testing.T) {
	for _, version := range []string{"8.0.2.0", "9.0.0.0", "9.1.0.0"} {
		t.Run(version, func(t *testing.T) {
			l := start(t, version)
			has := inventoryOf(t, l)
			kind := func(name string) knownvalue.Check {
				if version == "8.0.2.0" {
					return knownvalue.Null()
				}
				return knownvalue.StringExact(name)
			}
			zone := func(name, cluster string) knownvalue.Check {
				removing := knownvalue.Check(knownvalue.Bool(false))
				if version == "8.0.2.0" {
					removing = knownvalue.Null()
				}
				return knownvalue.ObjectExact(map[string]knownvalue.Check{
					"type": kind(name), "status": kind("READY"), "marked_for_removal": removing, "clusters": list(has.cluster[cluster]),
				})
			}
			acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
				{
					Config:           l.Config(`data "vks_supervisor" "test" { name = "east" }`),
					ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
					ConfigStateChecks: []statecheck.StateCheck{
						at("id", knownvalue.StringExact("id-east")),
						at("name", knownvalue.StringExact("east")),
						at("config_status", knownvalue.StringExact("ERROR")),
						at("kubernetes_status", knownvalue.StringExact("WARNING")),
						at("api_endpoint", knownvalue.StringExact("192.0.2.1:6443")),
						at("network_provider", knownvalue.StringExact(network(version))),
						at("zones", knownvalue.MapExact(map[string]knownvalue.Check{"zone-a": zone("MANAGEMENT", "DC0_C0"), "zone-b": zone("WORKLOAD", "DC0_C1")})),
						at("compute_clusters", list(has.cluster["DC0_C0"], has.cluster["DC0_C1"])),
						at("messages", knownvalue.Null()),
						at("cpu_capacity_mhz", knownvalue.Int64Exact(2*hosts*cores*mhz)),
						at("cpu_used_mhz", knownvalue.Int64Exact(2*hosts*1000)),
						at("memory_capacity_mib", knownvalue.Int64Exact(2*hosts*mib)),
						at("memory_used_mib", knownvalue.Int64Exact(2*hosts*4096)),
						at("storage_capacity_mib", knownvalue.Int64Exact(has.storage.capacity)),
						at("storage_used_mib", knownvalue.Int64Exact(has.storage.used)),
					},
				},
				{
					Config: l.Config(`data "vks_supervisor" "test" { name = "id-west" }`),
					ConfigStateChecks: []statecheck.StateCheck{
						at("id", knownvalue.StringExact("id-west")),
						at("name", knownvalue.StringExact("west")),
						at("api_endpoint", knownvalue.Null()),
						at("network_provider", knownvalue.StringExact("VSPHERE_NETWORK")),
						at("config_status", knownvalue.StringExact("RUNNING")),
					},
				},
				{
					Config:            l.Config(`data "vks_supervisor" "test" {}`, "supervisor = { name = \"west\" }"),
					ConfigStateChecks: []statecheck.StateCheck{at("id", knownvalue.StringExact("id-west"))},
				},
			}})
		})
	}
}

// On vCenter 7 a compute cluster is a Supervisor; there are no zones.
func TestSupervisorOfOldVCenter(t *testing.T) {
	l := smalllab.New(t, lab.Options{Version: "7.0.3.0", Supervisors: []lab.Supervisor{{Name: "only", Endpoint: "192.0.2.1:6443", NetworkProvider: lab.NetworkNCP}}})
	has := inventoryOf(t, l)
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{{
		Config:           l.Config(`data "vks_supervisor" "test" {}`),
		ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		ConfigStateChecks: []statecheck.StateCheck{
			at("id", knownvalue.StringExact(has.cluster["DC0_C0"])),
			at("name", knownvalue.StringExact("DC0_C0")),
			at("zones", knownvalue.Null()),
			at("messages", knownvalue.Null()),
			at("compute_clusters", list(has.cluster["DC0_C0"])),
			at("api_endpoint", knownvalue.StringExact("192.0.2.1:6443")),
			at("network_provider", knownvalue.StringExact("NSXT_CONTAINER_PLUGIN")),
			at("storage_capacity_mib", knownvalue.Int64Exact(has.storage.capacity)),
		},
	}}})
}

// Many that look at the same Supervisor share the requests, and with
// vks_host_headroom too; a name that is not known at plan postpones the reading.
func TestSupervisorRequests(t *testing.T) {
	l := start(t, "9.1.0.0")
	config := l.Config(`
		resource "terraform_data" "name" {
		  input = "west"
		}
		data "vks_supervisor" "test" {
		  name = terraform_data.name.output
		}
		data "vks_supervisor" "west" {
		  count = 3
		  name  = count.index == 0 ? "id-west" : "west"
		}
		data "vks_host_headroom" "test" {
		  supervisor = data.vks_supervisor.test.id
		}
		output "same_clusters" {
		  value = [for c in data.vks_host_headroom.test.clusters : c.id] == tolist(data.vks_supervisor.test.compute_clusters)
		}`)
	var mark int64
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: config, ConfigStateChecks: []statecheck.StateCheck{at("id", knownvalue.StringExact("id-west"))}},
		{PreConfig: func() { mark = l.Seam.Mark() }, Config: config, PlanOnly: true},
		{
			PreConfig: func() {
				reads, commands := l.Reads(mark)
				const one = "namespace-management/supervisors/id-west/"
				for _, path := range []string{"namespace-management/supervisors/summaries", one + "topology", one + "zones/bindings"} {
					if commands == 0 || reads[path] != commands {
						t.Errorf("%s: %d commands made %d requests", path, commands, reads[path])
					}
				}
			},
			Config: config, PlanOnly: true,
		},
	}})
}

func TestSupervisorErrors(t *testing.T) {
	l := start(t, "9.1.0.0")
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config:      l.Config(`data "vks_supervisor" "test" {}`),
			ExpectError: regexp.MustCompile(`(?s)Unable to find the Supervisor.*several\s+Supervisors:\s+east.*VKS_SUPERVISOR`),
		},
		{
			Config:      l.Config(`data "vks_supervisor" "test" { name = "north" }`),
			ExpectError: regexp.MustCompile(`(?s)Unable to find the Supervisor.*no\s+Supervisor\s+"north".*west`),
		},
		{Config: l.Config(`data "vks_supervisor" "test" { name = "" }`), ExpectError: regexp.MustCompile(`name`)},
	}})
}
