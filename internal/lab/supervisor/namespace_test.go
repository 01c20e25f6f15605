package supervisor

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

func TestSupervisorNamespace(t *testing.T) {
	t.Parallel()
	needLab(t)
	const name = "namespace-objects"
	ns := Namespace{
		Name: name, ClusterID: "domain-c9", Folder: "group-v7", ResourcePools: []string{"resgroup-7"},
		MemoryLimitMiB: ptr.To[int64](2048),
		StoragePolicies: []StoragePolicy{
			{ID: "p1", StorageClass: "ns-gold", LimitMiB: ptr.To[int64](1024)}, {ID: "p2", StorageClass: "ns-silver"},
		},
		VMClasses:         []VMClass{{Name: "a", CPUs: 2, MemoryMiB: 4096, CPUReservationPercent: 100}, {Name: "b", CPUs: 4, MemoryMiB: 8192}},
		ObjectLimits:      ObjectLimits{Pods: ptr.To[int64](10), Deployments: ptr.To[int64](3)},
		ContainerDefaults: ContainerDefaults{CPULimitMHz: ptr.To[int64](500)},
		Access:            []Access{{Type: "USER", Subject: "Someone", Domain: "vsphere.local", Role: "OWNER"}},
		Zones:             []Zone{{Name: "ns-zone", ResourcePools: []string{"resgroup-7"}, MemLimitMiB: ptr.To[int64](1), VMReservations: map[string]int64{"a": 2}}},
	}
	if err := lab.NamespaceApplied(t.Context(), ns); err != nil {
		t.Fatal(err)
	}
	checkNamespaceObjects(t, name)

	ns.StoragePolicies, ns.VMClasses = ns.StoragePolicies[:1], ns.VMClasses[1:]
	ns.Access, ns.Zones, ns.MemoryLimitMiB, ns.ContainerDefaults = nil, nil, nil, ContainerDefaults{}
	if err := lab.NamespaceApplied(t.Context(), ns); err != nil {
		t.Fatal(err)
	}
	for gvk, want := range map[string]int{"VirtualMachineClass": 1, "StoragePolicyQuota": 1, "StoragePolicyUsage": 2, "RoleBinding": 0, "Zone": 0, "LimitRange": 0, "ResourceQuota": 2} {
		for _, kind := range managedKinds {
			if kind.Kind != gvk {
				continue
			}
			list := listOf(kind)
			if err := lab.kube.List(t.Context(), list, client.InNamespace(name)); err != nil || len(list.Items) != want {
				t.Errorf("%s: %d are left, want %d (%v)", gvk, len(list.Items), want, err)
			}
		}
	}
	zone := get(t, object(kindAvailability, "", "ns-zone", nil))
	if left, found, _ := unstructured.NestedMap(zone.Object, "spec", "namespaces", name); found {
		t.Errorf("availability zone still has %v", left)
	}
	if got := get(t, object(corev1.SchemeGroupVersion.WithKind("Namespace"), "", name, nil)); got.GetAnnotations()[annotationMem] != "" {
		t.Errorf("memory limit is still %q", got.GetAnnotations()[annotationMem])
	}
	// The last limited policy goes: nothing is left to limit.
	ns.StoragePolicies = nil
	if err := lab.NamespaceApplied(t.Context(), ns); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second finds nothing, which is fine
		if err := lab.NamespaceRemoved(t.Context(), name); err != nil {
			t.Error(err)
		}
	}
	if err := lab.kube.Get(t.Context(), client.ObjectKey{Name: name}, &corev1.Namespace{}); !apierrors.IsNotFound(err) {
		t.Errorf("after removal: %v", err)
	}
}

func checkNamespaceObjects(t *testing.T, name string) {
	t.Helper()
	for _, tt := range []struct {
		object *unstructured.Unstructured
		path   []string
		want   string
	}{
		{object(corev1.SchemeGroupVersion.WithKind("Namespace"), "", name, nil), []string{"metadata", "annotations", annotationMem}, "2048Mi"},
		{object(kindResourceQuota, name, name+"-storagequota", nil), []string{"spec", "hard", "ns-gold.storageclass.storage.k8s.io/requests.storage"}, "1Gi"},
		{object(kindResourceQuota, name, name+"-storagequota", nil), []string{"spec", "hard", "ns-silver.storageclass.storage.k8s.io/requests.storage"}, "9223372036854775807"},
		{object(kindResourceQuota, name, name, nil), []string{"spec", "hard", "count/deployments.apps"}, "3"},
		{object(kindPolicyQuota, name, "ns-gold-storagepolicyquota", nil), []string{"spec", "limit"}, "1024Mi"},
		{object(kindVMClass, name, "a", nil), []string{"spec", "policies", "resources", "requests", "cpu"}, "2000m"},
		{object(kindZone, name, "ns-zone", nil), []string{"status", "memory", "limit"}, "1048576"},
		{object(kindAvailability, "", "ns-zone", nil), []string{"spec", "namespaces", name, "folderMoId"}, ""},
		{object(kindStorageClass, "", "ns-gold-latebinding", nil), []string{"volumeBindingMode"}, "WaitForFirstConsumer"},
	} {
		got, _, err := unstructured.NestedString(get(t, tt.object).Object, tt.path...)
		if err != nil || got != tt.want {
			t.Errorf("%s %s: %v = %q, want %q (%v)", tt.object.GetKind(), tt.object.GetName(), tt.path, got, tt.want, err)
		}
	}
	var bindings rbacv1.RoleBindingList
	if err := lab.kube.List(t.Context(), &bindings, client.InNamespace(name)); err != nil || len(bindings.Items) != 1 {
		t.Fatalf("bindings %v, %v", bindings.Items, err)
	}
	if b := bindings.Items[0]; b.RoleRef.Name != roleOwner || b.Subjects[0].Name != "sso:someone@vsphere.local" {
		t.Errorf("binding %+v", b)
	}
}

func get(t *testing.T, u *unstructured.Unstructured) *unstructured.Unstructured {
	t.Helper()
	if err := lab.kube.Get(t.Context(), client.ObjectKeyFromObject(u), u); err != nil {
		t.Fatal(err)
	}
	return u
}
