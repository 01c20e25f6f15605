package supervisor

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"
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

// parseAddress reads host[:port], and forgives a scheme and a path.
func parseAddress(server string) (address, error) {
	host := strings.TrimSpace(server)
	if u, err := url.Parse(host); err == nil && u.Scheme == "https" && u.Host != "" {
		host = u.Host
	}
	if host == "" {
		return address{}, errors.New("no address is given")
	}
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = strings.Trim(host, "[]"), ""
	}
	if strings.ContainsAny(name, "/@ ") || (strings.Contains(name, ":") && net.ParseIP(name) == nil) {
		return address{}, fmt.Errorf("%q is not an address: expected host or host:port", server)
	}
	if port == "" {
		return address{shown: host, login: httpsURL(name, "443"), api: httpsURL(name, apiPort)}, nil
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return address{}, fmt.Errorf("%q is not an address: the port is no number from 1 to 65535", server)
	}
	both := httpsURL(name, port)
	return address{shown: host, login: both, api: both}, nil
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
