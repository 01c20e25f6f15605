package backupschedule_test

import (
	"errors"
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
	"github.com/vksops/terraform-provider-vks/internal/acctest/attached"
)

const address = "vks_backup_schedule.test"

type steps struct{ name string }

// step is one apply of a fixture that must leave nothing to do.
func (s steps) step(dir string, more resource.TestStep) resource.TestStep {
	more.ConfigDirectory = config.StaticDirectory("testdata/TestAccBackupSchedule/" + dir)
	more.ConfigVariables = config.Variables{"name": config.StringVariable(s.name)}
	if !more.ImportState {
		more.ConfigPlanChecks.PostApplyPostRefresh = []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}
	}
	return more
}

func (s steps) action(dir string, action plancheck.ResourceActionType, more resource.TestStep) resource.TestStep {
	more.ConfigPlanChecks.PreApply = append(more.ConfigPlanChecks.PreApply, plancheck.ExpectResourceAction(address, action))
	return s.step(dir, more)
}

func value(attribute string, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), check)
}

func planned(attribute string, check knownvalue.Check) plancheck.PlanCheck {
	return plancheck.ExpectKnownValue(address, tfjsonpath.New(attribute), check)
}

func imported() resource.TestStep {
	return resource.TestStep{
		ResourceName: address, ImportState: true, ImportStateVerify: true,
		ImportStateVerifyIgnore: []string{
			"skip_immediately", "next_run_time", "last_backup_time", "excluded_namespaces.#",
			"hooks.0.pre.0.timeout", // written in another way, which is no difference
		},
	}
}

func TestAccBackupSchedule(t *testing.T) {
	cluster, name := attached.New(t), acctest.Name(t, "schedule")
	s := steps{name: name}
	edit := func(patch string) func() {
		return func() { cluster.Patch(attached.Schedules, "velero", name, patch) }
	}
	acctest.Test(t, resource.TestCase{
		CheckDestroy: func(*terraform.State) error {
			if cluster.Get(attached.Schedules, "velero", name) != nil {
				return errors.New("the schedule is left")
			}
			return nil
		},
		Steps: []resource.TestStep{
			s.step("create", resource.TestStep{
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					planned("effective_schedule", knownvalue.StringExact("0 2 * * *")), planned("longest_gap_seconds", knownvalue.Int64Exact(86400)),
				}},
				ConfigStateChecks: []statecheck.StateCheck{
					value("id", knownvalue.StringExact("-/velero/"+name)), value("phase", knownvalue.StringExact("Enabled")),
					value("retention", knownvalue.StringExact("720h")), value("validation_errors", knownvalue.ListSizeExact(0)),
					value("next_run_time", knownvalue.StringRegexp(regexp.MustCompile(`T02:00:00Z$`))), value("last_backup_time", knownvalue.Null()),
				},
			}),
			s.step("create", imported()),
			s.action("full", plancheck.ResourceActionUpdate, resource.TestStep{ConfigStateChecks: full(), Check: skipped(cluster, name)}),
			s.step("full", imported()),
			s.action("minimal", plancheck.ResourceActionUpdate, resource.TestStep{ConfigStateChecks: minimal(), Check: bare(cluster, name)}),
			// Somebody changes what is managed, and adds what is not in the configuration.
			s.action("minimal", plancheck.ResourceActionUpdate, resource.TestStep{
				PreConfig:         edit(`{"spec":{"schedule":"0 5 * * *","template":{"ttl":"24h0m0s","excludedNamespaces":["kube-system"],"snapshotMoveData":true}}}`),
				ConfigStateChecks: minimal(), Check: bare(cluster, name),
			}),
			s.action("minimal", plancheck.ResourceActionUpdate, resource.TestStep{
				PreConfig: edit(`{"spec":{"schedule":"not a cron"}}`), ConfigStateChecks: minimal(),
			}),
			s.action("minimal", plancheck.ResourceActionCreate, resource.TestStep{
				PreConfig:         func() { cluster.Delete(attached.Schedules, "velero", name) },
				ConfigStateChecks: minimal(),
			}),
		},
	})
}

func full() []statecheck.StateCheck {
	return []statecheck.StateCheck{
		value("effective_schedule", knownvalue.StringExact("CRON_TZ=Europe/Berlin 30 */6 * * *")),
		value("longest_gap_seconds", knownvalue.Int64Exact(7*3600)), // the night that summer time ends
		value("retention", knownvalue.StringExact("336h")),
		value("phase", knownvalue.StringExact("Enabled")),
		value("skip_immediately", knownvalue.Bool(true)),
		value("excluded_namespaces", knownvalue.SetSizeExact(0)),
		value("or_label_selectors", knownvalue.ListSizeExact(2)),
		statecheck.ExpectKnownValue(address, tfjsonpath.New("volumes").AtMapKey("csi_snapshot_timeout"), knownvalue.StringExact("20m")),
		statecheck.ExpectKnownValue(address, tfjsonpath.New("volumes").AtMapKey("resource_policy").AtMapKey("kind"), knownvalue.StringExact("configmap")),
		statecheck.ExpectKnownValue(address, tfjsonpath.New("hooks").AtSliceIndex(0).AtMapKey("pre").AtSliceIndex(0).AtMapKey("timeout"), knownvalue.StringExact("90s")),
	}
}

