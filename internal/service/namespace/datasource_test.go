package namespace_test

import (
	"context"
	"maps"
	"regexp"
	"slices"
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

const dataAddress = "data.vks_namespace.test"

// shown checks attributes of the data source.
func shown(want map[string]knownvalue.Check) []statecheck.StateCheck {
	var checks []statecheck.StateCheck
	for _, name := range slices.Sorted(maps.Keys(want)) {
		checks = append(checks, statecheck.ExpectKnownValue(dataAddress, tfjsonpath.New(name), want[name]))
	}
	return checks
}

func texts(want ...string) knownvalue.Check {
	checks := []knownvalue.Check{}
	for _, text := range want {
		checks = append(checks, knownvalue.StringExact(text))
	}
	return knownvalue.SetExact(checks)
}

// fields checks an object: numbers, texts and flags as they are, nil for null.
func fields(want map[string]any) knownvalue.Check {
	checks := map[string]knownvalue.Check{}
	for name, value := range want {
		switch v := value.(type) {
		case int:
			checks[name] = knownvalue.Int64Exact(int64(v))
		case string:
			checks[name] = knownvalue.StringExact(v)
		case bool:
			checks[name] = knownvalue.Bool(v)
		case knownvalue.Check:
			checks[name] = v
		default:
			checks[name] = knownvalue.Null()
		}
	}
	return knownvalue.ObjectExact(checks)
}

func grant(kind, principal, role string, provider, inherited any) knownvalue.Check {
	return fields(map[string]any{
		"type": kind, "principal": principal, "domain": "vsphere.local", "role": role, "identity_provider": provider, "inherited": inherited,
	})
}

// pods is the other side of a vCenter: in every namespace they request something.
type pods struct{}

func (pods) NamespaceApplied(context.Context, lab.Namespace) error { return nil }

func (pods) NamespaceRemoved(context.Context, string) error { return nil }

func (pods) Usage(context.Context, string) (lab.Stats, error) {
	return lab.Stats{CPUUsedMHz: 300, MemoryUsedMiB: 512, StorageUsedMiB: 2048}, nil
}

var podRequests = fields(map[string]any{"cpu_used_mhz": 300, "memory_used_mib": 512, "storage_used_mib": 2048})

// libraries are the ids of the content libraries of a lab, which its own list tells.
func libraries(t *testing.T, l *smalllab.Lab) []string {
	t.Helper()
	var ids []string
	l.Get(t, "/api/content/library", &ids)
	return ids
}

// everything is a namespace with all that vCenter 7 can give it.
func everything(libraries []string) map[string]any {
	return map[string]any{
		"description": "Made by hand",
		"resource_spec": map[string]any{
			"cpu_limit": 20000, "memory_limit": 65536, "storage_request_limit": 0, "memory_limit_default": 512, "cpu_request_default": 100,
			"pod_count": 40, "secret_count": 0,
		},
		"storage_specs": []any{
			map[string]any{"policy": "2c8dce0c-1b2a-4e0c-9d0b-6f6a1d5c7e01", "limit": 1024},
			map[string]any{"policy": "aa6d5a82-1c88-45da-85d3-3d74b91a5bad"},
		},
		"vm_service_spec": map[string]any{"vm_classes": []string{"guaranteed-small", "best-effort-small"}, "content_libraries": libraries},
		"access_list": []any{
			map[string]any{"subject_type": "USER", "subject": "anna", "domain": "vsphere.local", "role": "EDIT"},
			map[string]any{"subject_type": "GROUP", "subject": "devs", "domain": "vsphere.local", "role": "VIEW"},
		},
	}
}

func whatEverythingIs(libraries []string) map[string]knownvalue.Check {
	return map[string]knownvalue.Check{
		"id":                knownvalue.StringExact("team-a"),
		"description":       knownvalue.StringExact("Made by hand"),
		"cpu_limit_mhz":     knownvalue.Int64Exact(20000),
		"memory_limit_mib":  knownvalue.Int64Exact(65536),
		"storage_limit_mib": knownvalue.Int64Exact(0),
		"container_defaults": fields(map[string]any{
			"cpu_request_mhz": 100, "cpu_limit_mhz": nil, "memory_request_mib": nil, "memory_limit_mib": 512,
		}),
		"object_limits": fields(map[string]any{
			"pods": 40, "secrets": 0, "services": nil, "deployments": nil, "daemon_sets": nil, "replica_sets": nil,
			"replication_controllers": nil, "stateful_sets": nil, "config_maps": nil, "persistent_volume_claims": nil, "jobs": nil,
		}),
		"storage_policies": knownvalue.MapExact(map[string]knownvalue.Check{
			"gold-policy":                 fields(map[string]any{"limit_mib": 1024}),
			"vSAN Default Storage Policy": fields(map[string]any{"limit_mib": nil}),
		}),
		"storage_classes": fields(map[string]any{
			"gold-policy": "gold-policy", "vSAN Default Storage Policy": "vsan-default-storage-policy",
		}),
		"vm_classes":        texts("best-effort-small", "guaranteed-small"),
		"content_libraries": texts(libraries...),
		"permissions": knownvalue.SetExact([]knownvalue.Check{
			grant("USER", "anna", "EDIT", nil, nil), grant("GROUP", "devs", "VIEW", nil, nil),
			grant("GROUP", "SupervisorProviderAdministrators", "OWNER", nil, nil), grant("GROUP", "SupervisorProviderViewers", "VIEW", nil, nil),
		}),
		"config_status": knownvalue.StringExact("RUNNING"),
		"messages":      knownvalue.ListSizeExact(0),
		"stats":         podRequests,
		"self_service":  knownvalue.Bool(false),
	}
}

func onePlan(l *smalllab.Lab, body string, want map[string]knownvalue.Check) resource.TestStep {
	return resource.TestStep{
		Config:            l.Config("data \"vks_namespace\" \"test\" {\n name = \"team-a\"\n" + body + "\n}"),
		ConfigPlanChecks:  resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		ConfigStateChecks: shown(want),
	}
}

// A namespace that somebody made by hand, on each vCenter: what the versions have
// in common, and what only later ones tell.
func TestDataNamespace(t *testing.T) {
	for version, later := range map[string]map[string]knownvalue.Check{
		"7.0.3.0": {
			"supervisor": knownvalue.StringExact("DC0_C0"), "zones": knownvalue.Null(),
			"network": fields(map[string]any{"provider": nil, "networks": texts("primary-workload"), "default_network": nil, "vpc": nil}),
		},
		"8.0.2.0": {
			"supervisor": knownvalue.StringExact("supervisor-1"), "zones": knownvalue.Null(),
			"network": fields(map[string]any{"provider": nil, "networks": texts("primary-workload"), "default_network": nil, "vpc": nil}),
		},
		"9.1.0.0": {
			"supervisor": knownvalue.StringExact("supervisor-1"),
			"zones":      knownvalue.MapExact(map[string]knownvalue.Check{"zone-1": fields(map[string]any{"type": "MANAGEMENT", "marked_for_removal": false})}),
			"network": fields(map[string]any{
				"provider": "VSPHERE_NETWORK", "networks": texts("primary-workload"), "default_network": "primary-workload", "vpc": nil,
			}),
		},
	} {
		t.Run(version, func(t *testing.T) {
			l := smalllab.New(t, lab.Options{Version: version, Hooks: pods{}})
			ids := libraries(t, l)
			l.CreateNamespace(t, "team-a", everything(ids))
			want := whatEverythingIs(ids)
			maps.Copy(want, later)
			acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
				onePlan(l, "", want),
				onePlan(l, "resolve_inherited = true", map[string]knownvalue.Check{
					"permissions": knownvalue.SetExact([]knownvalue.Check{
						grant("USER", "anna", "EDIT", nil, false), grant("GROUP", "devs", "VIEW", nil, false),
						grant("GROUP", "SupervisorProviderAdministrators", "OWNER", nil, true), grant("GROUP", "SupervisorProviderViewers", "VIEW", nil, true),
					}),
				}),
			}})
		})
	}
}

