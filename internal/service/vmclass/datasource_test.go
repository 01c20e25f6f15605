package vmclass_test

import (
	"maps"
	"net/http"
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

const (
	address = "data.vks_vm_classes.test"
	classes = "/api/vcenter/namespace-management/virtual-machine-classes"
)

func names(want ...string) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New("names"), list(want...))
}

func list(want ...string) knownvalue.Check {
	checks := []knownvalue.Check{}
	for _, name := range want {
		checks = append(checks, knownvalue.StringExact(name))
	}
	return knownvalue.ListExact(checks)
}

func filtered(l *smalllab.Lab, filter string, want ...string) resource.TestStep {
	return resource.TestStep{
		Config: l.Config("data \"vks_vm_classes\" \"test\" {\n" + filter + "\n}"),
		ConfigStateChecks: []statecheck.StateCheck{
			names(want...),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("vm_classes"), knownvalue.MapSizeExact(len(want))),
		},
	}
}

// All classes of each vCenter with all that it knows of them, and the filters.
func TestVMClasses(t *testing.T) {
	for _, version := range []string{"7.0.3.0", "8.0.2.0", "9.1.0.0"} {
		t.Run(version, func(t *testing.T) {
			l := smalllab.New(t, lab.Options{Version: version})
			l.Send(t, http.MethodPost, classes, map[string]any{
				"id": "gpu-half", "cpu_count": 12, "memory_MB": 98304, "cpu_reservation": 50, "memory_reservation": 100, "description": "Half a card",
			})
			l.CreateNamespace(t, "team-b", map[string]any{"vm_service_spec": map[string]any{"vm_classes": []string{"gpu-half", "best-effort-large"}}})
			l.CreateNamespace(t, "team-a", map[string]any{"vm_service_spec": map[string]any{"vm_classes": []string{"gpu-half"}}})
			acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
				{
					Config:           l.Config(`data "vks_vm_classes" "test" {}`),
					ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
					ConfigStateChecks: []statecheck.StateCheck{
						statecheck.ExpectKnownValue(address, tfjsonpath.New("vm_classes"), all(l)),
						names(
							"best-effort-xsmall", "guaranteed-xsmall", "best-effort-small", "guaranteed-small", "best-effort-medium", "guaranteed-medium",
							"best-effort-large", "guaranteed-large", "best-effort-xlarge", "guaranteed-xlarge", "best-effort-2xlarge", "guaranteed-2xlarge",
							"gpu-half", "best-effort-4xlarge", "guaranteed-4xlarge", "best-effort-8xlarge", "guaranteed-8xlarge",
						),
					},
				},
				filtered(l, "name_prefix = \"guaranteed-\"\nmin_cpus = 16", "guaranteed-4xlarge", "guaranteed-8xlarge"),
				filtered(l, "min_memory_mib = 98304\nmin_cpus = 0", "gpu-half", "best-effort-4xlarge", "guaranteed-4xlarge", "best-effort-8xlarge", "guaranteed-8xlarge"),
				filtered(l, `namespace = "team-b"`, "best-effort-large", "gpu-half"),
				filtered(l, "namespace = \"team-b\"\nmin_cpus = 5", "gpu-half"),
				filtered(l, `min_cpus = 33`),
			}})
		})
	}
}

// all is what the lab itself says of its classes, and where they were bound.
func all(l *smalllab.Lab) knownvalue.Check {
	bound := map[string][]string{"gpu-half": {"team-a", "team-b"}, "best-effort-large": {"team-b"}}
	want := map[string]knownvalue.Check{}
	for _, name := range slices.Collect(maps.Keys(l.Classes())) {
		c := l.Classes()[name]
		want[name] = knownvalue.ObjectExact(map[string]knownvalue.Check{
			"cpus": knownvalue.Int64Exact(c.CPUs), "memory_mib": knownvalue.Int64Exact(c.MemoryMiB),
			"cpu_reservation_percent": knownvalue.Int64Exact(c.CPUReservationPercent), "memory_reservation_percent": knownvalue.Int64Exact(c.MemoryReservationPercent),
			"description": knownvalue.StringExact(c.Description), "namespaces": list(bound[name]...), "config_status": knownvalue.StringExact("READY"),
		})
	}
	return knownvalue.MapExact(want)
}

// In one apply: the smallest class that suffices goes into a namespace, whose
// classes are read when it has them, although the classes were read before.
func TestVMClassesOfANewNamespace(t *testing.T) {
	l := smalllab.New(t, lab.Options{})
	config := l.Config(`
		resource "terraform_data" "size" {
		  input = 4
		}
		data "vks_vm_classes" "fitting" {
		  name_prefix = "guaranteed-"
		  min_cpus    = terraform_data.size.output
		}
		resource "vks_namespace" "test" {
		  name          = "team-a"
		  force_destroy = true
		  vm_classes    = [data.vks_vm_classes.fitting.names[0]]
		}
		data "vks_vm_classes" "test" {
		  namespace = vks_namespace.test.name
		}`)
	var mark int64
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config: config,
			ConfigStateChecks: []statecheck.StateCheck{
				names("guaranteed-large"),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("vm_classes").AtMapKey("guaranteed-large").AtMapKey("namespaces"), list("team-a")),
			},
		},
		{PreConfig: func() { mark = l.Seam.Mark() }, Config: config, PlanOnly: true},
		{
			PreConfig: func() {
				reads, commands := l.Reads(mark)
				if commands == 0 || reads["namespace-management/virtual-machine-classes"] != commands || reads["namespaces/instances/v2/team-a"] > commands {
					t.Errorf("%d commands made more than a request each: %v", commands, reads)
				}
			},
			Config: config, PlanOnly: true,
		},
	}})
}

func TestVMClassErrors(t *testing.T) {
	l := smalllab.New(t, lab.Options{})
	step := func(body, want string) resource.TestStep {
		return resource.TestStep{Config: l.Config("data \"vks_vm_classes\" \"test\" {\n" + body + "\n}"), ExpectError: regexp.MustCompile(want)}
	}
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		step(`namespace = "no-such-namespace"`, `(?s)vSphere Namespace not found.*vCenter 127.*no-such-namespace.*Check\s+the\s+name`),
		step(`namespace = "Not a label"`, `Invalid name`),
		step(`min_cpus = -1`, `min_cpus`),
	}})
}
