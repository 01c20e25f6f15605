package provider

import (
	"net"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/clients"
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
		VCenter:       &vcenterModel{Username: types.StringValue("block")},
		Supervisor:    &supervisorModel{TokenFile: types.StringValue("block")},
		CapacityCheck: types.StringValue("off"),
	}.config("", &to)
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

func TestWrongEnvironmentIsAnError(t *testing.T) {
	for key, value := range map[string]string{
		"VKS_VCENTER_INSECURE": "perhaps", "VKS_MAX_RETRIES": "-1", "VKS_REQUEST_TIMEOUT": "soon", "VKS_WORKLOAD_AUTH": "magic", "VKS_VCENTER_CA_FILE": "/not/there",
	} {
		t.Run(key, func(t *testing.T) {
			t.Setenv(key, value)
			var to diag.Diagnostics
			if (model{}).config("", &to); to.ErrorsCount() != 1 {
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
		VCenter:    &vcenterModel{Server: address, Username: types.StringValue("u"), Password: types.StringValue("p")},
		Supervisor: &supervisorModel{Server: address},
	}.config("", &to))
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
