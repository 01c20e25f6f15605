package supervisor

import (
	"context"
	"encoding/base64"
	"errors"
	"time"

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
	access, err := c.guestAccess(ctx, namespace, name, auth, nil)
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

// GuestAccess finds out how to connect to a workload cluster, for those who hand
// that on: it also reads the cluster, and refuses one whose API server cannot be
// there yet. Others would only say that nobody answers.
func (c *Client) GuestAccess(ctx context.Context, namespace, name, auth string) (*GuestAccess, error) {
	live, err := c.GetCluster(ctx, namespace, name)
	switch {
	case fault.KindOf(err) == fault.Forbidden:
		live = nil // a login may be let in all the same
	case err != nil:
		return nil, missing(namespace, name, err)
	case !live.initialized():
		return nil, c.notUp("connect to VKS cluster "+namespace+"/"+name, live, errNotUp)
	}
	return c.guestAccess(ctx, namespace, name, auth, live)
}

// guestAccess takes the cluster where it was read.
func (c *Client) guestAccess(ctx context.Context, namespace, name, auth string, live *Cluster) (*GuestAccess, error) {
	switch {
	case auth == AuthSecret, c.session == nil && auth != AuthLogin:
		return c.guestSecret(ctx, namespace, name, live)
	case c.session == nil:
		f := c.fail(fault.NotConfigured, "log in to VKS cluster "+namespace+"/"+name, "there is no SSO user to log in with")
		f.Advice = "Set vcenter.username and vcenter.password in the provider block, or workload.auth to \"secret\"."
		return nil, f
	}
	access, err := c.guestLogin(ctx, namespace, name)
	if auth == AuthLogin || !errors.Is(err, errNoAddress) {
		return access, err
	}
	return c.guestSecret(ctx, namespace, name, live)
}

var (
	errNoAddress = errors.New("the Supervisor gives no address for it")
	errNotUp     = errors.New("its control plane has not been up yet")
)

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
		Token: answer.SessionID, Expires: newToken(answer.SessionID, c.clock.Now()).expires, tokens: c.session,
	}, nil
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
