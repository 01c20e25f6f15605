package provider

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/clients"
	tftypes "github.com/vksops/terraform-provider-vks/internal/tf/types"
	"github.com/vksops/terraform-provider-vks/internal/transport"
)

var (
	capacityChecks = []string{"off", "warn", "error"}
	workloadAuths  = []string{"auto", "login", "secret"}
)

type model struct {
	VCenter            *vcenterModel    `tfsdk:"vcenter"`
	Supervisor         *supervisorModel `tfsdk:"supervisor"`
	Workload           *workloadModel   `tfsdk:"workload"`
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

// validate finds pairs that cannot both be meant.
func (m model) validate(diags *diag.Diagnostics) {
	set := func(v types.String) bool { return !v.IsNull() }
	if v := m.VCenter; v != nil && set(v.CAPEM) && set(v.CAFile) {
		conflict(diags, path.Root("vcenter"), "ca_pem", "ca_file")
	}
	if s := m.Supervisor; s != nil {
		for _, pair := range []struct {
			a, b   string
			av, bv types.String
		}{
			{"ca_pem", "ca_file", s.CAPEM, s.CAFile},
			{"token", "token_file", s.Token, s.TokenFile},
			{"kubeconfig_file", "token", s.KubeconfigFile, s.Token},
			{"kubeconfig_file", "token_file", s.KubeconfigFile, s.TokenFile},
		} {
			if set(pair.av) && set(pair.bv) {
				conflict(diags, path.Root("supervisor"), pair.a, pair.b)
			}
		}
	}
}

// alone keeps the environment from adding a second way to log in to the one that
// the block names: the attribute wins. An empty text is one that is given.
func (s supervisorModel) alone() supervisorModel {
	ways := []*types.String{&s.KubeconfigFile, &s.Token, &s.TokenFile}
	if !slices.ContainsFunc(ways, func(v *types.String) bool { return !v.IsNull() }) {
		return s
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

// config joins the block with the environment. An unknown value is one that
// another resource gives later; planning cannot connect with it, so it is told.
func (m model) config(userAgent string, diags *diag.Diagnostics) clients.Config {
	r := reader{diags: diags}
	v, s, w := vcenterModel{}, supervisorModel{}, workloadModel{}
	if m.VCenter != nil {
		v = *m.VCenter
	}
	if m.Supervisor != nil {
		s = *m.Supervisor
	}
	if m.Workload != nil {
		w = *m.Workload
	}
	s = s.alone()
	vc, sv, wl := path.Root("vcenter"), path.Root("supervisor"), path.Root("workload")
	return clients.Config{
		VCenter: clients.VCenter{
			Server:   r.text(vc.AtName("server"), v.Server, "VKS_VCENTER_SERVER", "VSPHERE_SERVER"),
			Username: r.text(vc.AtName("username"), v.Username, "VKS_USERNAME", "VSPHERE_USER"),
			Password: r.text(vc.AtName("password"), v.Password, "VKS_PASSWORD", "VSPHERE_PASSWORD"),
			CAPEM:    r.ca(vc, v.CAPEM, v.CAFile, "VKS_VCENTER_CA_PEM", "VKS_VCENTER_CA_FILE"),
			Insecure: r.flag(vc.AtName("insecure"), v.Insecure, "VKS_VCENTER_INSECURE", "VSPHERE_ALLOW_UNVERIFIED_SSL"),
		},
		Supervisor: clients.Supervisor{
			Name:              r.text(sv.AtName("name"), s.Name, "VKS_SUPERVISOR"),
			Server:            r.text(sv.AtName("server"), s.Server, "VKS_SUPERVISOR_SERVER"),
			CAPEM:             r.ca(sv, s.CAPEM, s.CAFile, "VKS_SUPERVISOR_CA_PEM", "VKS_SUPERVISOR_CA_FILE"),
			Insecure:          r.flag(sv.AtName("insecure"), s.Insecure, "VKS_SUPERVISOR_INSECURE"),
			KubeconfigFile:    r.text(sv.AtName("kubeconfig_file"), s.KubeconfigFile, "VKS_SUPERVISOR_KUBECONFIG"),
			KubeconfigContext: r.text(sv.AtName("kubeconfig_context"), s.KubeconfigContext, "VKS_SUPERVISOR_KUBECONFIG_CONTEXT"),
			Token:             r.text(sv.AtName("token"), s.Token, "VKS_SUPERVISOR_TOKEN"),
			TokenFile:         r.text(sv.AtName("token_file"), s.TokenFile, "VKS_SUPERVISOR_TOKEN_FILE"),
		},
		Workload: clients.Workload{
			KubeconfigFile:    r.text(wl.AtName("kubeconfig_file"), w.KubeconfigFile, "VKS_WORKLOAD_KUBECONFIG"),
			KubeconfigContext: r.text(wl.AtName("kubeconfig_context"), w.KubeconfigContext, "VKS_WORKLOAD_KUBECONFIG_CONTEXT"),
			Auth:              r.choice(wl.AtName("auth"), w.Auth, workloadAuths, "auto", "VKS_WORKLOAD_AUTH"),
		},
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

// reader reads one attribute at a time: the block first, then the environment.
type reader struct{ diags *diag.Diagnostics }

func (r reader) text(at path.Path, v types.String, variables ...string) string {
	if v.IsUnknown() {
		r.unknown(at)
		return ""
	}
	if !v.IsNull() {
		return v.ValueString()
	}
	for _, name := range variables {
		if value := os.Getenv(name); value != "" {
			return value
		}
	}
	return ""
}

func (r reader) ca(at path.Path, pem, file types.String, pemVariable, fileVariable string) []byte {
	if text := r.text(at.AtName("ca_pem"), pem, pemVariable); text != "" && file.IsNull() {
		return []byte(text)
	}
	name := r.text(at.AtName("ca_file"), file, fileVariable)
	if name == "" {
		return nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		r.diags.AddAttributeError(at.AtName("ca_file"), "Unable to read the CA file", err.Error())
	}
	return text
}

func (r reader) flag(at path.Path, v types.Bool, variables ...string) bool {
	if v.IsUnknown() {
		r.unknown(at)
	}
	if !v.IsNull() {
		return v.ValueBool()
	}
	text := r.text(at, types.StringNull(), variables...)
	if text == "" {
		return false
	}
	on, err := strconv.ParseBool(text)
	if err != nil {
		r.invalid(at, variables[0], text, "true or false")
	}
	return on
}

func (r reader) number(at path.Path, v types.Int64, otherwise int64, variable string) int64 {
	if v.IsUnknown() {
		r.unknown(at)
	}
	if !v.IsNull() {
		return v.ValueInt64()
	}
	text := r.text(at, types.StringNull(), variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		r.invalid(at, variable, text, "a whole number that is not negative")
	}
	return n
}

func (r reader) duration(at path.Path, v types.String, otherwise time.Duration, variable string) time.Duration {
	text := r.text(at, v, variable)
	if text == "" {
		return otherwise
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		r.invalid(at, variable, text, "a duration such as 30s")
	}
	return d
}

func (r reader) choice(at path.Path, v types.String, choices []string, otherwise, variable string) string {
	text := r.text(at, v, variable)
	if text == "" {
		return otherwise
	}
	if !slices.Contains(choices, text) {
		r.invalid(at, variable, text, "one of "+strings.Join(choices, ", "))
	}
	return text
}

func (r reader) unknown(at path.Path) {
	r.diags.AddAttributeError(at, "Unknown provider attribute",
		"The value is only known after apply, but the provider needs it to plan. Use a value that is known, or apply what it comes from first.")
}

func (r reader) invalid(at path.Path, variable, value, want string) {
	r.diags.AddAttributeError(at, "Invalid provider setting",
		"The value "+strconv.Quote(value)+" (from this attribute or "+variable+") is not "+want+".")
}
