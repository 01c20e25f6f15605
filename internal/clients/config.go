// Package clients is the set of connections that resources receive. Each is
// opened on first use and shared by all resources of the process. It must not
// import the plugin framework or a service.
package clients

import (
	"time"

	"github.com/vksops/terraform-provider-vks/internal/transport"
)

// Config is the provider block with its environment, as plain values.
type Config struct {
	VCenter    VCenter
	Supervisor Supervisor
	Workload   Workload
	Defaults   Defaults

	RequestTimeout    time.Duration
	MaxRetries        int
	RequestsPerSecond float64
	UserAgent         string
}

// limits are those of every connection.
func (c Config) limits() transport.Config {
	return transport.Config{
		Timeout: c.RequestTimeout, MaxRetries: c.MaxRetries, RequestsPerSecond: c.RequestsPerSecond, UserAgent: c.UserAgent,
	}
}

// VCenter says how to reach vCenter.
type VCenter struct {
	Server, Username, Password string
	CAPEM                      []byte
	Insecure                   bool
	// Unknown are attributes of the block that only an apply makes known.
	Unknown []string
}

// Supervisor says how to reach the Supervisor's Kubernetes API.
type Supervisor struct {
	// Name or id in vCenter; empty where vCenter has just one.
	Name                              string
	Server                            string
	CAPEM                             []byte
	Insecure                          bool
	KubeconfigFile, KubeconfigContext string
	Token, TokenFile                  string
	Unknown                           []string
}

// logsIn reports whether the SSO user logs in: nothing else is given.
func (s Supervisor) logsIn() bool {
	return s.KubeconfigFile == "" && s.Token == "" && s.TokenFile == ""
}

// Workload says how to reach workload clusters.
type Workload struct {
	KubeconfigFile, KubeconfigContext string
	// Auth is "auto", "login" or "secret".
	Auth    string
	Unknown []string
}

// Defaults of attributes that the provider block sets for all resources.
type Defaults struct {
	DeletionProtection bool
	// CapacityCheck is "off", "warn" or "error".
	CapacityCheck string
}
