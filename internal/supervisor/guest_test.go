package supervisor

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/vksops/terraform-provider-vks/internal/fault"
)

// guestFile is a kubeconfig as Cluster API writes it.
const guestFile = `apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://10.0.0.9:6443"}}]
users: [{name: u, user: {token: admin-token}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
`

func withGuest(f *fake, cluster, secret string) {
	clusterAPI(f)
	f.objects["/apis/cluster.x-k8s.io/v1beta2/namespaces/team-a/clusters/prod"] = cluster
	if secret != "" {
		f.objects["/api/v1/namespaces/team-a/secrets/prod-kubeconfig"] = secret
	}
}

func clusterJSON(status string) string {
	return `{"apiVersion":"cluster.x-k8s.io/v1beta2","kind":"Cluster","metadata":{"name":"prod","namespace":"team-a","uid":"new","creationTimestamp":"2026-06-02T00:00:00Z"},
		"spec":{"controlPlaneRef":{"kind":"KubeadmControlPlane","name":"prod-new"}},"status":` + status + `}`
}

// A control plane that has never been up is waited for by nobody else: whoever
// gets credentials would only learn that nobody answers.
func TestGuestAccessNotUp(t *testing.T) {
	t.Parallel()
	const up = `{"initialization":{"controlPlaneInitialized":true}}`
	for name, c := range map[string]struct{ status, want string }{
		"up":           {status: up},
		"up, as told":  {status: `{"conditions":[{"type":"ControlPlaneInitialized","status":"True"}]}`},
		"down again":   {status: `{"initialization":{"controlPlaneInitialized":true},"conditions":[{"type":"ControlPlaneAvailable","status":"False","message":"etcd is away"}]}`},
		"nothing told": {status: `{}`, want: "its control plane has not been up yet"},
		"on its way": {
			status: `{"phase":"Provisioning","conditions":[{"type":"InfrastructureReady","status":"False","message":"no address left"},{"type":"WorkersAvailable","status":"False","message":"no matter"}]}`,
			want:   "(phase Provisioning)\n  - InfrastructureReady: no address left",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, auth := range []string{AuthLogin, AuthSecret} {
				f := &fake{password: "secret", guest: "10.0.0.8"}
				secret := fmt.Sprintf(`{"apiVersion":"v1","kind":"Secret","metadata":{"name":"prod-kubeconfig","namespace":"team-a","creationTimestamp":"2026-06-02T00:01:00Z"},"data":{"value":%q}}`,
					base64.StdEncoding.EncodeToString([]byte(guestFile)))
				withGuest(f, clusterJSON(c.status), secret)
				client, _ := start(t, f, nil)
				_, err := client.GuestAccess(t.Context(), "team-a", "prod", auth)
				if c.want == "" {
					if err != nil {
						t.Errorf("%s: %v", auth, err)
					}
					continue
				}
				var told *fault.Error
				if !errors.As(err, &told) || told.Kind != fault.Transient || !strings.Contains(told.Message, c.want) || strings.Contains(told.Message, "no matter") ||
					!strings.Contains(told.Advice, "Layer: Supervisor") {
					t.Errorf("%s: got %v, want %q", auth, err, c.want)
				}
			}
		})
	}
}

// The Secret of an earlier cluster of the name leads to nobody, or to somebody else.
func TestGuestSecret(t *testing.T) {
	t.Parallel()
	good := base64.StdEncoding.EncodeToString([]byte(guestFile))
	owned := func(kind, name, uid string) string {
		return fmt.Sprintf(`,"ownerReferences":[{"apiVersion":"x/v1","kind":%q,"name":%q,"uid":%q}]`, kind, name, uid)
	}
	for name, c := range map[string]struct{ metadata, value, want string }{
		"of its control plane":          {metadata: owned("KubeadmControlPlane", "prod-new", "k"), value: good},
		"of the cluster":                {metadata: owned("Cluster", "prod", "new"), value: good},
		"of nobody, and younger":        {metadata: `,"creationTimestamp":"2026-06-02T00:00:10Z"`, value: good},
		"of somebody, and younger":      {metadata: `,"creationTimestamp":"2026-06-02T00:00:10Z"` + owned("Operator", "x", "o"), value: good},
		"of an earlier control plane":   {metadata: `,"creationTimestamp":"2026-06-02T00:00:10Z"` + owned("KubeadmControlPlane", "prod-old", "k"), value: good, want: "of an earlier cluster"},
		"of an earlier cluster":         {metadata: owned("Cluster", "prod", "old"), value: good, want: "of an earlier cluster"},
		"of nobody, and older":          {metadata: `,"creationTimestamp":"2026-06-01T00:00:00Z"`, value: good, want: "of an earlier cluster"},
		"restored, of its own all same": {metadata: `,"creationTimestamp":"2026-06-01T00:00:00Z"` + owned("KubeadmControlPlane", "prod-new", "k"), value: good},
		"another key":                   {metadata: owned("Cluster", "prod", "new"), want: "under the key value"},
		"no kubeconfig": {
			metadata: owned("Cluster", "prod", "new"), value: base64.StdEncoding.EncodeToString([]byte("token: hidden\n\tsecret-thing")), want: "is no kubeconfig",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fake{password: "secret"}
			withGuest(f, clusterJSON(`{"initialization":{"controlPlaneInitialized":true}}`),
				`{"apiVersion":"v1","kind":"Secret","metadata":{"name":"prod-kubeconfig","namespace":"team-a"`+c.metadata+`},"data":{"value":"`+c.value+`"}}`)
			client, _ := start(t, f, nil)
			access, err := client.GuestAccess(t.Context(), "team-a", "prod", AuthSecret)
			// The way of the provider's own connections is the same.
			if _, configErr := client.GuestConfig(t.Context(), "team-a", "prod", AuthSecret); (configErr == nil) != (err == nil) {
				t.Errorf("credentials: %v, own connection: %v", err, configErr)
			}
			if c.want == "" {
				if err != nil || access.Token != "admin-token" {
					t.Errorf("got %+v, %v", access, err)
				}
				return
			}
			if !errors.Is(err, fault.Unsupported) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if strings.Contains(fmt.Sprintf("%+v", err), "secret-thing") || strings.Contains(err.Error(), "hidden") {
				t.Errorf("the error quotes the Secret: %v", err)
			}
		})
	}
}
