package vcenter

import (
	"net/url"
	"testing"

	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/property"
	sso "github.com/vmware/govmomi/session"
	"github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vapi/namespace"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vapi/tags"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// dial logs in with the stock client, trusting the lab's CA only.
func dial(t *testing.T, l *lab, user, password string) (*govmomi.Client, error) {
	t.Helper()
	u, err := soap.ParseURL(l.URL())
	if err != nil {
		t.Fatal(err)
	}
	sc := soap.NewClient(u, false)
	sc.DefaultTransport().TLSClientConfig.RootCAs = l.ca
	vc, err := vim25.NewClient(t.Context(), sc)
	if err != nil {
		return nil, err
	}
	c := &govmomi.Client{Client: vc, SessionManager: sso.NewManager(vc)}
	return c, c.Login(t.Context(), url.UserPassword(user, password))
}

func TestStockClientLogin(t *testing.T) {
	t.Parallel()
	l := start(t, Options{Users: map[string]User{"reader@corp.local": {Password: "r", ReadOnly: true}}})
	for _, tc := range []struct {
		user, password string
		ok             bool
	}{
		{defaultUser, defaultPass, true},
		{"Administrator@VSPHERE.LOCAL", defaultPass, true},
		{"reader@corp.local", "r", true},
		{defaultUser, "wrong", false},
		{"nobody@vsphere.local", "x", false},
	} {
		c, err := dial(t, l, tc.user, tc.password)
		if (err == nil) != tc.ok {
			t.Errorf("SOAP login as %s: %v", tc.user, err)
		}
		if c == nil {
			continue
		}
		if err := rest.NewClient(c.Client).Login(t.Context(), url.UserPassword(tc.user, tc.password)); (err == nil) != tc.ok {
			t.Errorf("REST login as %s: %v", tc.user, err)
		}
	}
}

func TestStockClientNamespaces(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	c, err := dial(t, l, defaultUser, defaultPass)
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	rc := rest.NewClient(c.Client)
	if err := rc.Login(ctx, url.UserPassword(defaultUser, defaultPass)); err != nil {
		t.Fatal(err)
	}
	m := namespace.NewManager(rc)
	clusters, err := m.ListClusters(ctx)
	if err != nil || len(clusters) != 1 {
		t.Fatalf("clusters %v, %v", clusters, err)
	}
	spec := namespace.NamespacesInstanceCreateSpec{
		Cluster: clusters[0].ID, Namespace: "team-a",
		StorageSpecs:  []namespace.StorageSpec{{Policy: l.Policies()[1].ID}},
		VmServiceSpec: namespace.VmServiceSpec{VmClasses: []string{"best-effort-small"}},
	}
	if err := m.CreateNamespace(ctx, spec); err != nil {
		t.Fatal(err)
	}
	l.waitStatus("team-a", running)
	if err := m.CreateNamespace(ctx, spec); err == nil {
		t.Error("a second namespace of the same name was created")
	}
	list, err := m.ListNamespaces(ctx)
	if err != nil || len(list) != 1 || list[0].Namespace != "team-a" || list[0].ConfigStatus != running {
		t.Errorf("list %+v, %v", list, err)
	}
	got, err := m.GetNamespace(ctx, "team-a")
	if err != nil || len(got.VmServiceSpec.VmClasses) != 1 || len(got.StorageSpecs) != 1 {
		t.Errorf("namespace %+v, %v", got, err)
	}
	classes, err := m.ListVmClasses(ctx)
	if err != nil || len(classes) != 16 {
		t.Errorf("%d classes, %v", len(classes), err)
	}
	if err := m.DeleteNamespace(ctx, "team-a"); err != nil {
		t.Fatal(err)
	}
	l.waitGone()
}

// What this package does not serve itself still works with a session that it made.
func TestStockClientLibrariesAndTags(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	c, err := dial(t, l, defaultUser, defaultPass)
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	rc := rest.NewClient(c.Client)
	if err := rc.Login(ctx, url.UserPassword(defaultUser, defaultPass)); err != nil {
		t.Fatal(err)
	}
	libs, err := library.NewManager(rc).GetLibraries(ctx)
	if err != nil || len(libs) != 2 {
		t.Errorf("libraries %v, %v", libs, err)
	}
	if _, err := tags.NewManager(rc).CreateCategory(ctx, &tags.Category{Name: "c", AssociableTypes: []string{"VirtualMachine"}}); err != nil {
		t.Error(err)
	}
	if s, err := rc.Session(ctx); err != nil || s == nil || s.User != defaultUser {
		t.Errorf("session %+v, %v", s, err)
	}
	if err := rc.Logout(ctx); err != nil {
		t.Error(err)
	}
	if _, err := library.NewManager(rc).ListLibraries(ctx); err == nil {
		t.Error("the session works after logout")
	}
}

func TestInventory(t *testing.T) {
	t.Parallel()
	l := start(t, Options{Clusters: 2, HostsPerCluster: 2, VMs: 4, Host: HostShape{CPUMHz: 2000, Cores: 10, MemoryMiB: 1024}})
	c, err := dial(t, l, defaultUser, defaultPass)
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	finder := find.NewFinder(c.Client)
	hosts, err := finder.HostSystemList(ctx, "/...")
	if err != nil || len(hosts) != 4 {
		t.Fatalf("%d hosts, %v", len(hosts), err)
	}
	refs := make([]types.ManagedObjectReference, 0, len(hosts))
	for _, h := range hosts {
		refs = append(refs, h.Reference())
	}
	var hs []mo.HostSystem
	if err := property.DefaultCollector(c.Client).Retrieve(ctx, refs, []string{"name", "summary", "vm", "parent"}, &hs); err != nil {
		t.Fatal(err)
	}
	for _, h := range hs {
		hw, use := h.Summary.Hardware, h.Summary.QuickStats
		if hw.CpuMhz != 2000 || hw.NumCpuCores != 10 || hw.MemorySize != 1<<30 {
			t.Errorf("%s: hardware %+v", h.Name, hw)
		}
		if use.OverallCpuUsage <= 0 || use.OverallCpuUsage >= 20000 || use.OverallMemoryUsage <= 0 || use.OverallMemoryUsage >= 1024 {
			t.Errorf("%s: use %+v", h.Name, use)
		}
		if len(h.Vm) != 1 {
			t.Errorf("%s has %d VMs: they are not spread", h.Name, len(h.Vm))
		}
	}
	clusters, err := finder.ClusterComputeResourceList(ctx, "/...")
	if err != nil || len(clusters) != 2 {
		t.Fatalf("%d clusters, %v", len(clusters), err)
	}
	var cr mo.ClusterComputeResource
	if err := clusters[0].Properties(ctx, clusters[0].Reference(), []string{"summary", "configurationEx"}, &cr); err != nil {
		t.Fatal(err)
	}
	if sum := cr.Summary.GetComputeResourceSummary(); sum.TotalCpu != 40000 || sum.TotalMemory != 2<<30 {
		t.Errorf("summary %+v", sum)
	}
	conf, ok := cr.ConfigurationEx.(*types.ClusterConfigInfoEx)
	if !ok || !*conf.DasConfig.Enabled || !*conf.DrsConfig.Enabled {
		t.Errorf("configuration %+v", cr.ConfigurationEx)
	}
	vms, err := finder.VirtualMachineList(ctx, "/...")
	if err != nil || len(vms) != 4 {
		t.Errorf("%d VMs, %v", len(vms), err)
	}
	if about := c.ServiceContent.About; about.Version != "9.1.0" || about.ApiVersion != "9.1.0.0" {
		t.Errorf("about %+v", about)
	}
}

// After the sessions ended the same client gets told so, and can log in again.
func TestExpiredSessions(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	c, err := dial(t, l, defaultUser, defaultPass)
	if err != nil {
		t.Fatal(err)
	}
	finder := find.NewFinder(c.Client)
	if _, err := finder.HostSystemList(t.Context(), "/..."); err != nil {
		t.Fatal(err)
	}
	l.ExpireSessions()
	if _, err := finder.HostSystemList(t.Context(), "/..."); err == nil {
		t.Error("the SOAP session works after it expired")
	}
	l.want("GET", instances, "", 401, "UNAUTHENTICATED")
	if err := c.Login(t.Context(), url.UserPassword(defaultUser, defaultPass)); err != nil {
		t.Errorf("login again: %v", err)
	}
	if _, err := finder.HostSystemList(t.Context(), "/..."); err != nil {
		t.Errorf("after the second login: %v", err)
	}
}