// Nothing that is not there is in the way of a reference, and no limit is null.
func TestDataNamespaceWithoutAnything(t *testing.T) {
	l := smalllab.New(t, lab.Options{SystemAccess: []lab.Access{}})
	l.CreateNamespace(t, "team-a", nil)
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{onePlan(l, "", map[string]knownvalue.Check{
		"supervisor_id":     knownvalue.StringExact(l.Supervisors()[0].ID),
		"description":       knownvalue.StringExact(""),
		"cpu_limit_mhz":     knownvalue.Null(),
		"memory_limit_mib":  knownvalue.Null(),
		"storage_limit_mib": knownvalue.Null(),
		"container_defaults": fields(map[string]any{
			"cpu_request_mhz": nil, "cpu_limit_mhz": nil, "memory_request_mib": nil, "memory_limit_mib": nil,
		}),
		"storage_policies":  knownvalue.MapSizeExact(0),
		"storage_classes":   knownvalue.MapSizeExact(0),
		"vm_classes":        texts(),
		"content_libraries": texts(),
		"permissions":       texts(),
	})}})
}

// A VPC, two zones of which one is removed, a grant of an external identity
// provider, and what vCenter says when it fails.
func TestDataNamespaceOfVPC(t *testing.T) {
	l := smalllab.New(t, lab.Options{Clusters: 2, Supervisors: []lab.Supervisor{{Name: "east", NetworkProvider: lab.NetworkVPC, Zones: []lab.SupervisorZone{
		{Name: "zone-a", Clusters: []string{"DC0_C0"}}, {Name: "zone-b", Clusters: []string{"DC0_C1"}, Type: "WORKLOAD"},
	}}}})
	l.CreateNamespace(t, "team-a", map[string]any{
		"zones": []any{map[string]any{"name": "zone-b", "cpu_limit_mhz": 5000}},
		"access_list": []any{
			map[string]any{"subject_type": "USER", "subject": "eve", "domain": "vsphere.local", "role": "VIEW", "identity_provider": "idp-1"},
		},
		"network_spec": map[string]any{"network_provider": "NSX_VPC", "vpc_network": map[string]any{
			"default_subnet_size": 64, "vpc_config": map[string]any{"private_cidrs": []any{map[string]any{"address": "10.20.0.0", "prefix": 16}}},
			"shared_subnets": []any{map[string]any{"path": "/orgs/default/subnets/db"}},
		}},
	})
	l.SetNamespaceError("team-a", "No host left.")
	l.AwaitStatus(t, "team-a", "ERROR")
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{onePlan(l, "resolve_inherited = true", map[string]knownvalue.Check{
		"supervisor":    knownvalue.StringExact("east"),
		"config_status": knownvalue.StringExact("ERROR"),
		"messages":      knownvalue.ListExact([]knownvalue.Check{fields(map[string]any{"severity": "ERROR", "message": "No host left."})}),
		"zones":         knownvalue.MapExact(map[string]knownvalue.Check{"zone-b": fields(map[string]any{"type": "WORKLOAD", "marked_for_removal": false})}),
		"permissions": knownvalue.SetPartial([]knownvalue.Check{
			grant("USER", "eve", "VIEW", "idp-1", false),
		}),
		"network": fields(map[string]any{"provider": "NSX_VPC", "networks": nil, "default_network": nil, "vpc": fields(map[string]any{
			"path": "/orgs/default/projects/default/vpcs/team-a", "auto_created": true, "default_subnet_size": 64,
			"private_cidrs": texts("10.20.0.0/16"), "shared_subnets": texts("/orgs/default/subnets/db"),
		})}),
	})}})
}

