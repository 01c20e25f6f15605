package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/vksops/terraform-provider-vks/internal/clients"
	tftypes "github.com/vksops/terraform-provider-vks/internal/tf/types"
	"github.com/vksops/terraform-provider-vks/internal/transport"
)

var (
	capacityChecks = []string{"off", "warn", "error"}
	workloadAuths  = []string{"auto", "login", "secret"}
)

// model is the provider block. A nested block may be unknown as a whole
// (vcenter = var.vcenter), which a pointer cannot say.
type model struct {
	VCenter            types.Object     `tfsdk:"vcenter"`
	Supervisor         types.Object     `tfsdk:"supervisor"`
	Workload           types.Object     `tfsdk:"workload"`
	DeletionProtection types.Bool       `tfsdk:"deletion_protection"`
	CapacityCheck      types.String     `tfsdk:"capacity_check"`
	RequestTimeout     tftypes.Duration `tfsdk:"request_timeout"`
	MaxRetries         types.Int64      `tfsdk:"max_retries"`
	RequestsPerSecond  types.Int64      `tfsdk:"requests_per_second"`
}

type vcenterModel struct {
	Server   types.String `tfsdk:"server"`
	Username types.String `tfsdk:"username"`
	Password types.String `tfsdk:"password"`
	CAPEM    types.String `tfsdk:"ca_pem"`
	CAFile   types.String `tfsdk:"ca_file"`
	Insecure types.Bool   `tfsdk:"insecure"`
}

type supervisorModel struct {
	Name              types.String `tfsdk:"name"`
	Server            types.String `tfsdk:"server"`
	CAPEM             types.String `tfsdk:"ca_pem"`
	CAFile            types.String `tfsdk:"ca_file"`
	Insecure          types.Bool   `tfsdk:"insecure"`
	KubeconfigFile    types.String `tfsdk:"kubeconfig_file"`
	KubeconfigContext types.String `tfsdk:"kubeconfig_context"`
	Token             types.String `tfsdk:"token"`
	TokenFile         types.String `tfsdk:"token_file"`
}

type workloadModel struct {
	KubeconfigFile    types.String `tfsdk:"kubeconfig_file"`
	KubeconfigContext types.String `tfsdk:"kubeconfig_context"`
	Auth              types.String `tfsdk:"auth"`
}

// validate finds pairs that cannot both be meant. A value that is unknown may
// yet be null.
func (m model) validate(ctx context.Context, diags *diag.Diagnostics) {
	v, s := block[vcenterModel](ctx, m.VCenter, diags), block[supervisorModel](ctx, m.Supervisor, diags)
	for _, pair := range []struct {
		in, a, b string
		av, bv   types.String
	}{
		{"vcenter", "ca_pem", "ca_file", v.CAPEM, v.CAFile},
		{"supervisor", "ca_pem", "ca_file", s.CAPEM, s.CAFile},
		{"supervisor", "token", "token_file", s.Token, s.TokenFile},
		{"supervisor", "kubeconfig_file", "token", s.KubeconfigFile, s.Token},
		{"supervisor", "kubeconfig_file", "token_file", s.KubeconfigFile, s.TokenFile},
		{"supervisor", "kubeconfig_file", "server", s.KubeconfigFile, s.Server},
	} {
		if known(pair.av) && known(pair.bv) {
			conflict(diags, path.Root(pair.in), pair.a, pair.b)
		}
	}
}

func known(v types.String) bool { return !v.IsNull() && !v.IsUnknown() }

// block gives the attributes of a nested block; none where it is null or unknown.
func block[T any](ctx context.Context, from types.Object, diags *diag.Diagnostics) T {
	var to T
	if !from.IsNull() && !from.IsUnknown() {
		diags.Append(from.As(ctx, &to, basetypes.ObjectAsOptions{})...)
	}
	return to
}

// alone keeps the environment from adding a second way to the one that the block
// names: the attribute wins. A server excludes a kubeconfig, which has one of its
// own, and no token. An empty text is one that is given.
func (s supervisorModel) alone() supervisorModel {
	ways := []*types.String{&s.KubeconfigFile, &s.Token, &s.TokenFile}
	if !slices.ContainsFunc(ways, func(v *types.String) bool { return !v.IsNull() }) {
		ways = nil
		if !s.Server.IsNull() {
			ways = append(ways, &s.KubeconfigFile)
		}
	}
	for _, v := range ways {
		if v.IsNull() {
			*v = types.StringValue("")
		}
	}
	return s
}

func conflict(diags *diag.Diagnostics, at path.Path, a, b string) {
	diags.AddAttributeError(at.AtName(b), "Conflicting provider attributes",
		"Only one of "+a+" and "+b+" can be set: remove one of them.")
}

