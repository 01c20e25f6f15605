package namespace_test

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
	"github.com/vksops/terraform-provider-vks/internal/acctest/smalllab"
	lab "github.com/vksops/terraform-provider-vks/internal/lab/vcenter"
)

const listAddress = "data.vks_namespaces.test"

func listed(l *smalllab.Lab, filter string, want ...string) resource.TestStep {
	names := []knownvalue.Check{}
	for _, name := range want {
		names = append(names, knownvalue.StringExact(name))
	}
	return resource.TestStep{
		Config:           l.Config("data \"vks_namespaces\" \"test\" {\n" + filter + "\n}"),
		ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(listAddress, tfjsonpath.New("names"), knownvalue.ListExact(names)),
			statecheck.ExpectKnownValue(listAddress, tfjsonpath.New("namespaces"), knownvalue.MapSizeExact(len(want))),
		},
	}
}

func listItem(supervisor, id, description, status string) knownvalue.Check {
	return fields(map[string]any{
		"supervisor": supervisor, "supervisor_id": id, "description": description, "config_status": status, "self_service": false,
		"stats": podRequests,
	})
}

// The namespaces of two Supervisors, all and filtered.
func TestDataNamespaces(t *testing.T) {
	for _, version := range []string{"8.0.2.0", "9.1.0.0"} {
		t.Run(version, func(t *testing.T) {
			l := smalllab.New(t, lab.Options{Version: version, Clusters: 2, Hooks: pods{}, Supervisors: []lab.Supervisor{
				{Name: "east", ID: "id-east", Zones: []lab.SupervisorZone{{Name: "zone-e", Clusters: []string{"DC0_C0"}}}},
				{Name: "west", ID: "id-west", Zones: []lab.SupervisorZone{{Name: "zone-w", Clusters: []string{"DC0_C1"}}}},
			}})
			l.CreateNamespace(t, "team-b", map[string]any{"supervisor": "id-west", "description": "Second"})
			l.CreateNamespace(t, "team-a", map[string]any{"supervisor": "id-east"})
			l.CreateNamespace(t, "lab", map[string]any{"supervisor": "id-east"})
			l.SetNamespaceError("lab", "No host left.")
			l.AwaitStatus(t, "lab", "ERROR")
			all := listed(l, "", "lab", "team-a", "team-b")
			all.ConfigStateChecks = append(all.ConfigStateChecks, statecheck.ExpectKnownValue(listAddress, tfjsonpath.New("namespaces"), knownvalue.MapExact(map[string]knownvalue.Check{
				"lab":    listItem("east", "id-east", "", "ERROR"),
				"team-a": listItem("east", "id-east", "", "RUNNING"),
				"team-b": listItem("west", "id-west", "Second", "RUNNING"),
			})))
			acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
				all,
				listed(l, `supervisor = "east"`, "lab", "team-a"),
				listed(l, "supervisor = \"id-west\"\nname_prefix = \"team-\"", "team-b"),
				listed(l, `name_prefix = "team-"`, "team-a", "team-b"),
				listed(l, `name_prefix = "none-"`),
			}})
		})
	}
}

// On vCenter 7 a compute cluster is a Supervisor.
func TestDataNamespacesOfOldVCenter(t *testing.T) {
	l := smalllab.New(t, lab.Options{Version: "7.0.3.0", Hooks: pods{}})
	l.CreateNamespace(t, "team-a", nil)
	var clusters []struct{ Cluster string }
	l.Get(t, "/api/vcenter/namespace-management/clusters", &clusters)
	step := listed(l, `supervisor = "DC0_C0"`, "team-a")
	step.ConfigStateChecks = append(step.ConfigStateChecks, statecheck.ExpectKnownValue(
		listAddress, tfjsonpath.New("namespaces").AtMapKey("team-a"), listItem("DC0_C0", clusters[0].Cluster, "", "RUNNING")))
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{step}})
}

func TestDataNamespacesErrors(t *testing.T) {
	l := smalllab.New(t, lab.Options{})
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{{
		Config:      l.Config(`data "vks_namespaces" "test" { supervisor = "north" }`),
		ExpectError: regexp.MustCompile(`(?s)Unable to find the Supervisor.*no\s+Supervisor\s+"north".*supervisor-1`),
	}}})
}

// Sixty namespaces are one request, and so are the Supervisors for three lists
// and a filter that is not known before the apply.
func TestDataNamespacesRequests(t *testing.T) {
	l := smalllab.New(t, lab.Options{ConfigureDelay: time.Millisecond})
	for n := range 60 {
		l.CreateNamespace(t, fmt.Sprintf("team-%02d", n), nil)
	}
	config := l.Config(`
		resource "terraform_data" "prefix" {
		  input = "team-1"
		}
		data "vks_namespaces" "test" {
		  name_prefix = terraform_data.prefix.output
		}
		data "vks_namespaces" "named" {
		  supervisor = "supervisor-1"
		}`)
	var mark int64
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config:            config,
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(listAddress, tfjsonpath.New("names"), knownvalue.ListSizeExact(10))},
		},
		{PreConfig: func() { mark = l.Seam.Mark() }, Config: config, PlanOnly: true},
		{
			PreConfig: func() {
				reads, commands := l.Reads(mark)
				all := 0
				for _, n := range reads {
					all += n
				}
				if commands == 0 || all != 3*commands || reads["namespace-management/supervisors/summaries"] != commands {
					t.Errorf("%d commands made more than two lists and one look at the Supervisors each: %v", commands, reads)
				}
			},
			Config: config, PlanOnly: true,
		},
	}})
}
