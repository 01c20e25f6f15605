package vcenter

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/transport"
)

// counter counts what goes out.
type counter struct {
	next     http.RoundTripper
	requests atomic.Int64
}

func (c *counter) RoundTrip(req *http.Request) (*http.Response, error) {
	c.requests.Add(1)
	return c.next.RoundTrip(req)
}

// newSimulated starts a simulator of its own and a client for it.
func newSimulated(t *testing.T, shape func(*simulator.Model), password string) (*Client, *counter, *simulator.Model) {
	t.Helper()
	model := simulator.VPX()
	shape(model)
	if err := model.Create(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(model.Remove)
	model.Service.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	server := model.Service.NewServer()
	t.Cleanup(server.Close)
	c, err := New(Config{Server: server.URL.Host, Username: "user", Password: password, Insecure: true})
	if err != nil {
		t.Fatal(err)
	}
	count := &counter{next: c.http.Transport}
	c.http.Transport = count
	return c, count, model
}

func hosts(t *testing.T, model *simulator.Model, change func(n int, h *mo.HostSystem)) {
	t.Helper()
	for n, o := range model.Map().All("HostSystem") {
		h, ok := o.(*simulator.HostSystem)
		if !ok {
			t.Fatalf("a %T is no host", o)
		}
		change(n, &h.HostSystem)
	}
}

// The number of requests is the same for every size.
//
//nolint:paralleltest // simulators that are built at the same time race
func TestInventory(t *testing.T) {
	counts := map[int]int64{}
	for _, size := range []int{2, 12} {
		c, count, model := newSimulated(t, func(m *simulator.Model) {
			m.Host, m.Cluster, m.ClusterHost, m.Machine = 1, 2, size, 2*size
		}, "secret")
		hosts(t, model, func(_ int, h *mo.HostSystem) {
			h.Summary.Hardware.CpuMhz, h.Summary.Hardware.NumCpuCores, h.Summary.Hardware.NumCpuThreads = 2400, 16, 32
			h.Summary.Hardware.MemorySize = 64 << 30
			h.Summary.QuickStats.OverallCpuUsage, h.Summary.QuickStats.OverallMemoryUsage = 1000, 2048
			h.Runtime.InQuarantineMode = types.NewBool(h.Name == "DC0_C0_H0")
			h.Runtime.InMaintenanceMode = h.Name == "DC0_C0_H1"
		})
		clusters, err := c.ComputeClusters(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		vms, err := c.PoweredOnVMs(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		counts[size] = count.requests.Load()
		checkClusters(t, clusters, size)
		if want := 2 * 2 * size; len(vms) < want {
			t.Errorf("%d hosts: got %d VMs, want at least %d", size, len(vms), want)
		}
		for _, vm := range vms {
			if vm.Name == "" || vm.HostID == "" || vm.CPUs == 0 || vm.MemoryMiB == 0 {
				t.Errorf("VM is not complete: %+v", vm)
			}
		}
		checkKept(t, c, count)
	}
	if counts[2] != counts[12] {
		t.Errorf("the number of requests grows with the inventory: %v", counts)
	}
	if counts[2] > 8 {
		t.Errorf("%d requests for an inventory", counts[2])
	}
}

func checkClusters(t *testing.T, clusters []ComputeCluster, size int) {
	t.Helper()
	if len(clusters) != 2 || clusters[0].Name != "DC0_C0" || len(clusters[0].Hosts) != size {
		t.Fatalf("got %+v", clusters)
	}
	got := clusters[0].Hosts[0]
	got.ID = ""
	want := Host{
		Name: "DC0_C0_H0", CPUMHz: 2400, Cores: 16, Threads: 32, MemoryMiB: 64 << 10, CPUUsedMHz: 1000, MemoryUsedMiB: 2048,
		Connection: "connected", Power: "poweredOn", Quarantine: true, Health: got.Health,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !clusters[0].Hosts[1].Maintenance {
		t.Error("the host in maintenance mode is not known as such")
	}
}

// A second reading comes from memory.
func checkKept(t *testing.T, c *Client, count *counter) {
	t.Helper()
	before := count.requests.Load()
	if _, err := c.ComputeClusters(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.PoweredOnVMs(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after := count.requests.Load(); after != before {
		t.Errorf("a second reading made %d requests", after-before)
	}
}

func TestPoweredOffVMsAndTemplatesAreLeftOut(t *testing.T) {
	t.Parallel()
	machine := func(name string, state types.VirtualMachinePowerState, template bool) managedObject {
		return managedObject{ref: types.ManagedObjectReference{Type: "VirtualMachine", Value: name}, properties: map[string]any{
			"name": name, "runtime.powerState": state, "summary.config.template": template,
			"runtime.host":           types.ManagedObjectReference{Type: "HostSystem", Value: "host-1"},
			"summary.config.numCpu":  int32(4),
			"summary.config.unknown": nil,
		}}
	}
	got := vmsOf([]managedObject{
		machine("on%2f1", types.VirtualMachinePowerStatePoweredOn, false),
		machine("off", types.VirtualMachinePowerStatePoweredOff, false),
		machine("suspended", types.VirtualMachinePowerStateSuspended, false),
		machine("template", types.VirtualMachinePowerStatePoweredOn, true),
	})
	want := []VM{{ID: "on%2f1", Name: "on/1", HostID: "host-1", CPUs: 4}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAdmission(t *testing.T) {
	t.Parallel()
	three, thirty := int64(3), int64(30)
	das := func(p types.BaseClusterDasAdmissionControlPolicy) types.ClusterDasConfigInfo {
		return types.ClusterDasConfigInfo{Enabled: types.NewBool(true), AdmissionControlEnabled: types.NewBool(true), AdmissionControlPolicy: p}
	}
	for name, c := range map[string]struct {
		das  types.ClusterDasConfigInfo
		want Admission
	}{
		"ha off": {types.ClusterDasConfigInfo{}, Admission{Policy: AdmissionOff}},
		"admission control off": {
			types.ClusterDasConfigInfo{Enabled: types.NewBool(true), AdmissionControlEnabled: types.NewBool(false)},
			Admission{HA: true, Policy: AdmissionOff},
		},
		"host failures": {
			das(&types.ClusterFailoverLevelAdmissionControlPolicy{FailoverLevel: 3}),
			Admission{HA: true, Policy: AdmissionHosts, HostFailures: &three},
		},
		"percentage": {
			das(&types.ClusterFailoverResourcesAdmissionControlPolicy{CpuFailoverResourcesPercent: 30, MemoryFailoverResourcesPercent: 30}),
			Admission{HA: true, Policy: AdmissionPercent, CPUPercent: &thirty, MemoryPercent: &thirty},
		},
		"dedicated hosts": {das(&types.ClusterFailoverHostAdmissionControlPolicy{}), Admission{HA: true, Policy: AdmissionDedicated}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, admissionOf(types.ClusterConfigInfoEx{DasConfig: c.das})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

//nolint:paralleltest // simulators that are built at the same time race
func TestSessionIsRenewed(t *testing.T) {
	c, _, _ := newSimulated(t, func(*simulator.Model) {}, "secret")
	if _, err := c.ComputeClusters(t.Context()); err != nil {
		t.Fatal(err)
	}
	first := c.vim.current
	if err := first.manager.Logout(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.PoweredOnVMs(t.Context()); err != nil {
		t.Fatalf("after the session ended: %v", err)
	}
	if c.vim.current == first {
		t.Error("the session is the old one")
	}
	if err := c.vimLogout(t.Context()); err != nil {
		t.Errorf("log out: %v", err)
	}
	if err := c.vimLogout(t.Context()); err != nil {
		t.Errorf("log out twice: %v", err)
	}
}

// busyOnce answers the first request for what with 503.
type busyOnce struct {
	next http.RoundTripper
	what string
	busy atomic.Int64
}

func (b *busyOnce) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	req = req.Clone(req.Context())
	req.Body = io.NopCloser(bytes.NewReader(body))
	if bytes.Contains(body, []byte(b.what)) && b.busy.Add(1) == 1 {
		return &http.Response{StatusCode: http.StatusServiceUnavailable, Request: req, Body: http.NoBody, Header: http.Header{}}, nil
	}
	return b.next.RoundTrip(req)
}

// SOAP reads by POST: the transport repeats those as any read, and logins.
//
//nolint:paralleltest // simulators that are built at the same time race
func TestBusyVCenterIsReadAgain(t *testing.T) {
	for _, what := range []string{"<Login ", "<RetrieveProperties"} {
		c, count, _ := newSimulated(t, func(*simulator.Model) {}, "secret")
		below := &busyOnce{next: count.next, what: what}
		c.http.Transport = transport.Wrapper(transport.Config{MaxRetries: 1})(below)
		if _, err := c.ComputeClusters(t.Context()); err != nil || below.busy.Load() < 2 {
			t.Errorf("%s: %v after %d tries", what, err, below.busy.Load())
		}
	}
}

//nolint:paralleltest // simulators that are built at the same time race
func TestVimErrors(t *testing.T) {
	c, count, _ := newSimulated(t, func(*simulator.Model) {}, "")
	for range 2 {
		_, err := c.ComputeClusters(t.Context())
		if !errors.Is(err, fault.Unauthenticated) {
			t.Fatalf("a wrong password gives %v", err)
		}
	}
	if n := count.requests.Load(); n > 2 {
		t.Errorf("a wrong password was tried again: %d requests", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for err, want := range map[error]fault.Kind{
		fmt.Errorf("read: %w", context.DeadlineExceeded): fault.Transient,
		errors.New("something"):                          fault.Unknown,
		ctx.Err():                                        fault.Transient,
	} {
		if got := fault.KindOf(vimError("op", "vCenter", err)); got != want {
			t.Errorf("%v is %s, want %s", err, got, want)
		}
	}
}

// A password that one side refused is not sent by the other: together they would
// lock the account twice as fast.
func TestRefusalIsForBothSides(t *testing.T) {
	t.Parallel()
	f, _ := newFake(t, nil)
	c := f.client(t, "wrong")
	_, refused := c.Namespace(t.Context(), "team-a")
	err := c.password.Send(t.Context(), func(context.Context) error {
		t.Error("the SOAP side sent the password again")
		return nil
	})
	if !errors.Is(err, fault.Unauthenticated) || !errors.Is(c.Refused(t.Context()), fault.Unauthenticated) || err.Error() != refused.Error() {
		t.Errorf("got %v after %v", err, refused)
	}
}
