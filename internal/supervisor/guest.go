package supervisor

import (
	"context"
	"encoding/base64"
	"errors"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/kube"
)

// The ways to a workload cluster, values of the provider's workload.auth.
const (
	// AuthAuto is AuthLogin where there is an SSO user, and else, or where the
	// Supervisor gives no address, AuthSecret.
	AuthAuto = "auto"
	// AuthLogin uses the token of the SSO login: RBAC of the user applies.
	AuthLogin = "login"
	// AuthSecret uses the administrator's certificate in the cluster's kubeconfig Secret.
	AuthSecret = "secret"
)

// GuestAccess is what it takes to connect to one workload cluster: an address,
// and a token or a client certificate.
type GuestAccess struct {
	// Server is a URL.
	Server string
	CAPEM  []byte
	Token  string
	// Expires is the token's or certificate's end; zero when it is not known.
	Expires                     time.Time
	ClientCertPEM, ClientKeyPEM []byte

	// tokens keeps Token fresh, where it came from the login.
	tokens tokenSource
}

// GuestConfig gives the configuration for clients of a workload cluster. A
// cluster that does not exist is fault.NotFound.
func (c *Client) GuestConfig(ctx context.Context, namespace, name, auth string) (*rest.Config, error) {
	access, err := c.GuestAccess(ctx, namespace, name, auth)
	if err != nil {
		return nil, err
	}
	config, err := kube.Limited(&rest.Config{
		Host: access.Server,
		TLSClientConfig: rest.TLSClientConfig{
			CAData: access.CAPEM, CertData: access.ClientCertPEM, KeyData: access.ClientKeyPEM,
		},
	}, c.config.limits())
	if err != nil {
		return nil, c.fail(fault.Unknown, "connect to VKS cluster "+namespace+"/"+name, "%v", err)
	}
	if access.tokens != nil {
		config.Wrap(bearerOver(access.tokens))
	} else {
		config.BearerToken = access.Token
	}
	return config, nil
}

// GuestAccess finds out how to connect to a workload cluster.
func (c *Client) GuestAccess(ctx context.Context, namespace, name, auth string) (*GuestAccess, error) {
	switch {
	case auth == AuthSecret, c.session == nil && auth != AuthLogin:
		return c.guestSecret(ctx, namespace, name)
	case c.session == nil:
		f := c.fail(fault.NotConfigured, "log in to VKS cluster "+namespace+"/"+name, "there is no SSO user to log in with")
		f.Advice = "Set vcenter.username and vcenter.password in the provider block, or workload.auth to \"secret\"."
		return nil, f
	}
	access, err := c.guestLogin(ctx, namespace, name)
	if auth == AuthLogin || !errors.Is(err, errNoAddress) {
		return access, err
	}
	return c.guestSecret(ctx, namespace, name)
}

var errNoAddress = errors.New("the Supervisor gives no address for it")

func (c *Client) guestLogin(ctx context.Context, namespace, name string) (*GuestAccess, error) {
	op := "log in to VKS cluster " + namespace + "/" + name
	answer, err := c.session.login(ctx, loginRequest{GuestName: name, GuestNamespace: namespace})
	if err != nil {
		return nil, err
	}
	if answer.GuestServer == "" {
		return nil, c.unreachable(ctx, op, namespace, name, errNoAddress)
	}
	ca, err := base64.StdEncoding.DecodeString(answer.GuestCA)
	if err != nil {
		return nil, c.fail(fault.Unknown, op, "the CA in the answer is not base64: %v", err)
	}
	return &GuestAccess{
		Server: withPort(answer.GuestServer, apiPort), CAPEM: ca,
		Token: answer.SessionID, Expires: c.session.expiry(), tokens: c.session,
	}, nil
}

var secrets = kube.Ref{GVR: schema.GroupVersionResource{Version: "v1", Resource: "secrets"}, Kind: "Secret"}

// guestSecret reads <cluster>-kubeconfig. It is there before the nodes are.
func (c *Client) guestSecret(ctx context.Context, namespace, name string) (*GuestAccess, error) {
	op := "read the kubeconfig of VKS cluster " + namespace + "/" + name
	secret, err := c.kube.Get(ctx, secrets.In(namespace, name+"-kubeconfig"))
	if fault.IsNotFound(err) {
		return nil, c.unreachable(ctx, op, namespace, name, err)
	}
	if err != nil {
		return nil, err
	}
	encoded, _, _ := unstructured.NestedString(secret.Object, "data", "value")
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(raw) == 0 {
		return nil, c.fail(fault.Unsupported, op, "Secret %s/%s-kubeconfig has no kubeconfig under the key value", namespace, name)
	}
	config, err := clientcmd.RESTConfigFromKubeConfig(raw)
	if err != nil {
		return nil, c.fail(fault.Unknown, op, "%v", err)
	}
	return &GuestAccess{
		Server: config.Host, CAPEM: config.CAData, Token: config.BearerToken,
		ClientCertPEM: config.CertData, ClientKeyPEM: config.KeyData, Expires: certificateEnd(config.CertData),
	}, nil
}

// unreachable tells a cluster that does not exist from one that is not there
// yet: only the first may remove anything from state.
func (c *Client) unreachable(ctx context.Context, op, namespace, name string, cause error) error {
	if _, err := c.GetCluster(ctx, namespace, name); err != nil {
		return missing(namespace, name, err)
	}
	return &fault.Error{
		Kind: fault.Transient, Op: op, Where: c.where, Err: cause,
		Message: "the cluster exists, but cannot be reached yet: " + errorText(cause),
		Advice:  "Wait until the cluster is available (wait_for of vks_cluster does that), then run the same command again.",
	}
}

// missing says what to do about a cluster that does not exist.
func missing(namespace, name string, err error) error {
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.NotFound {
		return err
	}
	told := *f
	told.Message = "there is no VKS cluster " + namespace + "/" + name + " (" + f.Said() + ")"
	told.Advice = "Correct cluster_id (NAMESPACE/NAME). If the same configuration makes the cluster, refer to its id (cluster_id = vks_cluster.example.id), so that it comes first."
	return &told
}

func errorText(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Said()
	}
	return err.Error()
}

// Kubeconfig gives a as a kubeconfig file.
func (a *GuestAccess) Kubeconfig(name string) ([]byte, error) {
	return clientcmd.Write(clientcmdapi.Config{
		Clusters: map[string]*clientcmdapi.Cluster{name: {Server: a.Server, CertificateAuthorityData: a.CAPEM}},
		AuthInfos: map[string]*clientcmdapi.AuthInfo{name: {
			Token: a.Token, ClientCertificateData: a.ClientCertPEM, ClientKeyData: a.ClientKeyPEM,
		}},
		Contexts:       map[string]*clientcmdapi.Context{name: {Cluster: name, AuthInfo: name}},
		CurrentContext: name,
	})
}
