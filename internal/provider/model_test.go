package provider

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/clients"
	"github.com/vksops/terraform-provider-vks/internal/fault"
)

func TestAttributesWinOverTheEnvironment(t *testing.T) {
	for key, value := range map[string]string{
		"VKS_VCENTER_SERVER": "", "VSPHERE_SERVER": "old.example.com", "VKS_USERNAME": "env", "VSPHERE_USER": "older", "VKS_PASSWORD": "env",
		"VKS_SUPERVISOR": "env", "VKS_SUPERVISOR_TOKEN": "env", "VKS_SUPERVISOR_KUBECONFIG": "env", "VKS_SUPERVISOR_TOKEN_FILE": "",
		"VKS_WORKLOAD_AUTH": "secret", "VKS_CAPACITY_CHECK": "error", "VKS_DELETION_PROTECTION": "1", "VKS_REQUEST_TIMEOUT": "5s",
		"VKS_MAX_RETRIES": "2", "VKS_REQUESTS_PER_SECOND": "7", "VKS_VCENTER_INSECURE": "", "VSPHERE_ALLOW_UNVERIFIED_SSL": "true",
		"VKS_VCENTER_CA_PEM": "", "VKS_VCENTER_CA_FILE": "", "VKS_SUPERVISOR_CA_PEM": "pem", "VKS_SUPERVISOR_CA_FILE": "/not/there",
	} {
		t.Setenv(key, value)
	}
	var to diag.Diagnostics
	c := model{
		VCenter:       object(t, "vcenter", vcenterModel{Username: types.StringValue("block")}),
		Supervisor:    object(t, "supervisor", supervisorModel{TokenFile: types.StringValue("block")}),
		CapacityCheck: types.StringValue("off"),
	}.config(t.Context(), "", &to)
	if to.HasError() {
		t.Fatal(to)
	}
	if v := c.VCenter; v.Server != "old.example.com" || v.Username != "block" || v.Password != "env" || !v.Insecure {
		t.Errorf("vcenter is %+v", v)
	}
	if s := c.Supervisor; s.Name != "env" || s.TokenFile != "block" || s.Token != "" || s.KubeconfigFile != "" || string(s.CAPEM) != "pem" {
		t.Errorf("supervisor is %+v: the environment must not replace the token_file of the block", s)
	}
	want := clients.Defaults{DeletionProtection: true, CapacityCheck: "off"}
	if c.Defaults != want || c.Workload.Auth != "secret" || c.RequestTimeout != 5*time.Second || c.MaxRetries != 2 || c.RequestsPerSecond != 7 {
		t.Errorf("got %+v", c)
	}
}

// object is a nested block of the provider's, with the attributes of m.
func object(t *testing.T, name string, m any) types.Object {
	t.Helper()
	o, diags := types.ObjectValueFrom(t.Context(), attributeTypes(t, name), m)
	if diags.HasError() {
		t.Fatal(diags)
	}
	return o
}

func attributeTypes(t *testing.T, name string) map[string]attr.Type {
	t.Helper()
	var resp provider.SchemaResponse
	(&vks{}).Schema(t.Context(), provider.SchemaRequest{}, &resp)
	nested, ok := resp.Schema.Attributes[name].GetType().(attr.TypeWithAttributeTypes)
	if !ok {
		t.Fatalf("%s has no attributes", name)
	}
	return nested.AttributeTypes()
}

// A way to the Supervisor that the block names is the only one.
func TestWayToTheSupervisor(t *testing.T) {
	for name, value := range map[string]string{
		"VKS_SUPERVISOR_SERVER": "sv.env", "VKS_SUPERVISOR_KUBECONFIG": "kubeconfig.env", "VKS_SUPERVISOR_TOKEN": "token.env", "VKS_SUPERVISOR_TOKEN_FILE": "",
	} {
		t.Setenv(name, value)
	}
	given := types.StringValue("block")
	for name, c := range map[string]struct {
		block                         supervisorModel
		server, kubeconfig, token, by string
	}{
		"nothing":         {supervisorModel{}, "sv.env", "kubeconfig.env", "token.env", ""},
		"server":          {supervisorModel{Server: given}, "block", "", "token.env", ""},
		"server to come":  {supervisorModel{Server: types.StringUnknown()}, "", "", "token.env", `["supervisor.server"]`},
		"server, token":   {supervisorModel{Server: given, Token: given}, "block", "", "block", ""},
		"server, file":    {supervisorModel{Server: given, TokenFile: given}, "block", "", "", ""},
		"kubeconfig":      {supervisorModel{KubeconfigFile: given}, "sv.env", "block", "", ""},
		"token":           {supervisorModel{Token: given}, "sv.env", "", "block", ""},
		"token of a file": {supervisorModel{TokenFile: given}, "sv.env", "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var to diag.Diagnostics
			got := model{Supervisor: object(t, "supervisor", c.block)}.config(t.Context(), "", &to).Supervisor
			later := ""
			if len(got.Unknown) > 0 {
				later = fmt.Sprintf("%q", got.Unknown)
			}
			if to.HasError() || got.Server != c.server || got.KubeconfigFile != c.kubeconfig || got.Token != c.token || later != c.by {
				t.Errorf("got %+v, %v", got, to)
			}
		})
	}
}

