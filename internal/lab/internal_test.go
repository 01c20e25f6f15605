package lab

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/utils/ptr"

	"github.com/vksops/terraform-provider-vks/internal/lab/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/lab/vcenter"
)

func TestPartsBringWhatTheyNeed(t *testing.T) {
	t.Parallel()
	got, err := newPartSet([]Part{PartVelero})
	if diff := cmp.Diff(partSet{PartVelero: true, PartWorkloads: true, PartS3: true}, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if all, err := newPartSet(nil); err != nil || len(all) != len(AllParts()) {
		t.Errorf("all parts: %v, %v", all, err)
	}
}

func TestHostsPerCluster(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ clusters, hosts, want int }{{0, 0, 4}, {64, 1024, 16}, {3, 10, 4}, {3, 1, 1}} {
		o, _, err := Options{Clusters: test.clusters, Hosts: test.hosts}.withDefaults()
		if err != nil || o.hostsPerCluster() != test.want {
			t.Errorf("%+v: %d, %v", test, o.hostsPerCluster(), err)
		}
	}
}

func TestToSupervisor(t *testing.T) {
	t.Parallel()
	got := toSupervisor(vcenter.Namespace{
		Name: "team", CPULimitMHz: ptr.To[int64](1000),
		ObjectLimits:      map[string]int64{"pod_count": 7},
		ContainerDefaults: map[string]int64{"memory_limit_default": 0},
		StoragePolicies:   []vcenter.StoragePolicy{{ID: "i", Name: "gold", StorageClass: "gold", LimitMiB: ptr.To[int64](0)}},
		VMClasses:         []vcenter.VMClass{{Name: "small", CPUs: 2, MemoryMiB: 4096, MemoryReservationPercent: 100}},
		Access:            []vcenter.Access{{SubjectType: "GROUP", Subject: "devs", Domain: "vsphere.local", Role: "EDIT"}},
		Zones: []vcenter.Zone{
			{Name: "zone-1", Clusters: []string{"domain-c7"}, PoolMoIDs: []string{"p1"}, FolderMoID: "f1"},
			{Name: "zone-2", Clusters: []string{"domain-c8"}, PoolMoIDs: []string{"p2"}, FolderMoID: "f2", MarkedForRemoval: true},
		},
	})
	want := supervisor.Namespace{
		Name: "team", CPULimitMHz: ptr.To[int64](1000), ClusterID: "domain-c7", Folder: "f1", ResourcePools: []string{"p1", "p2"},
		ObjectLimits:      supervisor.ObjectLimits{Pods: ptr.To[int64](7)},
		ContainerDefaults: supervisor.ContainerDefaults{MemoryLimitMiB: ptr.To[int64](0)},
		StoragePolicies:   []supervisor.StoragePolicy{{ID: "i", Name: "gold", StorageClass: "gold", LimitMiB: ptr.To[int64](0)}},
		VMClasses:         []supervisor.VMClass{{Name: "small", CPUs: 2, MemoryMiB: 4096, MemReservationPercent: 100}},
		Access:            []supervisor.Access{{Type: "GROUP", Subject: "devs", Domain: "vsphere.local", Role: "EDIT"}},
		Zones:             []supervisor.Zone{{Name: "zone-1", ResourcePools: []string{"p1"}, Folder: "f1"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