// config joins the block with the environment. What is unknown in a nested block
// is noted beside it: only who connects there needs it.
func (m model) config(ctx context.Context, userAgent string, diags *diag.Diagnostics) clients.Config {
	r := reader{diags: diags}
	return clients.Config{
		VCenter:    m.vcenter(ctx, diags),
		Supervisor: m.supervisor(ctx, diags),
		Workload:   m.workload(ctx, diags),
		Defaults: clients.Defaults{
			DeletionProtection: r.flag(path.Root("deletion_protection"), m.DeletionProtection, "VKS_DELETION_PROTECTION"),
			CapacityCheck:      r.choice(path.Root("capacity_check"), m.CapacityCheck, capacityChecks, "warn", "VKS_CAPACITY_CHECK"),
		},
		RequestTimeout:    r.duration(path.Root("request_timeout"), m.RequestTimeout.StringValue, transport.DefaultTimeout, "VKS_REQUEST_TIMEOUT"),
		MaxRetries:        int(r.number(path.Root("max_retries"), m.MaxRetries, transport.DefaultMaxRetries, "VKS_MAX_RETRIES")),
		RequestsPerSecond: float64(r.number(path.Root("requests_per_second"), m.RequestsPerSecond, transport.DefaultRequestsPerSecond, "VKS_REQUESTS_PER_SECOND")),
		UserAgent:         userAgent,
	}
}

func (m model) vcenter(ctx context.Context, diags *diag.Diagnostics) clients.VCenter {
	if m.VCenter.IsUnknown() {
		return clients.VCenter{Unknown: []string{"vcenter"}}
	}
	v, at := block[vcenterModel](ctx, m.VCenter, diags), path.Root("vcenter")
	r := newReader(diags)
	return clients.VCenter{
		Server:   r.text(at.AtName("server"), v.Server, "VKS_VCENTER_SERVER", "VSPHERE_SERVER"),
		Username: r.text(at.AtName("username"), v.Username, "VKS_USERNAME", "VSPHERE_USER"),
		Password: r.text(at.AtName("password"), v.Password, "VKS_PASSWORD", "VSPHERE_PASSWORD"),
		CAPEM:    r.ca(at, v.CAPEM, v.CAFile, "VKS_VCENTER_CA_PEM", "VKS_VCENTER_CA_FILE"),
		Insecure: r.flag(at.AtName("insecure"), v.Insecure, "VKS_VCENTER_INSECURE", "VSPHERE_ALLOW_UNVERIFIED_SSL"),
		Unknown:  r.unknowns(),
	}
}

func (m model) supervisor(ctx context.Context, diags *diag.Diagnostics) clients.Supervisor {
	if m.Supervisor.IsUnknown() {
		return clients.Supervisor{Unknown: []string{"supervisor"}}
	}
	s, at := block[supervisorModel](ctx, m.Supervisor, diags).alone(), path.Root("supervisor")
	r := newReader(diags)
	return clients.Supervisor{
		Name:              r.text(at.AtName("name"), s.Name, "VKS_SUPERVISOR"),
		Server:            r.text(at.AtName("server"), s.Server, "VKS_SUPERVISOR_SERVER"),
		CAPEM:             r.ca(at, s.CAPEM, s.CAFile, "VKS_SUPERVISOR_CA_PEM", "VKS_SUPERVISOR_CA_FILE"),
		Insecure:          r.flag(at.AtName("insecure"), s.Insecure, "VKS_SUPERVISOR_INSECURE"),
		KubeconfigFile:    r.text(at.AtName("kubeconfig_file"), s.KubeconfigFile, "VKS_SUPERVISOR_KUBECONFIG"),
		KubeconfigContext: r.text(at.AtName("kubeconfig_context"), s.KubeconfigContext, "VKS_SUPERVISOR_KUBECONFIG_CONTEXT"),
		Token:             r.text(at.AtName("token"), s.Token, "VKS_SUPERVISOR_TOKEN"),
		TokenFile:         r.text(at.AtName("token_file"), s.TokenFile, "VKS_SUPERVISOR_TOKEN_FILE"),
		Unknown:           r.unknowns(),
	}
}

func (m model) workload(ctx context.Context, diags *diag.Diagnostics) clients.Workload {
	if m.Workload.IsUnknown() {
		return clients.Workload{Unknown: []string{"workload"}}
	}
	w, at := block[workloadModel](ctx, m.Workload, diags), path.Root("workload")
	r := newReader(diags)
	return clients.Workload{
		KubeconfigFile:    r.text(at.AtName("kubeconfig_file"), w.KubeconfigFile, "VKS_WORKLOAD_KUBECONFIG"),
		KubeconfigContext: r.text(at.AtName("kubeconfig_context"), w.KubeconfigContext, "VKS_WORKLOAD_KUBECONFIG_CONTEXT"),
		Auth:              r.choice(at.AtName("auth"), w.Auth, workloadAuths, "auto", "VKS_WORKLOAD_AUTH"),
		Unknown:           r.unknowns(),
	}
}