// Only what is known can contradict: an unknown value may be null in the end.
func TestConflicts(t *testing.T) {
	t.Parallel()
	given, later := types.StringValue("x"), types.StringUnknown()
	for name, c := range map[string]struct {
		m    model
		want int
	}{
		"vcenter, two CAs":            {model{VCenter: object(t, "vcenter", vcenterModel{CAPEM: given, CAFile: given})}, 1},
		"vcenter, CAs to come":        {model{VCenter: object(t, "vcenter", vcenterModel{CAPEM: later, CAFile: later})}, 0},
		"vcenter, one CA to come":     {model{VCenter: object(t, "vcenter", vcenterModel{CAPEM: given, CAFile: later})}, 0},
		"supervisor, two CAs":         {model{Supervisor: object(t, "supervisor", supervisorModel{CAPEM: given, CAFile: given})}, 1},
		"two tokens":                  {model{Supervisor: object(t, "supervisor", supervisorModel{Token: given, TokenFile: given})}, 1},
		"kubeconfig and token":        {model{Supervisor: object(t, "supervisor", supervisorModel{KubeconfigFile: given, Token: given})}, 1},
		"kubeconfig and server":       {model{Supervisor: object(t, "supervisor", supervisorModel{KubeconfigFile: given, Server: given})}, 1},
		"kubeconfig, server to come":  {model{Supervisor: object(t, "supervisor", supervisorModel{KubeconfigFile: given, Server: later})}, 0},
		"server and token":            {model{Supervisor: object(t, "supervisor", supervisorModel{Token: given, Server: given})}, 0},
		"all of a supervisor to come": {model{Supervisor: object(t, "supervisor", supervisorModel{CAPEM: later, CAFile: later, Token: later, TokenFile: later, KubeconfigFile: later, Server: later})}, 0},
		"a block to come":             {model{Supervisor: types.ObjectUnknown(attributeTypes(t, "supervisor"))}, 0},
	} {
		var to diag.Diagnostics
		if c.m.validate(t.Context(), &to); to.ErrorsCount() != c.want {
			t.Errorf("%s: got %v", name, to)
		}
	}
}

// What is unknown at plan is an error of those who connect there, and of no one else.
func TestUnknownBlocks(t *testing.T) {
	t.Parallel()
	given := types.StringValue("x")
	vcenter := vcenterModel{Server: given, Username: given, Password: given}
	supervisor := supervisorModel{Server: given}
	partly := vcenter
	partly.Password = types.StringUnknown()
	byToken := supervisorModel{Server: given, Token: given}
	for name, c := range map[string]struct {
		m                             model
		vcenter, supervisor, workload string
	}{
		"vcenter": {
			m:       model{VCenter: types.ObjectUnknown(attributeTypes(t, "vcenter")), Supervisor: object(t, "supervisor", supervisor)},
			vcenter: "vcenter is only", supervisor: "vcenter is only",
		},
		"password": {
			m:       model{VCenter: object(t, "vcenter", partly), Supervisor: object(t, "supervisor", supervisor)},
			vcenter: "vcenter.password is only", supervisor: "vcenter.password is only",
		},
		"password that the Supervisor does not need": {
			m:       model{VCenter: object(t, "vcenter", partly), Supervisor: object(t, "supervisor", byToken)},
			vcenter: "vcenter.password is only",
		},
		"supervisor": {
			m:          model{VCenter: object(t, "vcenter", vcenter), Supervisor: types.ObjectUnknown(attributeTypes(t, "supervisor"))},
			supervisor: "supervisor is only",
		},
		"workload": {
			m:        model{VCenter: object(t, "vcenter", vcenter), Supervisor: object(t, "supervisor", supervisor), Workload: types.ObjectUnknown(attributeTypes(t, "workload"))},
			workload: "workload is only",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var to diag.Diagnostics
			set := clients.New(c.m.config(t.Context(), "", &to))
			if to.HasError() {
				t.Fatal(to)
			}
			_, vcenterErr := set.VCenter(t.Context())
			_, supervisorErr := set.Supervisor(t.Context())
			told(t, vcenterErr, c.vcenter)
			told(t, supervisorErr, c.supervisor)
			if c.workload != "" {
				_, err := set.Workload(t.Context(), "-")
				told(t, err, c.workload)
			}
		})
	}
}

func told(t *testing.T, err error, want string) {
	t.Helper()
	if want == "" && err != nil || want != "" && (!errors.Is(err, fault.NotConfigured) || !strings.Contains(err.Error(), want)) {
		t.Errorf("got %v, want %q", err, want)
	}
}

func TestWrongEnvironmentIsAnError(t *testing.T) {
	for key, value := range map[string]string{
		"VKS_VCENTER_INSECURE": "perhaps", "VKS_MAX_RETRIES": "-1", "VKS_REQUEST_TIMEOUT": "soon", "VKS_WORKLOAD_AUTH": "magic", "VKS_VCENTER_CA_FILE": "/not/there",
	} {
		t.Run(key, func(t *testing.T) {
			t.Setenv(key, value)
			var to diag.Diagnostics
			if (model{}).config(t.Context(), "", &to); to.ErrorsCount() != 1 {
				t.Errorf("got %v", to)
			}
		})
	}
}

// Reading the block and making the clients connects to nothing.
func TestNothingConnectsBeforeItIsNeeded(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	connected := make(chan struct{}, 1)
	go func() {
		if _, err := listener.Accept(); err == nil {
			connected <- struct{}{}
		}
	}()
	var to diag.Diagnostics
	address := types.StringValue(listener.Addr().String())
	set := clients.New(model{
		VCenter:    object(t, "vcenter", vcenterModel{Server: address, Username: types.StringValue("u"), Password: types.StringValue("p")}),
		Supervisor: object(t, "supervisor", supervisorModel{Server: address}),
	}.config(t.Context(), "", &to))
	if _, err := set.VCenter(t.Context()); err != nil || to.HasError() {
		t.Fatal(err, to)
	}
	if _, err := set.Supervisor(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := set.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	select {
	case <-connected:
		t.Error("a connection was made")
	default:
	}
}