func minimal() []statecheck.StateCheck {
	return []statecheck.StateCheck{
		value("effective_schedule", knownvalue.StringExact("@daily")), value("phase", knownvalue.StringExact("Enabled")),
		value("retention", knownvalue.StringExact("720h")), value("volumes", knownvalue.Null()), value("hooks", knownvalue.Null()),
		value("excluded_namespaces", knownvalue.Null()), value("storage_location", knownvalue.Null()),
	}
}

// skipped: Velero has taken note of skip_immediately and reset it.
func skipped(cluster *attached.Cluster, name string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		live := cluster.Get(attached.Schedules, "velero", name)
		if at, _, _ := unstructured.NestedString(live.Object, "status", "lastSkipped"); at == "" {
			return errors.New("skip_immediately did not reach Velero")
		}
		return nil
	}
}

// bare: what was removed from the configuration is removed from the cluster.
func bare(cluster *attached.Cluster, name string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		live := cluster.Get(attached.Schedules, "velero", name)
		template, _, _ := unstructured.NestedMap(live.Object, "spec", "template")
		if len(template) != 1 || template["ttl"] != "720h0m0s" {
			return fmt.Errorf("the template should hold the ttl alone: %v", template)
		}
		return nil
	}
}

// TestAccBackupSchedule_rpo derives the schedule, heals it, and can pause it.
func TestAccBackupSchedule_rpo(t *testing.T) {
	cluster, name := attached.New(t), acctest.Name(t, "rpo")
	s := steps{name: name}
	fourHours := knownvalue.StringRegexp(regexp.MustCompile(`^\d+ (\*|\d+-23)/4 \* \* \*$`))
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		// Paused from the start: Velero never looks at it, and nothing waits for that.
		s.step("paused", resource.TestStep{ConfigStateChecks: []statecheck.StateCheck{
			value("phase", knownvalue.StringExact("")), value("next_run_time", knownvalue.Null()), value("effective_schedule", fourHours),
		}}),
		s.action("rpo", plancheck.ResourceActionUpdate, resource.TestStep{ConfigStateChecks: []statecheck.StateCheck{
			value("phase", knownvalue.StringExact("Enabled")), value("longest_gap_seconds", knownvalue.Int64Exact(4*3600)), value("schedule", knownvalue.Null()),
		}}),
		s.step("rpo", imported()),
		s.action("rpo", plancheck.ResourceActionUpdate, resource.TestStep{
			PreConfig: func() {
				cluster.Patch(attached.Schedules, "velero", name, `{"spec":{"schedule":"0 0 * * 0"}}`)
			},
			ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{planned("effective_schedule", fourHours)}},
			ConfigStateChecks: []statecheck.StateCheck{value("effective_schedule", fourHours), value("longest_gap_seconds", knownvalue.Int64Exact(4*3600))},
		}),
		s.action("paused", plancheck.ResourceActionUpdate, resource.TestStep{ConfigStateChecks: []statecheck.StateCheck{
			value("paused", knownvalue.Bool(true)), value("next_run_time", knownvalue.Null()),
		}}),
	}})
}

// TestAccBackupSchedule_unknown: nothing is decided on what is not known yet.
func TestAccBackupSchedule_unknown(t *testing.T) {
	attached.Kubeconfig(t)
	s := steps{name: acctest.Name(t, "unknown")}
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		s.step("unknown", resource.TestStep{
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectUnknownValue(address, tfjsonpath.New("effective_schedule")),
			}},
			ConfigStateChecks: []statecheck.StateCheck{value("longest_gap_seconds", knownvalue.Int64Exact(3600))},
		}),
	}})
}

func TestAccBackupSchedule_identity(t *testing.T) {
	attached.Kubeconfig(t)
	name := acctest.Name(t, "identity")
	s := steps{name: name}
	acctest.Test(t, resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		Steps: []resource.TestStep{
			s.step("minimal", resource.TestStep{ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectIdentity(address, map[string]knownvalue.Check{
				"cluster_id": knownvalue.StringExact("-"), "namespace": knownvalue.StringExact("velero"), "name": knownvalue.StringExact(name),
			})}}),
			s.step("minimal", resource.TestStep{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithID}),
			s.step("minimal", resource.TestStep{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity}),
		},
	})
}

