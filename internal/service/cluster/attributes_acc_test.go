package cluster_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"k8s.io/utils/ptr"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
)

// refreshed expects a value in the state that a plan starts from.
type refreshed struct {
	path  tfjsonpath.Path
	check knownvalue.Check
}

// CheckPlan looks at what the plan changes.
func (r refreshed) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	resp.Error = errors.New(address + " is not planned at all")
	for _, change := range req.Plan.ResourceChanges {
		if change.Address != address {
			continue
		}
		value, err := tfjsonpath.Traverse(change.Change.Before, r.path)
		if err == nil {
			err = r.check.CheckValue(value)
		}
		resp.Error = err
	}
}

// found expects drift in the pool db, and that it is put back in place.
func found(drift map[string]knownvalue.Check) resource.ConfigPlanChecks {
	checks := inPlace()
	for name, check := range drift {
		checks.PreApply = append(checks.PreApply, refreshed{path: tfjsonpath.New("node_pools").AtMapKey("db").AtMapKey(name), check: check})
	}
	return checks
}

// asks compares what the platform has of the cluster with what it should be.
func asks(t *testing.T, namespace string, want func(*supervisor.ClusterSpec)) resource.TestCheckFunc {
	t.Helper()
	return func(*terraform.State) error {
		live, err := platform(t).GetCluster(t.Context(), namespace, "prod")
		if err != nil {
			return err
		}
		is, should := live.Spec(), live.Spec()
		want(&should)
		if diff := cmp.Diff(should, is, cmpopts.EquateEmpty()); diff != "" {
			return errors.New("the cluster is not what was asked for: " + diff)
		}
		return nil
	}
}

// Attributes that no machine has to come up for: set, changed by others, and
// taken away again inside pools that stay.
func TestAccCluster_attributes(t *testing.T) {
	acctest.OncePerProduct(t)
	namespace := acctest.Name(t, "attributes")
	variables := config.Variables{"name": config.StringVariable(namespace)}
	full := config.StaticDirectory("testdata/TestAccCluster_attributes/1_full")
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			ConfigDirectory: full, ConfigVariables: variables,
			ConfigStateChecks: []statecheck.StateCheck{
				known("cluster_class", knownvalue.StringExact("builtin-generic-v3.4.0")),
				known("cluster_class_namespace", knownvalue.StringExact(namespace)),
			},
			Check: asks(t, namespace, fullySpecified),
		},
		{ // the same length of time, and the same moment
			ConfigDirectory: full, PlanOnly: true,
			ConfigVariables: config.Variables{
				"name": variables["name"], "detach_timeout": config.StringVariable("600s"), "rollout_after": config.StringVariable("2020-03-09T08:00:00-01:00"),
			},
		},
		{ // each thing that others changed or took away is found, and put back
			PreConfig: func() {
				alter(t, namespace, func(s *supervisor.ClusterSpec) {
					db := s.Pools["db"]
					db.Variables["node"] = map[string]any{"taints": []any{taint("dedicated", "web", "NoSchedule")}}
					db.Variables["volumes"] = []any{map[string]any{"name": "data", "mountPath": "/data", "capacity": "6Gi"}}
					delete(db.Variables, "osConfiguration")
					db.Health = supervisor.HealthCheck{Enabled: ptr.To(false), NodeConditions: db.Health.NodeConditions[:1], UnhealthyRange: "[0-9]", MaxInFlight: "1"}
					db.Taints = []supervisor.Taint{{Key: "example.com/other", Effect: "NoSchedule", Propagation: "Always"}}
					db.ReadinessGates, db.RolloutAfter = nil, nil
					s.Pools["db"] = db
				})
			},
			ConfigDirectory: full, ConfigVariables: variables,
			ConfigPlanChecks: found(map[string]knownvalue.Check{
				"node_labels": knownvalue.Null(),
				"taints": knownvalue.ListExact([]knownvalue.Check{
					knownvalue.ObjectPartial(map[string]knownvalue.Check{"value": knownvalue.StringExact("web")}),
				}),
				"volumes": knownvalue.MapExact(map[string]knownvalue.Check{
					"data": knownvalue.ObjectPartial(map[string]knownvalue.Check{"capacity": knownvalue.StringExact("6Gi")}),
				}),
				"variables": knownvalue.Null(),
				"health_check": knownvalue.ObjectExact(map[string]knownvalue.Check{
					"enabled": knownvalue.Bool(false), "node_startup_timeout": knownvalue.Null(),
					"unhealthy_node_conditions": knownvalue.ListSizeExact(1), "unhealthy_machine_conditions": knownvalue.Null(),
					"unhealthy_range": knownvalue.StringExact("[0-9]"), "max_unhealthy": knownvalue.Null(), "max_in_flight": knownvalue.StringExact("1"),
					"remediation_template": knownvalue.Null(),
				}),
				"machine_taints": knownvalue.SetExact([]knownvalue.Check{
					knownvalue.ObjectPartial(map[string]knownvalue.Check{"key": knownvalue.StringExact("example.com/other")}),
				}),
				"readiness_gates": knownvalue.Null(), "rollout_after": knownvalue.Null(),
			}),
			Check: asks(t, namespace, func(s *supervisor.ClusterSpec) {
				fullySpecified(s)
				// What is there keeps its place: another order would replace machines.
				volumes, _ := s.Pools["db"].Variables["volumes"].([]any)
				slices.Reverse(volumes)
			}),
		},
		{
			ConfigDirectory: config.StaticDirectory("testdata/TestAccCluster_attributes/2_bare"), ConfigVariables: variables, ConfigPlanChecks: inPlace(),
			Check: asks(t, namespace, func(s *supervisor.ClusterSpec) {
				delete(s.Annotations, "kubernetes.vmware.com/skip-auto-cc-rebase")
				s.AvailabilityGates = nil
				s.ControlPlane = supervisor.ControlPlaneSpec{Replicas: ptr.To[int64](1)}
				s.Pools = map[string]supervisor.PoolSpec{
					"db":   {Class: "node-pool", MachineSpec: supervisor.MachineSpec{Annotations: autoscaled}},
					"auto": {Class: "node-pool", Replicas: ptr.To[int64](1)},
				}
			}),
		},
	}})
}

