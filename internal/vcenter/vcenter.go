// Package vcenter is the client of one vCenter: its session, vSphere
// Namespaces and what they are made of, over the REST API. It must not import
// the plugin framework, client-go or another client package.
//
// govmomi's own types for vSphere Namespaces lack most fields, its PATCH always
// carries vm_service_spec, and its transport drops the body of a failed call.
// So requests and types here are our own, after the published API:
// https://developer.broadcom.com/xapis/vsphere-automation-api/latest/
package vcenter

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/transport"
)

// Config says how to reach one vCenter, and as whom.
type Config struct {
	// Server is host[:port].
	Server string
	// Username is an SSO user: user@domain.
	Username, Password string
	// CAPEM is trusted beside the system's CAs.
	CAPEM    []byte
	Insecure bool

	Timeout           time.Duration
	MaxRetries        int
	RequestsPerSecond float64
	UserAgent         string
}

// Client talks to one vCenter. It is safe for concurrent use; share it: it
// keeps one session, and looks up what changes rarely (storage policies, VM
// classes, Supervisors) at most once.
type Client struct {
	config    Config
	where     string
	base      url.URL
	http      *http.Client
	password  *transport.Password
	session   *restSession
	vim       vimSession
	refreshed refreshed

	// legacy is set when this vCenter turned out not to have the v2 API.
	legacy atomic.Bool

	supervisors once[[]Supervisor]
	policies    once[[]StoragePolicy]
	classes     once[[]VMClass]
	libraries   once[[]ContentLibrary]
	version     once[Version]
	topologies  onceBy[[]SupervisorZone]
	bindings    onceBy[[]ZoneBinding]
	management  onceBy[WorkloadManagement]
}

// New makes a client. It makes no request.
func New(config Config) (*Client, error) {
	base, err := parseServer(config.Server)
	if err != nil {
		return nil, &fault.Error{
			Kind: fault.NotConfigured, Op: "connect to vCenter", Err: err,
			Advice: "Set vcenter.server in the provider block (or VKS_VCENTER_SERVER) to host or host:port.",
		}
	}
	c := &Client{config: config, base: base, where: "vCenter " + base.Host, password: transport.NewPassword()}
	roundTripper, err := c.transport()
	if err != nil {
		return nil, &fault.Error{
			Kind: fault.NotConfigured, Op: "connect", Where: c.where, Err: err,
			Advice: "Check vcenter.ca_pem or vcenter.ca_file of the provider block.",
		}
	}
	c.http = &http.Client{Transport: roundTripper, CheckRedirect: noRedirect}
	c.session = newRESTSession(c)
	c.supervisors.about(c, "list Supervisors")
	c.policies.about(c, "list storage policies")
	c.classes.about(c, "list VM classes")
	c.libraries.about(c, "list content libraries")
	c.version.about(c, "read the version")
	c.topologies.about(c, "read topology of a Supervisor")
	c.bindings.about(c, "read zones of a Supervisor")
	c.management.about(c, "read Workload Management of a cluster")
	c.vim.compute.about(c, "read hosts and clusters")
	c.vim.machines.about(c, "read virtual machines")
	c.vim.pools.about(c, "read resource pools")
	return c, nil
}

// Where names the vCenter in messages: "vCenter vc.example.com".
func (c *Client) Where() string { return c.where }

// Close logs out of what is open.
func (c *Client) Close(ctx context.Context) error {
	return errors.Join(c.session.close(ctx), c.vimLogout(ctx))
}

// transport makes a transport with this client's trust and limits.
func (c *Client) transport() (http.RoundTripper, error) {
	return transport.New(c.limits())
}

func (c *Client) limits() transport.Config {
	return transport.Config{
		CAPEM: c.config.CAPEM, Insecure: c.config.Insecure, Timeout: c.config.Timeout,
		MaxRetries: c.config.MaxRetries, RequestsPerSecond: c.config.RequestsPerSecond, UserAgent: c.config.UserAgent,
	}
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func parseServer(server string) (url.URL, error) {
	host, port, err := transport.ParseServer(server)
	if err != nil {
		return url.URL{}, err
	}
	if port == "" && strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port != "" {
		host = net.JoinHostPort(host, port)
	}
	return url.URL{Scheme: "https", Host: host}, nil
}