func TestDataNamespaceErrors(t *testing.T) {
	l := smalllab.New(t, lab.Options{})
	step := func(name, want string) resource.TestStep {
		return resource.TestStep{Config: l.Config(`data "vks_namespace" "test" { name = "` + name + `" }`), ExpectError: regexp.MustCompile(want)}
	}
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		step("no-such", `(?s)vSphere Namespace not found.*vks_namespace\s+no-such\s+\(vCenter\s+127.*vks_namespaces\s+lists`),
		step("Not a label", `Invalid name`),
	}})
}

// A namespace and its copy in one configuration: the copy is read after the
// namespace is there. A plan reads each once, and the resource's reading serves
// the data source too.
func TestDataNamespaceBesideTheResource(t *testing.T) {
	l := smalllab.New(t, lab.Options{})
	config := l.Config(`
		resource "vks_namespace" "template" {
		  name             = "template"
		  force_destroy    = true
		  cpu_limit_mhz    = 4000
		  storage_policies = { "gold-policy" = { limit_mib = 10 } }
		  vm_classes       = ["best-effort-small"]
		  object_limits    = { pods = 4 }
		}
		data "vks_namespace" "test" {
		  name = vks_namespace.template.id
		}
		resource "vks_namespace" "copy" {
		  name             = "copy"
		  force_destroy    = true
		  cpu_limit_mhz    = data.vks_namespace.test.cpu_limit_mhz
		  memory_limit_mib = data.vks_namespace.test.memory_limit_mib
		  storage_policies = data.vks_namespace.test.storage_policies
		  vm_classes       = data.vks_namespace.test.vm_classes
		  object_limits    = data.vks_namespace.test.object_limits
		  supervisor       = data.vks_namespace.test.supervisor
		}`)
	var mark int64
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config:           config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("vks_namespace.copy", tfjsonpath.New("cpu_limit_mhz"), knownvalue.Int64Exact(4000)),
				statecheck.ExpectKnownValue("vks_namespace.copy", tfjsonpath.New("memory_limit_mib"), knownvalue.Null()),
				statecheck.ExpectKnownValue("vks_namespace.copy", tfjsonpath.New("object_limits").AtMapKey("pods"), knownvalue.Int64Exact(4)),
			},
		},
		{PreConfig: func() { mark = l.Seam.Mark() }, Config: config, PlanOnly: true},
		{
			PreConfig: func() {
				reads, commands := l.Reads(mark)
				for _, path := range []string{"namespaces/instances/v2/template", "storage/policies", "namespace-management/supervisors/summaries"} {
					if reads[path] == 0 || reads[path] > commands {
						t.Errorf("%s: %d commands made %d requests", path, commands, reads[path])
					}
				}
			},
			Config: config, PlanOnly: true,
		},
	}})
}
