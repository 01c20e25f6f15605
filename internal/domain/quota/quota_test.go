package quota

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func ptr(v int64) *int64 { return &v }

var options = Options{WarningPercent: 80, CriticalPercent: 95}

func TestStatusAndReasons(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in      Namespace
		status  Status
		reasons []string
		blocked bool
	}{
		"no limits": {in: Namespace{CPU: Usage{Used: 5000}, Memory: Usage{Used: math.MaxInt64}}, status: StatusOK},
		"below":     {in: Namespace{Memory: Usage{Limit: ptr(1000), Used: 799}}, status: StatusOK},
		"warning":   {in: Namespace{Memory: Usage{Limit: ptr(1000), Used: 800}}, status: StatusWarning, reasons: []string{"memory is 80 % used (800 of 1000 MiB)"}},
		"just under critical": {
			in: Namespace{CPU: Usage{Limit: ptr(1000), Used: 949}}, status: StatusWarning, reasons: []string{"cpu is 94 % used (949 of 1000 MHz)"},
		},
		"critical": {in: Namespace{CPU: Usage{Limit: ptr(1000), Used: 950}}, status: StatusCritical, reasons: []string{"cpu is 95 % used (950 of 1000 MHz)"}},
		"reserved": {
			in:     Namespace{Memory: Usage{Limit: ptr(1000), Used: 100, Reserved: 960}},
			status: StatusCritical, reasons: []string{"memory is 96 % reserved (960 of 1000 MiB)"},
		},
		"overcommitted": {
			in:     Namespace{Memory: Usage{Limit: ptr(1000), Used: 100, Allocated: 1500}},
			status: StatusWarning, reasons: []string{"memory is overcommitted: machines are sized for 1500 of 1000 MiB (150 %)"},
		},
		"consumed": {
			in:     Namespace{CPU: Usage{Limit: ptr(1000), Used: 100, Reserved: 200, Consumed: 960}},
			status: StatusCritical, reasons: []string{"cpu is 96 % consumed by machines (960 of 1000 MHz)"},
		},
		"consumed what is used": {
			in:     Namespace{CPU: Usage{Limit: ptr(1000), Used: 900, Consumed: 900}},
			status: StatusWarning, reasons: []string{"cpu is 90 % used (900 of 1000 MHz)"},
		},
		"storage allocated": {
			in:     Namespace{Storage: Usage{Limit: ptr(1000), Used: 100, Allocated: 970, Reserved: 20}},
			status: StatusCritical, reasons: []string{"storage is 97 % allocated (970 of 1000 MiB)"},
		},
		"storage policy": {
			in:     Namespace{StoragePolicies: map[string]Usage{"gold": {Limit: ptr(1000), Used: 850, Allocated: 850}}},
			status: StatusWarning, reasons: []string{"storage policy gold is 85 % used (850 of 1000 MiB)"},
		},
		"zone overcommitted": {
			in:     Namespace{Zones: map[string]ZoneUsage{"z1": {CPU: Usage{Limit: ptr(100), Allocated: 200}}}},
			status: StatusWarning, reasons: []string{"cpu in zone z1 is overcommitted: machines are sized for 200 of 100 MHz (200 %)"},
		},
		"what is not known is said": {
			in:     Namespace{Memory: Usage{Limit: ptr(1000)}, Unknown: []string{"machines: no answer"}},
			status: StatusOK, reasons: []string{"not known: machines: no answer"},
		},
		"limit 0, unused": {in: Namespace{StoragePolicies: map[string]Usage{"gold": {Limit: ptr(0)}}}, status: StatusOK},
		"limit 0, used": {
			in:     Namespace{StoragePolicies: map[string]Usage{"gold": {Limit: ptr(0), Used: 5}}},
			status: StatusCritical, reasons: []string{"storage policy gold allows none, and 5 MiB are used"},
		},
		"objects": {
			in:     Namespace{Objects: map[string]ObjectUsage{"services": {Limit: ptr(10), Used: 9}, "pods": {Used: 1000}, "jobs": {Limit: ptr(5), Used: 5}}},
			status: StatusCritical, reasons: []string{"jobs is 100 % used (5 of 5 objects)", "services is 90 % used (9 of 10 objects)"},
		},
		"zone": {
			in:     Namespace{Zones: map[string]ZoneUsage{"z1": {Memory: Usage{Limit: ptr(100), Used: 85}}}},
			status: StatusWarning, reasons: []string{"memory in zone z1 is 85 % used (85 of 100 MiB)"},
		},
		"autoscaler blocked by memory": {
			in: Namespace{Name: "team-a", Memory: Usage{Limit: ptr(100), Allocated: 60}, CPU: Usage{Limit: ptr(1000)}, Clusters: []Cluster{
				{Name: "prod", Pools: []Pool{{Name: "workers", Nodes: 2, Max: ptr(8), Machine: Machine{MemoryMiB: 16, CPUMHz: 10}}}},
			}},
			status: StatusWarning, blocked: true,
			reasons: []string{"the autoscaler of team-a/prod can add 2 of 6 nodes before memory ends"},
		},
		"autoscaler blocked by a policy of 0, pool named": {
			in: Namespace{Name: "team-a", StoragePolicies: map[string]Usage{"gold": {Limit: ptr(0)}}, Clusters: []Cluster{
				{Name: "prod", Pools: []Pool{
					{Name: "a", Nodes: 1, Max: ptr(3), Machine: Machine{StorageMiB: 10, StoragePolicy: "gold"}},
					{Name: "b", Nodes: 1, Max: ptr(3), Machine: Machine{StorageMiB: 10, StoragePolicy: "silver"}},
				}},
			}},
			status: StatusWarning, blocked: true,
			reasons: []string{"the autoscaler of team-a/prod (pool a) can add 0 of 2 nodes before storage policy gold ends"},
		},
		"autoscalers blocked together": {
			in: Namespace{Name: "team-a", Memory: Usage{Limit: ptr(100)}, Clusters: []Cluster{
				{Name: "prod", Pools: []Pool{{Name: "w", Nodes: 1, Max: ptr(5), Machine: Machine{MemoryMiB: 16}}}},
				{Name: "dev", Pools: []Pool{{Name: "w", Nodes: 1, Max: ptr(5), Machine: Machine{MemoryMiB: 16}}}},
			}},
			status: StatusWarning, blocked: true,
			reasons: []string{"the autoscalers cannot all reach their maximum: memory: 128 MiB more are needed and 100 MiB are left"},
		},
		"autoscaler already above its maximum": {
			in: Namespace{Name: "team-a", Memory: Usage{Limit: ptr(100), Allocated: 100}, Clusters: []Cluster{
				{Name: "prod", Pools: []Pool{{Name: "w", Nodes: 6, Max: ptr(5), Machine: Machine{MemoryMiB: 16}}}},
			}},
			status: StatusOK,
		},
		"no autoscaler": {
			in: Namespace{Name: "team-a", Memory: Usage{Limit: ptr(100), Allocated: 100}, Clusters: []Cluster{
				{Name: "prod", Pools: []Pool{{Name: "w", Nodes: 6, Machine: Machine{MemoryMiB: 16}}}},
			}},
			status: StatusOK,
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report, err := Assess([]Namespace{tc.in}, options)
			if err != nil {
				t.Fatal(err)
			}
			got := report.Namespaces[tc.in.Name]
			if got.Status != tc.status || report.Status != tc.status || *got.AutoscalerHeadroomBlocked != tc.blocked {
				t.Errorf("status %s, overall %s, blocked %t", got.Status, report.Status, *got.AutoscalerHeadroomBlocked)
			}
			if diff := cmp.Diff(tc.reasons, got.Reasons); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAmount(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in   Usage
		want Amount
	}{
		"no limit": {in: Usage{Used: 5, Allocated: 7, Reserved: 1}, want: Amount{Used: 5, Allocated: 7, Reserved: 1, Max: 7}},
		"limit": {
			in:   Usage{Limit: ptr(300), Used: 100, Allocated: 200},
			want: Amount{Limit: ptr(300), Used: 100, Allocated: 200, Max: 200, Free: ptr(200), UsedPercent: ptr(33), AllocatedPercent: ptr(66)},
		},
		"over": {
			in:   Usage{Limit: ptr(100), Used: 150},
			want: Amount{Limit: ptr(100), Used: 150, Free: ptr(0), UsedPercent: ptr(150), AllocatedPercent: ptr(0)},
		},
		"limit 0": {in: Usage{Limit: ptr(0)}, want: Amount{Limit: ptr(0), Free: ptr(0), UsedPercent: ptr(0), AllocatedPercent: ptr(0)}},
		"limit 0, used": {
			in:   Usage{Limit: ptr(0), Used: 1},
			want: Amount{Limit: ptr(0), Used: 1, Free: ptr(0), UsedPercent: ptr(100), AllocatedPercent: ptr(0)},
		},
		"huge": {
			in:   Usage{Limit: ptr(math.MaxInt64), Used: math.MaxInt64 / 2},
			want: Amount{Limit: ptr(math.MaxInt64), Used: math.MaxInt64 / 2, Free: ptr(math.MaxInt64/2 + 1), UsedPercent: ptr(49), AllocatedPercent: ptr(0)},
		},
		"huge share": {
			in:   Usage{Limit: ptr(1), Used: math.MaxInt64},
			want: Amount{Limit: ptr(1), Used: math.MaxInt64, Free: ptr(0), UsedPercent: ptr(math.MaxInt64), AllocatedPercent: ptr(0)},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report, err := Assess([]Namespace{{Name: "n", Memory: tc.in}}, options)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, report.Namespaces["n"].Memory); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWholeReport(t *testing.T) {
	t.Parallel()
	small := Machine{VCPUs: 2, CPUMHz: 5000, MemoryMiB: 4096, StorageMiB: 20480, StoragePolicy: "gold"}
	in := Namespace{
		Name:            "team-a",
		CPU:             Usage{Limit: ptr(100000), Used: 20000, Allocated: 25000},
		Memory:          Usage{Used: 1024, Allocated: 20480},
		Storage:         Usage{Used: 102400},
		StoragePolicies: map[string]Usage{"gold": {Limit: ptr(204800), Used: 102400, Allocated: 102400}},
		Clusters: []Cluster{{
			Name:         "prod",
			ControlPlane: Pool{Nodes: 3, Machine: small},
			Pools:        []Pool{{Name: "a", Nodes: 2, Max: ptr(4), Machine: small}, {Name: "b", Nodes: 0, Machine: small}},
		}},
	}
	rates := &Rates{CPUGHzHour: 0.02, MemoryGiBHour: 0.01, StorageGiBMonth: 0.5, Hours: 1460}
	got, err := Assess([]Namespace{{Name: "team-b", CPU: Usage{Limit: ptr(10), Used: 9}}, in}, Options{WarningPercent: 80, CriticalPercent: 95, Rates: rates})
	if err != nil {
		t.Fatal(err)
	}
	want := NamespaceReport{
		CPU:     Amount{Limit: ptr(100000), Used: 20000, Allocated: 25000, Max: 35000, Free: ptr(80000), UsedPercent: ptr(20), AllocatedPercent: ptr(25)},
		Memory:  Amount{Used: 1024, Allocated: 20480, Max: 28672},
		Storage: Amount{Used: 102400, Max: 40960},
		StoragePolicies: map[string]Amount{
			"gold": {Limit: ptr(204800), Used: 102400, Allocated: 102400, Max: 143360, Free: ptr(102400), UsedPercent: ptr(50), AllocatedPercent: ptr(50)},
		},
		Objects:  map[string]ObjectUsage{},
		Zones:    map[string]ZoneReport{},
		Clusters: map[string]ClusterReport{"prod": {ControlPlaneNodes: 3, WorkerNodes: 2, MaxWorkerNodes: 4, VCPUs: 10, MemoryMiB: 20480, StorageMiB: 102400}},
		Cost:     &Cost{CPU: 730, Memory: 292, Storage: 100, Total: 1122},
		Status:   StatusOK, AutoscalerHeadroomBlocked: new(bool),
	}
	if diff := cmp.Diff(want, got.Namespaces["team-a"], cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-6 })); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"namespace team-b: cpu is 90 % used (9 of 10 MHz)"}, got.Reasons); diff != "" || got.Status != StatusWarning {
		t.Error(got.Status, diff)
	}
}

