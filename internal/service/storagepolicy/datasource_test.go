package storagepolicy_test

import (
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

const address = "data.vks_storage_policies.test"

func names(want ...string) statecheck.StateCheck {
	checks := []knownvalue.Check{}
	for _, name := range want {
		checks = append(checks, knownvalue.StringExact(name))
	}
	return statecheck.ExpectKnownValue(address, tfjsonpath.New("names"), knownvalue.ListExact(checks))
}

// The policies of each vCenter are those that it was started with, filtered by
// name; the second plan is empty.
func TestStoragePolicies(t *testing.T) {
	options := lab.Options{StoragePolicies: []lab.Policy{
		{ID: "id-2", Name: "tenant-Silver / SSD", Description: "Erasure coding"},
		{ID: "id-1", Name: "tenant-gold"},
		{ID: "id-3", Name: "backup", Description: "Not for tenants"},
	}}
	for _, version := range []string{"7.0.3.0", "8.0.2.0", "9.1.0.0"} {
		t.Run(version, func(t *testing.T) {
			options.Version = version
			l := smalllab.New(t, options)
			acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
				{
					Config:           l.Config(`data "vks_storage_policies" "test" {}`),
					ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
					ConfigStateChecks: []statecheck.StateCheck{
						names("backup", "tenant-Silver / SSD", "tenant-gold"),
						statecheck.ExpectKnownValue(address, tfjsonpath.New("storage_policies"), knownvalue.MapExact(map[string]knownvalue.Check{
							"backup":              policy("id-3", "Not for tenants", "backup"),
							"tenant-Silver / SSD": policy("id-2", "Erasure coding", "tenant-silver-ssd"),
							"tenant-gold":         policy("id-1", "", "tenant-gold"),
						})),
					},
				},
				{
					Config:            l.Config(`data "vks_storage_policies" "test" { name_prefix = "tenant-" }`),
					ConfigStateChecks: []statecheck.StateCheck{names("tenant-Silver / SSD", "tenant-gold")},
				},
				{
					Config: l.Config(`data "vks_storage_policies" "test" { name_prefix = "Tenant-" }`),
					ConfigStateChecks: []statecheck.StateCheck{
						names(),
						statecheck.ExpectKnownValue(address, tfjsonpath.New("storage_policies"), knownvalue.MapSizeExact(0)),
					},
				},
			}})
		})
	}
}

func policy(id, description, class string) knownvalue.Check {
	return knownvalue.ObjectExact(map[string]knownvalue.Check{
		"id": knownvalue.StringExact(id), "description": knownvalue.StringExact(description), "storage_class": knownvalue.StringExact(class),
	})
}

// A filter that is not known at plan postpones the reading, and a namespace takes
// what was found; all that a plan looks up is one request.
func TestStoragePoliciesInAModule(t *testing.T) {
	l := smalllab.New(t, lab.Options{})
	config := l.Config(`
		resource "terraform_data" "prefix" {
		  input = "gold"
		}
		data "vks_storage_policies" "test" {
		  name_prefix = terraform_data.prefix.output
		}
		data "vks_storage_policies" "all" {}
		resource "vks_namespace" "test" {
		  name             = "team-a"
		  force_destroy    = true
		  storage_policies = { for name in data.vks_storage_policies.test.names : name => {} }
		}
		output "same_class" {
		  value = vks_namespace.test.storage_classes["gold-policy"] == data.vks_storage_policies.test.storage_policies["gold-policy"].storage_class
		}`)
	var mark int64
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config: config,
			ConfigStateChecks: []statecheck.StateCheck{
				names("gold-policy"),
				statecheck.ExpectKnownOutputValue("same_class", knownvalue.Bool(true)),
			},
		},
		{PreConfig: func() { mark = l.Seam.Mark() }, Config: config, PlanOnly: true},
		{
			PreConfig: func() {
				if reads, commands := l.Reads(mark); commands == 0 || reads["storage/policies"] != commands {
					t.Errorf("%d commands made more than a request each: %v", commands, reads)
				}
			},
			Config: config, PlanOnly: true,
		},
	}})
}