// TestAccBackupSchedule_failures: what is wrong is said at plan, where it can be.
func TestAccBackupSchedule_failures(t *testing.T) {
	attached.Kubeconfig(t)
	daily := "schedule = \"@daily\"\n"
	for name, c := range map[string]struct{ body, want string }{
		"bad cron":           {`schedule = "61 * * * *"`, `Invalid backup schedule`},
		"bad zone":           {`schedule = "CRON_TZ=Mars/North 0 2 * * *"`, `Invalid backup schedule`},
		"never runs":         {`schedule = "0 0 30 2 *"`, `Backup schedule never runs`},
		"rpo too short":      {`rpo = "30s"`, `Duration too short`},
		"neither":            {``, `Neither schedule nor rpo`},
		"both":               {`rpo = "4h"` + "\n" + daily, `Both schedule and rpo`},
		"old and scoped":     {daily + `included_resources = ["pods"]` + "\n" + `excluded_cluster_scoped_resources = ["nodes"]`, `(?s)Conflicting filters.*old\s+filters`},
		"selectors together": {daily + `label_selector = { match_labels = { a = "b" } }` + "\n" + `or_label_selectors = [{ match_labels = { a = "b" } }]`, `(?s)Conflicting filters.*not\s+both`},
		"overlap":            {daily + `included_namespaces = ["a"]` + "\n" + `excluded_namespaces = ["a"]`, `(?s)Conflicting filters.*both\s+included\s+and\s+excluded`},
		"star with others":   {daily + `included_namespaces = ["*", "a"]`, `(?s)Conflicting filters.*stand\s+alone`},
		"all excluded":       {daily + `excluded_namespaces = ["*"]`, `(?s)Conflicting filters.*nothing\s+would\s+be\s+left`},
		"empty selector":     {daily + `label_selector = {}`, `match_labels`},
		"no Velero there":    {daily + `velero_namespace = "nowhere"`, `(?s)Unable to create backup schedule.*add\s+a\s+vks_data_protection`},
		"negative retention": {daily + `retention = "-1h"`, `Invalid duration`},
	} {
		t.Run(name, func(t *testing.T) {
			acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{{
				Config:      fmt.Sprintf("resource \"vks_backup_schedule\" \"test\" {\n name = %q\n %s\n}\n", acctest.Name(t, "bad"), c.body),
				ExpectError: regexp.MustCompile(c.want),
			}}})
		})
	}
}

// TestAccBackupSchedule_exists: what is there is imported, not taken over.
func TestAccBackupSchedule_exists(t *testing.T) {
	cluster, name := attached.New(t), acctest.Name(t, "taken")
	cluster.Create(attached.Schedules, map[string]any{
		"apiVersion": "velero.io/v1", "kind": "Schedule", "metadata": map[string]any{"namespace": "velero", "name": name},
		"spec": map[string]any{"schedule": "@monthly", "paused": true, "template": map[string]any{}},
	})
	t.Cleanup(func() { cluster.Delete(attached.Schedules, "velero", name) })
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{{
		Config:      fmt.Sprintf("resource \"vks_backup_schedule\" \"test\" {\n name = %q\n schedule = \"@daily\"\n}\n", name),
		ExpectError: regexp.MustCompile(`(?s)Unable to create backup schedule.*Import\s+it`),
	}}})
}

// TestAccBackupSchedule_unfinished: what a killed apply has left, the next one finishes.
func TestAccBackupSchedule_unfinished(t *testing.T) {
	cluster, name := attached.New(t), acctest.Name(t, "killed")
	cluster.Create(attached.Schedules, map[string]any{
		"apiVersion": "velero.io/v1", "kind": "Schedule",
		"metadata": map[string]any{"namespace": "velero", "name": name, "annotations": map[string]any{"terraform-provider-vks/creating": "true"}},
		"spec":     map[string]any{"schedule": "not a cron", "template": map[string]any{}},
	})
	t.Cleanup(func() { cluster.Delete(attached.Schedules, "velero", name) })
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{{
		Config:            fmt.Sprintf("resource \"vks_backup_schedule\" \"test\" {\n name = %q\n schedule = \"@daily\"\n}\n", name),
		ConfigStateChecks: []statecheck.StateCheck{value("phase", knownvalue.StringExact("Enabled"))},
		Check: func(*terraform.State) error {
			if marks := cluster.Get(attached.Schedules, "velero", name).GetAnnotations(); len(marks) != 0 {
				return fmt.Errorf("the finished schedule still has %v", marks)
			}
			return nil
		},
	}}})
}