func TestAssessRefusesThresholds(t *testing.T) {
	t.Parallel()
	for _, o := range []Options{{WarningPercent: 96, CriticalPercent: 95}, {WarningPercent: -1, CriticalPercent: 95}} {
		if _, err := Assess(nil, o); err == nil {
			t.Errorf("%+v: no error", o)
		}
	}
}

func TestShortages(t *testing.T) {
	t.Parallel()
	n := Namespace{
		CPU:             Usage{Limit: ptr(10000), Used: 1000, Reserved: 6000},
		Memory:          Usage{Limit: ptr(8192), Used: 8000, Allocated: 4096},
		StoragePolicies: map[string]Usage{"gold": {Limit: ptr(100)}},
	}
	tests := map[string]struct {
		machine Machine
		count   int64
		want    []string
	}{
		"fits":    {machine: Machine{CPUMHz: 2000, MemoryMiB: 96, StorageMiB: 50, StoragePolicy: "gold"}, count: 2},
		"nothing": {machine: Machine{CPUMHz: 20000}, count: 0},
		"all short": {machine: Machine{CPUMHz: 2000, MemoryMiB: 96, StorageMiB: 50, StoragePolicy: "gold"}, count: 3, want: []string{
			"cpu: 6000 MHz more are needed and 4000 MHz are left",
			"memory: 288 MiB more are needed and 192 MiB are left",
			"storage policy gold: 150 MiB more are needed and 100 MiB are left",
		}},
		"policy unknown": {machine: Machine{StorageMiB: 500}, count: 3},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var d Demand
			d.Add(tc.machine, tc.count)
			if diff := cmp.Diff(tc.want, Shortages(n, d)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What is not known of all is said of each, and once over all.
func TestUnknownOfAll(t *testing.T) {
	t.Parallel()
	o, full := options, Namespace{Name: "c", Memory: Usage{Limit: ptr(10), Used: 10}}
	o.Unknown = []string{"the Supervisor: no answer"}
	report, err := Assess([]Namespace{{Name: "b", Unknown: []string{"limits: forbidden"}}, {Name: "a"}, full}, o)
	if err != nil || report.Status != StatusCritical {
		t.Fatal(report, err)
	}
	all := "not known: the Supervisor: no answer"
	for what, diff := range map[string]string{
		"over all": cmp.Diff([]string{"namespace c: memory is 100 % used (10 of 10 MiB)", "not known: namespace b: limits: forbidden", all}, report.Reasons),
		"a":        cmp.Diff([]string{all}, report.Namespaces["a"].Reasons),
		"b":        cmp.Diff([]string{"not known: limits: forbidden", all}, report.Namespaces["b"].Reasons),
	} {
		if diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
}

// That no limit stops an autoscaler is said only where it is known.
func TestAutoscalerHeadroomKnown(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	small := Machine{CPUMHz: 10, MemoryMiB: 16, StorageMiB: 5, StoragePolicy: "gold"}
	noCPU, noClass, noPolicy := small, small, small
	noCPU.CPUMHz, noPolicy.StoragePolicy = 0, ""
	noClass.CPUMHz, noClass.MemoryMiB = 0, 0
	cpu, memory := Namespace{CPU: Usage{Limit: ptr(1000)}}, Namespace{Memory: Usage{Limit: ptr(1000)}}
	gold := Namespace{StoragePolicies: map[string]Usage{"gold": {Limit: ptr(1000)}}}
	for name, tc := range map[string]struct {
		in      Namespace
		machine Machine
		nodes   int64 // of at most 3
		want    *bool
	}{
		"all known":                        {in: cpu, machine: small, want: &no},
		"no speed of hosts":                {in: cpu, machine: noCPU},
		"the same, without a limit on CPU": {in: memory, machine: noCPU, want: &no},
		"class unknown":                    {in: memory, machine: noClass},
		"the same, with machines":          {in: memory, machine: noClass, nodes: 1},
		"class unknown, no limits":         {machine: noClass, want: &no},
		"class unknown, at its maximum":    {in: memory, machine: noClass, nodes: 3, want: &no},
		"class unknown, storage ends":      {in: Namespace{Memory: Usage{Limit: ptr(9)}, Storage: Usage{Limit: ptr(1)}}, machine: noClass, want: &yes},
		"use partly known":                 {in: Namespace{Memory: Usage{Limit: ptr(1000), Partial: true}}, machine: small},
		"the same, and it is blocked":      {in: Namespace{Memory: Usage{Limit: ptr(1), Partial: true}}, machine: small, want: &yes},
		"storage in use unknown":           {in: Namespace{Storage: Usage{Limit: ptr(1000), Partial: true}}, machine: small},
		"policy":                           {in: gold, machine: small, want: &no},
		"policy unknown":                   {in: gold, machine: noPolicy},
		"policy in use unknown":            {in: Namespace{StoragePolicies: map[string]Usage{"gold": {Limit: ptr(1000), Partial: true}}}, machine: small},
		"another policy in use unknown":    {in: Namespace{StoragePolicies: map[string]Usage{"lead": {Limit: ptr(1000), Partial: true}}}, machine: small, want: &no},
		"limits unknown":                   {in: Namespace{LimitsUnknown: true}, machine: small},
	} {
		tc.in.Clusters = []Cluster{{Name: "c", Pools: []Pool{{Name: "p", Nodes: tc.nodes, Max: ptr(3), Machine: tc.machine}}}}
		report, err := Assess([]Namespace{tc.in}, options)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tc.want, report.Namespaces[""].AutoscalerHeadroomBlocked); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
