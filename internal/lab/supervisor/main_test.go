package supervisor

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"k8s.io/utils/ptr"

	"github.com/vksops/terraform-provider-vks/internal/lab/pki"
	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
)

// lab is the one Supervisor of the tests of this package: each keeps to a
// namespace of its own.
var (
	lab      *Supervisor
	labSeam  = traffic.New()
	labCA    *pki.CA
	labSkip  string
	labGuest = &fakeWorkloads{ready: map[string]bool{}}
)

const (
	password = "VMware1!"
	// maxClusters is how many clusters the tests of this package have at a time.
	maxClusters = 3
)

func TestMain(m *testing.M) {
	flag.Parse()
	code, err := withLab(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func withLab(m *testing.M) (int, error) {
	root, err := filepath.Abs("../../../.cache")
	if err != nil {
		return 0, err
	}
	bin := filepath.Join(root, "bin")
	if other := os.Getenv("LAB_TEST_BIN"); other != "" {
		bin = other
	}
	for _, program := range []string{"etcd", "kube-apiserver", "kube-controller-manager", "capi-core", "capi-bootstrap", "capi-controlplane", "capi-infra"} {
		if _, err := os.Stat(filepath.Join(bin, program)); err != nil {
			labSkip = program + " is not built: run make setup"
			return m.Run(), nil
		}
	}
	if testing.Short() {
		labSkip = "starts a Supervisor"
		return m.Run(), nil
	}
	dir := os.Getenv("LAB_TEST_DIR") // keeps the logs
	if dir == "" {
		if dir, err = os.MkdirTemp("", "supervisor"); err != nil {
			return 0, err
		}
		defer func() { _ = os.RemoveAll(dir) }()
	}
	if labCA, err = pki.NewCA("lab"); err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	began := time.Now()
	lab, err = Start(ctx, Options{
		BinDir: bin, ManifestDir: filepath.Join(root, "manifests", "capi"),
		Dir: dir, CA: labCA, Seam: labSeam, Workloads: labGuest, MaxClusters: maxClusters,
		Users: map[string]User{
			"administrator@vsphere.local": {Password: password, Groups: []string{"Administrators"}},
			"editor@vsphere.local":        {Password: password, Groups: []string{"team-a@vsphere.local"}},
			"viewer@vsphere.local":        {Password: password},
			"stranger@vsphere.local":      {Password: password},
		},
	})
	if err != nil {
		return 0, err
	}
	defer lab.Stop()
	fmt.Fprintf(os.Stderr, "supervisor ready after %s\n", time.Since(began).Round(time.Millisecond))
	return m.Run(), nil
}

func needLab(t *testing.T) {
	t.Helper()
	if labSkip != "" {
		t.Skip(labSkip)
	}
}

// fakeWorkloads stands for the part that runs workload API servers.
type fakeWorkloads struct {
	mu    sync.Mutex
	ready map[string]bool
}

func (f *fakeWorkloads) start(namespace, cluster string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ready[namespace+"/"+cluster] = true
}

func (f *fakeWorkloads) Kubeconfig(_ context.Context, namespace, cluster string) ([]byte, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return []byte("kubeconfig of " + namespace + "/" + cluster), f.ready[namespace+"/"+cluster]
}

func (f *fakeWorkloads) Endpoint(_ context.Context, namespace, cluster string) (string, []byte, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return "127.9.9.9", []byte("a CA"), f.ready[namespace+"/"+cluster]
}

// tenant applies a vSphere Namespace with what a cluster needs.
func tenant(t *testing.T, name string) {
	t.Helper()
	needLab(t)
	ns := Namespace{
		Name: name, ClusterID: "domain-c9", Folder: "group-v7", ResourcePools: []string{"resgroup-7"},
		CPULimitMHz: ptr.To[int64](20000), MemoryLimitMiB: ptr.To[int64](65536), StorageLimitMiB: ptr.To[int64](512000),
		StoragePolicies: []StoragePolicy{{ID: "aa6d5a82-1c88-45da-85d3-3d74b91a5bad", Name: "vSAN Default", StorageClass: "vsan-default", LimitMiB: ptr.To[int64](409600)}},
		VMClasses: []VMClass{
			{Name: "best-effort-small", CPUs: 2, MemoryMiB: 4096},
			{Name: "guaranteed-medium", CPUs: 2, MemoryMiB: 8192, CPUReservationPercent: 100, MemReservationPercent: 100},
		},
		Access: []Access{
			{Type: "GROUP", Subject: "team-a", Domain: "vsphere.local", Role: "EDIT"},
			{Type: "USER", Subject: "Viewer", Domain: "vsphere.local", Role: "VIEW"},
		},
		Zones: []Zone{{Name: "zone-1", ResourcePools: []string{"resgroup-7"}, Folder: "group-v7", CPULimitMHz: ptr.To[int64](20000)}},
	}
	if err := lab.NamespaceApplied(t.Context(), ns); err != nil {
		t.Fatal(err)
	}
}
