// Package supervisor is the client of a Supervisor's Kubernetes API: the SSO
// login in front of it, the VKS clusters in it, and the way from it to the
// workload clusters. It must not import the plugin framework, govmomi or
// another client package.
package supervisor

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/kube"
	"github.com/vksops/terraform-provider-vks/internal/lazy"
	"github.com/vksops/terraform-provider-vks/internal/transport"
)

// Config says how to reach one Supervisor, and as whom: the first that is set
// of KubeconfigFile, Token, TokenFile, and Username with Password.
type Config struct {
	// Server is host[:port] of the control plane. Without a port, logins go to
	// 443 and the API is at 6443; with one, both are there.
	Server string
	// CAPEM is trusted beside the system's CAs.
	CAPEM    []byte
	Insecure bool

	Username, Password string
	Token, TokenFile   string

	KubeconfigFile, KubeconfigContext string

	Timeout           time.Duration
	MaxRetries        int
	RequestsPerSecond float64
	UserAgent         string
}

// Client talks to one Supervisor. It is safe for concurrent use; share it.
type Client struct {
	config  Config
	where   string
	address address
	kube    *kube.Client
	// session is nil where a token or a kubeconfig replaces the login.
	session *session
	clock   clock.PassiveClock
	// zones are those of all namespaces, once they were read.
	zones lazy.Value[askedZones]
}

// New makes a client. It makes no request.
func New(config Config) (*Client, error) {
	return newClient(config, clock.RealClock{})
}

func newClient(config Config, clk clock.PassiveClock) (*Client, error) {
	c := &Client{config: config, clock: clk}
	var (
		restConfig *rest.Config
		err        error
	)
	if config.KubeconfigFile != "" {
		restConfig, err = c.fromKubeconfig()
	} else {
		restConfig, err = c.fromServer()
	}
	if err != nil {
		return nil, err
	}
	c.kube, err = kube.New(restConfig, c.where)
	if err != nil {
		return nil, &fault.Error{Kind: fault.NotConfigured, Op: "connect", Where: c.where, Err: err}
	}
	c.zones.Op, c.zones.Where, c.zones.Limit = "list zones", c.where, c.config.limits().Longest()
	return c, nil
}

// Kube gives the client of the Supervisor's Kubernetes API.
func (c *Client) Kube() *kube.Client { return c.kube }

// Where names the Supervisor in messages: "Supervisor sv.example.com".
func (c *Client) Where() string { return c.where }

// Close forgets the token. The Supervisor knows no logout: a token ends when it expires.
func (c *Client) Close(context.Context) error {
	if c.session != nil {
		c.session.forget()
	}
	return nil
}

// fromServer prepares a connection with a token: a given one, or a login's.
func (c *Client) fromServer() (*rest.Config, error) {
	var err error
	if c.address, err = parseAddress(c.config.Server); err != nil {
		return nil, &fault.Error{
			Kind: fault.NotConfigured, Op: "connect to the Supervisor", Err: err,
			Advice: "Set supervisor.server in the provider block (or VKS_SUPERVISOR_SERVER) to the address of the Supervisor's control plane, as host or host:port.",
		}
	}
	c.where = "Supervisor " + c.address.shown
	limits := c.config.limits()
	limits.CAPEM, limits.Insecure = c.config.CAPEM, c.config.Insecure
	base, err := transport.New(limits)
	if err != nil {
		return nil, &fault.Error{Kind: fault.NotConfigured, Op: "connect", Where: c.where, Err: err}
	}
	source, err := c.tokens(base)
	if err != nil {
		return nil, err
	}
	return &rest.Config{
		Host:      c.address.api,
		Transport: &bearer{next: base, tokens: source},
		UserAgent: c.config.UserAgent,
		QPS:       -1, // the transport limits, once for all
	}, nil
}

// tokens chooses where tokens come from.
func (c *Client) tokens(base http.RoundTripper) (tokenSource, error) {
	switch {
	case c.config.Token != "":
		return staticToken(c.config.Token), nil
	case c.config.TokenFile != "":
		return &tokenFile{path: c.config.TokenFile}, nil
	case c.config.Username != "" && c.config.Password != "":
		c.session = newSession(c.address.login, c.where, c.config, base, c.clock)
		return c.session, nil
	}
	return nil, &fault.Error{
		Kind: fault.NotConfigured, Op: "connect", Where: c.where, Message: "the provider has no credentials for it",
		Advice: "Set vcenter.username and vcenter.password in the provider block (or VKS_USERNAME and VKS_PASSWORD), or one of supervisor.token, supervisor.token_file and supervisor.kubeconfig_file.",
	}
}

// limits are those of every connection; trust is not among them.
func (c Config) limits() transport.Config {
	return transport.Config{
		Timeout: c.Timeout, MaxRetries: c.MaxRetries, RequestsPerSecond: c.RequestsPerSecond, UserAgent: c.UserAgent,
	}
}

// fromKubeconfig takes server and credentials from a file that the user manages.
func (c *Client) fromKubeconfig() (*rest.Config, error) {
	config, err := kube.LoadKubeconfig(c.config.KubeconfigFile, c.config.KubeconfigContext, c.config.limits())
	if err != nil {
		return nil, err
	}
	c.where = "Supervisor " + hostOf(config.Host)
	return config, nil
}

func (c *Client) fail(kind fault.Kind, op, format string, args ...any) *fault.Error {
	return &fault.Error{Kind: kind, Op: op, Where: c.where, Message: fmt.Sprintf(format, args...)}
}
