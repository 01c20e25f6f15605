package peer_test

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/vmware/govmomi/vapi/namespace"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/soap"
)

// The stand-in behaves as vsphere_namespace 2.16 does by its documentation and its published source: the same
// attributes, the same calls of the same client library in the same order, on the same plugin SDK. It is written for
// these tests and has nothing else of that provider.
//
// Its clock is faster: what takes a minute there takes two seconds here.
const (
	faster    = 30
	standWait = 2 * time.Minute / faster
	standTick = 15 * time.Second / faster
)

func standIn() *schema.Provider {
	text := func() *schema.Schema { return &schema.Schema{Type: schema.TypeString, Required: true} }
	list := func() *schema.Schema {
		return &schema.Schema{Type: schema.TypeList, Optional: true, Elem: &schema.Schema{Type: schema.TypeString}}
	}
	return &schema.Provider{
		Schema: map[string]*schema.Schema{
			"user": text(), "password": text(), "vsphere_server": text(),
			"allow_unverified_ssl": {Type: schema.TypeBool, Optional: true},
		},
		ConfigureContextFunc: logIn,
		ResourcesMap: map[string]*schema.Resource{"vsphere_namespace": {
			// Neither name nor supervisor replaces; there are no timeouts and there is no importer.
			Schema: map[string]*schema.Schema{
				"name": text(), "supervisor": text(), "storage_policies": list(),
				"vm_service": {Type: schema.TypeList, Optional: true, Elem: &schema.Resource{Schema: map[string]*schema.Schema{
					"content_libraries": list(), "vm_classes": list(),
				}}},
			},
			CreateContext: on(create), ReadContext: on(read), UpdateContext: on(update), DeleteContext: on(remove),
		}},
	}
}

func logIn(ctx context.Context, d *schema.ResourceData) (any, diag.Diagnostics) {
	server := &url.URL{Scheme: "https", Host: textOf(d, "vsphere_server"), Path: vim25.Path}
	unverified, _ := d.Get("allow_unverified_ssl").(bool)
	vim, err := vim25.NewClient(ctx, soap.NewClient(server, unverified))
	if err != nil {
		return nil, diag.FromErr(err)
	}
	client := rest.NewClient(vim)
	if err := client.Login(ctx, url.UserPassword(textOf(d, "user"), textOf(d, "password"))); err != nil {
		return nil, diag.FromErr(err)
	}
	return namespace.NewManager(client), nil
}

type step func(context.Context, *namespace.Manager, *schema.ResourceData) error

func on(do step) func(context.Context, *schema.ResourceData, any) diag.Diagnostics {
	return func(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
		m, ok := meta.(*namespace.Manager)
		if !ok {
			return diag.Errorf("not configured")
		}
		return diag.FromErr(do(ctx, m, d))
	}
}

// The id is set by the read only, so that a creation whose wait fails leaves nothing in state.
func create(ctx context.Context, m *namespace.Manager, d *schema.ResourceData) error {
	spec := namespace.NamespaceInstanceCreateSpecV2{Namespace: textOf(d, "name"), Supervisor: textOf(d, "supervisor")}
	if policies := storage(d); len(policies) > 0 {
		spec.StorageSpecs = &policies
	}
	if service, given := vmService(d); given {
		spec.VmServiceSpec = &service
	}
	if err := m.CreateNamespaceV2(ctx, spec); err != nil {
		return err
	}
	if err := awaitRunning(ctx, m, spec.Namespace); err != nil {
		return err
	}
	return read(ctx, m, d)
}

// The wait knows RUNNING and nothing else, for a fixed time.
func awaitRunning(ctx context.Context, m *namespace.Manager, name string) error {
	limit, cancel := context.WithTimeout(ctx, standWait)
	defer cancel()
	tick := time.NewTicker(standTick)
	defer tick.Stop()
	for {
		select {
		case <-limit.Done():
			return fmt.Errorf("failed to create namespace: %s", name)
		case <-tick.C:
		}
		if info, err := m.GetNamespaceV2(ctx, name); err != nil || info.ConfigStatus == "RUNNING" {
			return err
		}
	}
}

// Whatever the reading ends with is an error, also that there is no such namespace.
func read(ctx context.Context, m *namespace.Manager, d *schema.ResourceData) error {
	name := textOf(d, "name")
	info, err := m.GetNamespaceV2(ctx, name)
	if err != nil {
		return err
	}
	var services []any
	if s := info.VmServiceSpec; len(s.ContentLibraries)+len(s.VmClasses) > 0 {
		services = []any{map[string]any{"content_libraries": s.ContentLibraries, "vm_classes": s.VmClasses}}
	}
	policies := []string{}
	for _, s := range info.StorageSpecs {
		policies = append(policies, s.Policy)
	}
	d.SetId(name)
	if err := d.Set("vm_service", services); err != nil {
		return err
	}
	return d.Set("storage_policies", policies)
}

// Policies are sent without their limits, an empty list not at all; VM classes always. Nothing is waited for.
func update(ctx context.Context, m *namespace.Manager, d *schema.ResourceData) error {
	service, _ := vmService(d)
	return m.UpdateNamespace(ctx, textOf(d, "name"), namespace.NamespacesInstanceUpdateSpec{StorageSpecs: storage(d), VmServiceSpec: service})
}

func remove(ctx context.Context, m *namespace.Manager, d *schema.ResourceData) error {
	return m.DeleteNamespace(ctx, d.Id())
}

func textOf(d *schema.ResourceData, name string) string {
	text, _ := d.Get(name).(string)
	return text
}

func texts(v any) []string {
	list, _ := v.([]any)
	var out []string
	for _, item := range list {
		text, _ := item.(string)
		out = append(out, text)
	}
	return out
}

func storage(d *schema.ResourceData) []namespace.StorageSpec {
	var out []namespace.StorageSpec
	for _, id := range texts(d.Get("storage_policies")) {
		out = append(out, namespace.StorageSpec{Policy: id})
	}
	return out
}

func vmService(d *schema.ResourceData) (namespace.VmServiceSpec, bool) {
	blocks, _ := d.Get("vm_service").([]any)
	if len(blocks) == 0 {
		return namespace.VmServiceSpec{}, false
	}
	block, _ := blocks[0].(map[string]any)
	return namespace.VmServiceSpec{ContentLibraries: texts(block["content_libraries"]), VmClasses: texts(block["vm_classes"])}, true
}
