package headroom

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func options(shape *Shape) Options {
	return Options{HostFailuresToTolerate: 1, CPUOvercommit: 4, MemoryOvercommit: 1, Shape: shape, WarningPercent: 75, CriticalPercent: 90}
}

func host(name string, vms ...VM) Host {
	h := Host{Name: name, CPUMHz: 20000, Cores: 8, MemoryMiB: 65536, VMs: vms}
	for _, vm := range vms {
		h.MemoryUsedMiB += vm.MemoryMiB
	}
	return h
}

func vm(vcpus, memory int64) VM { return VM{Shape: Shape{VCPUs: vcpus, MemoryMiB: memory}} }

func TestAssess(t *testing.T) {
	t.Parallel()
	small := &Shape{VCPUs: 2, MemoryMiB: 8192}
	maintenance := func(h Host) Host { h.Unusable = "in maintenance mode"; return h }
	tests := map[string]struct {
		hosts            []Host
		change           func(*Options)
		placeable, after int64
		survives         bool
		status           Status
		reasons          []string
	}{
		"empty hosts": {
			hosts: []Host{host("a"), host("b"), host("c")}, placeable: 24, after: 16, survives: true, status: StatusOK,
		},
		"no failures to tolerate": {
			hosts: []Host{host("a")}, change: func(o *Options) { o.HostFailuresToTolerate = 0 }, placeable: 8, after: 8, survives: true, status: StatusOK,
		},
		"one host cannot fail": {
			hosts: []Host{host("a", vm(2, 4096))}, placeable: 7, after: 0, status: StatusCritical,
			reasons: []string{"if host a fails, 1 of 1 machine finds no place on the other hosts: they need 4096 MiB of memory and 0 are free"},
		},
		"one host with nothing on it": {
			hosts: []Host{host("a")}, placeable: 8, after: 0, survives: true, status: StatusWarning,
			reasons: []string{"there is room for a machine of 2 vCPUs and 8192 MiB only while no host fails"},
		},
		"restarted machines take room": {
			hosts: []Host{host("a", vm(4, 16384), vm(4, 16384)), host("b"), host("c")}, placeable: 20, after: 12, survives: true, status: StatusOK,
		},
		"pieces too small": {
			hosts:     []Host{host("a", vm(8, 49152)), host("b", vm(2, 32768)), host("c", vm(2, 32768))},
			placeable: 10, after: 0, status: StatusCritical,
			reasons: []string{"if host a fails, 1 of 1 machine finds no place on the other hosts: the room left is in pieces too small, the largest of these machines has 8 vCPUs and 49152 MiB"},
		},
		"a small host that is full is the worst": {
			hosts: []Host{
				{Name: "big", CPUMHz: 20000, Cores: 8, MemoryMiB: 65536},
				{Name: "full", CPUMHz: 20000, Cores: 8, MemoryMiB: 32768, MemoryUsedMiB: 24576, VMs: []VM{vm(2, 24576)}},
				{Name: "little", CPUMHz: 20000, Cores: 8, MemoryMiB: 16384},
			},
			placeable: 11, after: 3, survives: true, status: StatusOK,
		},
		"maintenance": {
			hosts: []Host{host("a"), maintenance(host("b", vm(2, 8192))), host("c")}, placeable: 16, after: 8, survives: true, status: StatusWarning,
			reasons: []string{"host b is not usable: in maintenance mode, and 1 machine runs on it"},
		},
		"nothing usable": {
			hosts: []Host{maintenance(host("a"))}, status: StatusCritical,
			reasons: []string{"host a is not usable: in maintenance mode", "no host is usable"},
		},
		"no hosts": {status: StatusCritical, reasons: []string{"no host is usable"}},
		"two failures": {
			hosts: []Host{host("a"), host("b"), host("c")}, change: func(o *Options) { o.HostFailuresToTolerate = 2 }, placeable: 24, after: 8, survives: true, status: StatusOK,
		},
		"more failures than hosts": {
			hosts: []Host{host("a", vm(1, 1024)), host("b")}, change: func(o *Options) { o.HostFailuresToTolerate = 9 }, placeable: 15, status: StatusCritical,
			reasons: []string{"if hosts a, b fail, 1 of 1 machine finds no place on the other hosts: they need 1024 MiB of memory and 0 are free"},
		},
		"cpu overcommit is the limit": {
			hosts: []Host{host("a"), host("b")}, change: func(o *Options) { o.CPUOvercommit = 0.5 }, placeable: 4, after: 2, survives: true, status: StatusOK,
		},
		"memory overcommit": {
			hosts: []Host{host("a"), host("b")}, change: func(o *Options) { o.MemoryOvercommit = 1.5 }, placeable: 24, after: 12, survives: true, status: StatusOK,
		},
		"reservations": {
			hosts: []Host{host("a"), host("b")},
			change: func(o *Options) {
				o.Shape = &Shape{VCPUs: 2, MemoryMiB: 8192, CPUReservationMHz: 6000, MemoryReservationMiB: 8192}
			},
			placeable: 6, after: 3, survives: true, status: StatusOK,
		},
		"memory in use beyond the machines": {
			hosts: []Host{func() Host { h := host("a"); h.MemoryUsedMiB = 8193; return h }(), host("b")}, placeable: 14, after: 6, survives: true, status: StatusOK,
		},
		"machine too large": {
			hosts: []Host{host("a"), host("b")}, change: func(o *Options) { o.Shape = &Shape{VCPUs: 2, MemoryMiB: 65537} }, survives: true, status: StatusCritical,
			reasons: []string{"no host has room for a machine of 2 vCPUs and 65537 MiB"},
		},
		"wider than the host": {
			hosts:  []Host{func() Host { h := host("a"); h.Threads = 16; return h }()},
			change: func(o *Options) { o.Shape = &Shape{VCPUs: 17, MemoryMiB: 1}; o.HostFailuresToTolerate = 0 }, survives: true, status: StatusCritical,
			reasons: []string{"no host has room for a machine of 17 vCPUs and 1 MiB"},
		},
		"used and overcommitted": {
			hosts: []Host{
				{Name: "a", CPUMHz: 1000, Cores: 1, MemoryMiB: 100000, CPUUsedMHz: 900, MemoryUsedMiB: 75000, VMs: []VM{vm(5, 75000)}},
				{Name: "b", CPUMHz: 1000, Cores: 10, MemoryMiB: 100000, CPUUsedMHz: 900, MemoryUsedMiB: 75000},
			},
			change: func(o *Options) { o.HostFailuresToTolerate = 0; o.CPUOvercommit = 0.4 }, placeable: 2, after: 2, survives: true, status: StatusCritical,
			reasons: []string{
				"cpu is 90 % used (1800 of 2000 MHz)", "memory is 75 % used (150000 of 200000 MiB)",
				"machines have 5 vCPUs, and an overcommit of 0.4 allows 4",
			},
		},
		"reserved": {
			hosts:  []Host{{Name: "a", CPUMHz: 1000, Cores: 8, MemoryMiB: 100000, VMs: []VM{{Shape: Shape{VCPUs: 1, MemoryMiB: 1000, CPUReservationMHz: 950}}}}, host("b"), host("c")},
			change: func(o *Options) { o.HostFailuresToTolerate = 0; o.CriticalPercent = 76; o.WarningPercent = 2 }, placeable: 12 + 16, after: 28, survives: true, status: StatusWarning,
			reasons: []string{"cpu is 2 % reserved (950 of 41000 MHz)"},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options(small)
			if tc.change != nil {
				tc.change(&o)
			}
			report, err := Assess([]Cluster{{Name: "c1", Hosts: tc.hosts}}, o)
			if err != nil {
				t.Fatal(err)
			}
			got := report.Clusters["c1"]
			if *got.Placeable != tc.placeable || *got.PlaceableAfterFailures != tc.after || got.SurvivesFailures != tc.survives {
				t.Errorf("placeable %d, after failures %d, survives %t; want %d, %d, %t",
					*got.Placeable, *got.PlaceableAfterFailures, got.SurvivesFailures, tc.placeable, tc.after, tc.survives)
			}
			if got.Status != tc.status || report.Status != tc.status {
				t.Errorf("status %s, overall %s, want %s", got.Status, report.Status, tc.status)
			}
			if diff := cmp.Diff(tc.reasons, got.Reasons); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSums(t *testing.T) {
	t.Parallel()
	reserved := VM{Shape: Shape{VCPUs: 4, MemoryMiB: 16384, CPUReservationMHz: 2000, MemoryReservationMiB: 16384}}
	b := host("b", vm(2, 4096), reserved)
	b.CPUUsedMHz = 5000
	off := host("c", vm(2, 4096))
	off.Unusable = "disconnected"
	clusters := []Cluster{{Name: "two", Hosts: []Host{host("d")}}, {Name: "one", Hosts: []Host{off, b, host("a", vm(2, 4096))}}}
	got, err := Assess(clusters, options(nil))
	if err != nil {
		t.Fatal(err)
	}
	fifth, thirteen := int64(12), int64(18)
	want := Sums{
		Hosts: 3, UsableHosts: 2, CPUCapacityMHz: 40000, MemoryCapacityMiB: 131072, CPUUsedMHz: 5000, MemoryUsedMiB: 24576,
		CPUReservedMHz: 2000, MemoryReservedMiB: 16384, VCPUsAllocated: 8, MemoryAllocatedMiB: 24576, CPUFreeMHz: 35000, MemoryFreeMiB: 106496,
		CPUUsedPercent: &fifth, MemoryUsedPercent: &thirteen, LargestFreeHostCPUMHz: 20000, LargestFreeHostMemoryMiB: 61440, SurvivesFailures: true,
	}
	if diff := cmp.Diff(want, got.Clusters["one"].Sums); diff != "" {
		t.Error(diff)
	}
	if got.Total.Hosts != 4 || got.Total.MemoryFreeMiB != 106496+65536 || got.Total.Placeable != nil || *got.Total.CPUUsedPercent != 8 {
		t.Errorf("total = %+v", got.Total)
	}
	var names []string
	for _, h := range got.Hosts {
		names = append(names, h.Cluster+"/"+h.Name+h.Unusable)
	}
	if diff := cmp.Diff([]string{"one/a", "one/b", "one/cdisconnected", "two/d"}, names); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"cluster one: host c is not usable: disconnected, and 1 machine runs on it"}, got.Reasons); diff != "" {
		t.Error(diff)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*Options)
		want   string
	}{
		"failures":   {change: func(o *Options) { o.HostFailuresToTolerate = -1 }, want: "failures"},
		"cpu 0":      {change: func(o *Options) { o.CPUOvercommit = 0 }, want: "overcommit"},
		"memory NaN": {change: func(o *Options) { o.MemoryOvercommit = math.NaN() }, want: "overcommit"},
		"infinite":   {change: func(o *Options) { o.MemoryOvercommit = math.Inf(1) }, want: "overcommit"},
		"thresholds": {change: func(o *Options) { o.WarningPercent = 91 }, want: "warning"},
		"no size":    {change: func(o *Options) { o.Shape = &Shape{} }, want: "no size"},
		"negative":   {change: func(o *Options) { o.Shape = &Shape{VCPUs: -1} }, want: "negative"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options(nil)
			tc.change(&o)
			_, err := Assess(nil, o)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("Assess error = %v, want %q", err, tc.want)
			}
		})
	}
	report, err := Assess(nil, options(&Shape{VCPUs: 1}))
	if err != nil || report.Status != StatusCritical || *report.Total.Placeable != 0 {
		t.Errorf("no clusters: %+v, %v", report, err)
	}
}

func TestScaled(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		capacity   int64
		overcommit float64
		want       int64
	}{{100, 4.35, 435}, {10, 1.1, 11}, {7, 0.5, 3}, {65536, 1, 65536}, {math.MaxInt64, 4, math.MaxInt64}} {
		if got := scaled(tc.capacity, tc.overcommit); got != tc.want {
			t.Errorf("scaled(%d, %g) = %d, want %d", tc.capacity, tc.overcommit, got, tc.want)
		}
	}
}

func TestCombinations(t *testing.T) {
	t.Parallel()
	var got []string
	combinations(4, 2, func(set []int) bool { got = append(got, fmt.Sprint(set)); return true })
	if diff := cmp.Diff([]string{"[0 1]", "[0 2]", "[0 3]", "[1 2]", "[1 3]", "[2 3]"}, got); diff != "" {
		t.Error(diff)
	}
}