func taint(key, value, effect string) map[string]any {
	return map[string]any{"key": key, "value": value, "effect": effect}
}

// autoscaled is what an autoscaler from 1 to 2 nodes is called on the platform.
var autoscaled = map[string]string{
	"cluster.x-k8s.io/cluster-api-autoscaler-node-group-min-size": "1",
	"cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size": "2",
}

// fullySpecified is what 1_full asks for, beside what a cluster has anyway.
func fullySpecified(s *supervisor.ClusterSpec) {
	image := func(version string) map[string]string {
		return map[string]string{"run.tanzu.vmware.com/resolve-os-image": "os-name=ubuntu,os-version=" + version}
	}
	ntp := func(server string) any { return map[string]any{"ntp": map[string]any{"servers": []any{server}}} }
	s.Class, s.ClassNamespace = "builtin-generic-v3.4.0", supervisor.PublicNamespace
	s.Annotations["kubernetes.vmware.com/skip-auto-cc-rebase"] = ""
	s.APIServerPort = 6444
	s.ControlPlane = supervisor.ControlPlaneSpec{Replicas: ptr.To[int64](1), MachineSpec: supervisor.MachineSpec{
		Labels: map[string]string{"part": "control-plane"}, Annotations: image("24.04"), VolumeDetach: ptr.To(10 * time.Minute),
		Variables: map[string]any{
			"osConfiguration": ntp("cp.example.com"),
			"volumes":         []any{map[string]any{"name": "etcd", "mountPath": "/var/lib/etcd", "capacity": "10Gi"}},
		},
		Health:         supervisor.HealthCheck{NodeStartup: ptr.To(4 * time.Hour), MaxUnhealthy: "100%"},
		RolloutAfter:   ptr.To(time.Date(2020, 3, 9, 9, 0, 0, 0, time.UTC)),
		ReadinessGates: []supervisor.Gate{{ConditionType: "example.com/Checked"}},
		Taints:         []supervisor.Taint{{Key: "example.com/cp", Value: "x", Effect: "NoExecute", Propagation: "Always"}},
	}}
	s.AvailabilityGates = []supervisor.Gate{{ConditionType: "example.com/Backed"}}
	s.Pools = map[string]supervisor.PoolSpec{
		"auto": {Class: "node-pool", MachineSpec: supervisor.MachineSpec{Annotations: autoscaled}},
		"db": {
			Class: "node-pool", Replicas: ptr.To[int64](1), Zone: "zone-1", DeletionOrder: "Oldest",
			RolloutType: "RollingUpdate", MaxSurge: "25%", MaxUnavailable: "0",
			MachineSpec: supervisor.MachineSpec{
				Annotations: image("22.04"), Variables: map[string]any{
					"osConfiguration": ntp("db.example.com"),
					"node": map[string]any{
						"labels": map[string]any{"role": "db"},
						"taints": []any{taint("dedicated", "db", "NoSchedule"), taint("second", "", "NoExecute")},
					},
					"volumes": []any{
						map[string]any{"name": "containerd", "mountPath": "/var/lib/containerd", "capacity": "20Gi", "storageClass": "gold-policy"},
						map[string]any{"name": "data", "mountPath": "/data", "capacity": "5Gi"},
					},
				}, Health: fullHealth(), RolloutAfter: ptr.To(time.Date(2020, 3, 9, 9, 0, 0, 0, time.UTC)),
				ReadinessGates: []supervisor.Gate{{ConditionType: "example.com/Burned", Polarity: "Negative"}, {ConditionType: "example.com/Checked"}},
				Taints: []supervisor.Taint{
					{Key: "example.com/db", Value: "x", Effect: "NoSchedule", Propagation: "Always"},
					{Key: "example.com/new", Effect: "NoSchedule", Propagation: "OnInitialization"},
				},
			},
		},
	}
}

func fullHealth() supervisor.HealthCheck {
	return supervisor.HealthCheck{
		Enabled: ptr.To(true), NodeStartup: ptr.To(90 * time.Minute),
		NodeConditions:    []supervisor.UnhealthyCondition{{Type: "Ready", Status: "Unknown", Timeout: 5 * time.Minute}, {Type: "Ready", Status: "False", Timeout: 12 * time.Minute}},
		MachineConditions: []supervisor.UnhealthyCondition{{Type: "NodeReady", Status: "False", Timeout: time.Hour}},
		UnhealthyRange:    "[1-3]", MaxUnhealthy: "2", MaxInFlight: "50%",
		Template: supervisor.TemplateRef{APIVersion: "example.com/v1", Kind: "Mend", Name: "mend"},
	}
}
