package cluster

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func stateWith(t *testing.T, conditions ...conditionModel) model {
	t.Helper()
	list, problems := types.ListValueFrom(t.Context(), conditionType(), conditions)
	if problems.HasError() {
		t.Fatal(problems)
	}
	return model{
		Name: types.StringValue("prod"), Namespace: types.StringValue("team-a"),
		KubernetesVersion: types.StringValue("v1.33"), LiveVersion: types.StringValue("v1.33.6+vmware.1-fips"),
		KubernetesRelease: types.StringValue("v1.33.6---vmware.1-fips-vkr.1"), Conditions: list,
	}
}

func untrue(name, reason, message string) conditionModel {
	return conditionModel{Type: types.StringValue(name), Status: types.StringValue("False"), Reason: types.StringValue(reason), Message: types.StringValue(message)}
}

func TestCheckBlocked(t *testing.T) {
	t.Parallel()
	pdb := untrue(conditionChecks, "Failed", "PodDisruptionBudget shop/web allows no disruption")
	for name, c := range map[string]struct {
		conditions []conditionModel
		version    types.String
		skip       bool
		severity   diag.Severity
		want       []string
	}{
		"nothing in the way":  {version: types.StringValue("v1.34")},
		"no upgrade":          {conditions: []conditionModel{pdb}, version: types.StringValue("v1.33")},
		"the same in full":    {conditions: []conditionModel{pdb}, version: types.StringValue("v1.33.6---vmware.1-fips-vkr.1")},
		"not known yet":       {conditions: []conditionModel{pdb}, version: types.StringUnknown()},
		"only of the release": {conditions: []conditionModel{pdb}, version: types.StringValue("v1.33.6---vmware.1-fips-vkr.2"), severity: diag.SeverityError, want: []string{"shop/web"}},
		"system checks": {
			conditions: []conditionModel{pdb}, version: types.StringValue("v1.34"), severity: diag.SeverityError,
			want: []string{"shop/web", skipChecksAnnotation, "Layer: workload cluster"},
		},
		"system checks, to be skipped": {
			conditions: []conditionModel{pdb}, version: types.StringValue("v1.34"), skip: true, severity: diag.SeverityWarning, want: []string{"shop/web"},
		},
		"add-ons": {
			conditions: []conditionModel{untrue(conditionAddons, "ReconcileFailed", "antrea: timed out")}, version: types.StringValue("v1.34"),
			severity: diag.SeverityError, want: []string{"ReconcileFailed: antrea: timed out", "plan again", "Layer: workload cluster"},
		},
		"add-ons, whatever is skipped": {
			conditions: []conditionModel{untrue(conditionAddons, "ReconcileFailed", "")}, version: types.StringValue("v1.34"), skip: true,
			severity: diag.SeverityError, want: []string{"ReconcileFailed"},
		},
		"the upgrade before": {
			conditions: []conditionModel{untrue(conditionReconciled, "ClusterUpgrading", "MachineDeployment a upgrading to version v1.33.6")}, version: types.StringValue("v1.34"),
			severity: diag.SeverityError, want: []string{"MachineDeployment a upgrading", "Layer: Supervisor"},
		},
		"a hook": {
			conditions: []conditionModel{untrue(conditionReconciled, "LifecycleHookBlocking", "")}, version: types.StringValue("v1.34"), severity: diag.SeverityError, want: []string{"LifecycleHookBlocking"},
		},
		"what another version may cure": {
			conditions: []conditionModel{untrue(conditionReconciled, "TopologyReconcileFailed", "variable is not defined")}, version: types.StringValue("v1.34"),
			severity: diag.SeverityWarning, want: []string{"variable is not defined"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state := stateWith(t, c.conditions...)
			plan := state
			plan.KubernetesVersion = c.version
			if c.skip {
				plan.Annotations = types.MapValueMust(types.StringType, map[string]attr.Value{skipChecksAnnotation: types.StringValue("")})
			}
			var to diag.Diagnostics
			checkBlocked(t.Context(), state, plan, &to)
			if len(c.want) == 0 {
				if len(to) > 0 {
					t.Errorf("got %v", to)
				}
				return
			}
			if len(to) != 1 || to[0].Severity() != c.severity {
				t.Fatalf("got %v", to)
			}
			for _, want := range append(c.want, "VKS cluster team-a/prod runs v1.33.6") {
				if !strings.Contains(to[0].Detail(), want) {
					t.Errorf("%q is missing in:\n%s", want, to[0].Detail())
				}
			}
		})
	}
}

func TestWarnOfLeaving(t *testing.T) {
	t.Parallel()
	for phase, want := range map[string]int{"Deleting": 1, "Provisioned": 0} {
		state := stateWith(t)
		state.Phase = types.StringValue(phase)
		var to diag.Diagnostics
		if warnOfLeaving(state, &to); to.WarningsCount() != want {
			t.Errorf("%s: %v", phase, to)
		}
	}
}
