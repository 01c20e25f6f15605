package supervisor

import (
	"crypto/x509"
	"encoding/pem"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/vksops/terraform-provider-vks/internal/transport"
)

// apiPort is where Kubernetes API servers of VKS listen, the Supervisor's and
// the workload clusters'.
const apiPort = "6443"

// address is where one Supervisor is reached.
type address struct {
	// shown is what the user gave, for messages.
	shown string
	// login and api are base URLs.
	login, api string
}

func parseAddress(server string) (address, error) {
	host, port, err := transport.ParseServer(server)
	if err != nil {
		return address{}, err
	}
	if port == "" {
		return address{shown: host, login: httpsURL(host, "443"), api: httpsURL(host, apiPort)}, nil
	}
	both := httpsURL(host, port)
	return address{shown: net.JoinHostPort(host, port), login: both, api: both}, nil
}

// withPort adds port where host has none.
func withPort(host, port string) string {
	if _, _, err := net.SplitHostPort(host); err == nil {
		return "https://" + host
	}
	return httpsURL(strings.Trim(host, "[]"), port)
}

func httpsURL(host, port string) string { return "https://" + net.JoinHostPort(host, port) }

func hostOf(server string) string {
	if u, err := url.Parse(server); err == nil && u.Host != "" {
		return u.Host
	}
	return server
}

// certificateEnd is when the first certificate of a PEM text ends; zero when it
// has none.
func certificateEnd(text []byte) time.Time {
	block, _ := pem.Decode(text)
	if block == nil {
		return time.Time{}
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return time.Time{}
	}
	return certificate.NotAfter
}

func hostPort(host, port string) string { return net.JoinHostPort(host, port) }
