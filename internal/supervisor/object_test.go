package supervisor

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/utils/ptr"
)

func fullSpec() ClusterSpec {
	minute := ptr.To(time.Minute)
	machine := MachineSpec{
		Labels: map[string]string{"a": "b"}, Annotations: map[string]string{"c": ""},
		Variables: map[string]any{"vmClass": "best-effort-small"},
		NodeDrain: minute, VolumeDetach: ptr.To(time.Duration(0)), NodeDeletion: minute,
		RolloutAfter:   ptr.To(time.Date(2026, 3, 9, 9, 0, 0, 0, time.UTC)),
		ReadinessGates: []Gate{{ConditionType: "example.com/Disk"}, {ConditionType: "example.com/Broken", Polarity: "Negative"}},
		Taints:         []Taint{{Key: "a", Value: "b", Effect: "NoSchedule", Propagation: "Always"}, {Key: "a", Effect: "NoExecute", Propagation: "OnInitialization"}},
		Health: HealthCheck{
			Enabled: ptr.To(false), NodeStartup: ptr.To(4 * time.Hour),
			NodeConditions:    []UnhealthyCondition{{Type: "Ready", Status: "Unknown", Timeout: 5 * time.Minute}, {Type: "Ready", Status: "False"}},
			MachineConditions: []UnhealthyCondition{{Type: "NodeReady", Status: "False", Timeout: time.Minute}},
			MaxUnhealthy:      "100%", UnhealthyRange: "[0-3]",
			Template: TemplateRef{APIVersion: "example.com/v1", Kind: "Mend", Name: "mend"},
		},
	}
	pool := machine
	pool.Health.MaxInFlight = "2"
	return ClusterSpec{
		Namespace: "team-a", Name: "prod",
		Labels: map[string]string{"l": "1"}, Annotations: map[string]string{"x": "y"},
		Version: "v1.33", Class: "builtin-generic-v3.6.0", ClassNamespace: PublicNamespace,
		Pods: []string{"192.168.156.0/20"}, Services: []string{"10.96.0.0/12"}, ServiceDomain: "cluster.local", APIServerPort: 6443,
		ControlPlane: ControlPlaneSpec{MachineSpec: machine, Replicas: ptr.To[int64](3)},
		Pools: map[string]PoolSpec{
			"empty": {Class: "node-pool", Replicas: ptr.To[int64](0)},
			"all": {
				MachineSpec: pool, Class: "node-pool", Zone: "zone-1", MinReadySeconds: ptr.To[int64](5),
				DeletionOrder: "Oldest", RolloutType: "RollingUpdate", MaxSurge: "1", MaxUnavailable: "25%",
			},
		},
		Variables:         map[string]any{"storageClass": "gold", "node": map[string]any{"labels": map[string]any{"k": "v"}, "n": int64(1)}},
		AvailabilityGates: []Gate{{ConditionType: "Backed", Polarity: "Positive"}},
	}
}

// What is written in either version of the API reads as the same.
func TestObjectRoundTrip(t *testing.T) {
	t.Parallel()
	for _, d := range []dialect{v1beta2, v1beta1} {
		object := d.object(fullSpec())
		raw, err := json.Marshal(object.Object)
		if err != nil {
			t.Fatal(err)
		}
		back := map[string]any{}
		if err := utiljson.Unmarshal(raw, &back); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(fullSpec(), d.spec(back), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: %s", d, diff)
		}
	}
}

// Nothing but what was asked for may be sent: the fields would be owned.
func TestObjectIsMinimal(t *testing.T) {
	t.Parallel()
	object := v1beta2.object(ClusterSpec{Namespace: "ns", Name: "c", Version: "v1.33", ControlPlane: ControlPlaneSpec{Replicas: ptr.To[int64](1)}})
	want := map[string]any{
		"apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "Cluster",
		"metadata": map[string]any{"name": "c", "namespace": "ns"},
		"spec":     map[string]any{"topology": map[string]any{"version": "v1.33", "controlPlane": map[string]any{"replicas": int64(1)}}},
	}
	if diff := cmp.Diff(want, object.Object); diff != "" {
		t.Error(diff)
	}
}

func TestPrune(t *testing.T) {
	t.Parallel()
	prior := fullSpec()
	wanted := fullSpec()
	delete(wanted.Pools, "empty")
	delete(wanted.Labels, "l")
	wanted.Variables = map[string]any{"storageClass": "gold", "node": map[string]any{"n": int64(1)}}
	wanted.AvailabilityGates = nil
	all := wanted.Pools["all"]
	all.Taints, all.ReadinessGates, all.RolloutAfter, all.Health.NodeStartup = all.Taints[:1], all.ReadinessGates[1:], nil, nil
	wanted.Pools["all"] = all
	wanted.ControlPlane.Taints, wanted.ControlPlane.Health = nil, HealthCheck{}
	live := v1beta2.object(fullSpec())
	if err := unstructured.SetNestedField(live.Object, "kept", "metadata", "labels", "somebody"); err != nil {
		t.Fatal(err)
	}
	if !pruneObject(live, v1beta2.object(prior), v1beta2.object(wanted)) {
		t.Fatal("nothing was removed")
	}
	wanted.Labels["somebody"] = "kept"
	if diff := cmp.Diff(wanted, v1beta2.spec(live.Object), cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
	if pruneObject(live, v1beta2.object(wanted), v1beta2.object(wanted)) {
		t.Error("there was nothing to remove")
	}
}

func TestOwned(t *testing.T) {
	t.Parallel()
	object := map[string]any{}
	if err := utiljson.Unmarshal([]byte(`{
  "apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "Cluster",
  "metadata": {"name": "prod", "namespace": "team-a", "labels": {"mine": "1", "run.tanzu.vmware.com/tkr": "r"},
    "managedFields": [{"manager": "terraform-provider-vks", "operation": "Apply", "apiVersion": "cluster.x-k8s.io/v1beta2", "fieldsType": "FieldsV1", "fieldsV1": {
      "f:metadata": {"f:labels": {"f:mine": {}}},
      "f:spec": {"f:topology": {"f:version": {}, "f:controlPlane": {"f:replicas": {}},
        "f:variables": {"k:{\"name\":\"kubernetes\"}": {".": {}, "f:name": {}, "f:value": {"f:mine": {}}}},
        "f:workers": {"f:machineDeployments": {"k:{\"name\":\"a\"}": {".": {}, "f:name": {}, "f:class": {}, "f:replicas": {}}}}}}}}]},
  "spec": {"paused": true, "topology": {"version": "v1.33.1", "controlPlane": {"replicas": 1, "deletion": {"nodeDrainTimeoutSeconds": 5}},
    "variables": [{"name": "kubernetes", "value": {"mine": true, "certificateRotation": {"enabled": true}}}, {"name": "theirs", "value": 1}],
    "workers": {"machineDeployments": [{"name": "a", "class": "node-pool", "replicas": 1, "minReadySeconds": 3}]}}}
}`), &object); err != nil {
		t.Fatal(err)
	}
	got, ok := ClusterOf(&unstructured.Unstructured{Object: object}).Owned()
	if !ok {
		t.Fatal("it is ours")
	}
	want := ClusterSpec{
		Namespace: "team-a", Name: "prod", Labels: map[string]string{"mine": "1"}, Version: "v1.33.1",
		ControlPlane: ControlPlaneSpec{Replicas: ptr.To[int64](1)},
		Pools:        map[string]PoolSpec{"a": {Class: "node-pool", Replicas: ptr.To[int64](1)}},
		Variables:    map[string]any{"kubernetes": map[string]any{"mine": true}},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}
