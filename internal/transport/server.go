package transport

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// ParseServer reads host[:port] as a user gives it, and forgives https:// and a
// slash at the end. The host of an IPv6 address has no brackets; port is empty
// where none is given.
func ParseServer(server string) (host, port string, err error) {
	text := strings.TrimSpace(server)
	if u, err := url.Parse(text); err == nil && u.Scheme == "https" && u.Host != "" {
		text = u.Host
	}
	if text == "" {
		return "", "", errors.New("no address is given")
	}
	host, port, err = net.SplitHostPort(text)
	if err != nil {
		host, port = strings.Trim(text, "[]"), ""
	}
	if host == "" || strings.ContainsAny(host, "/@ ") || (strings.Contains(host, ":") && net.ParseIP(host) == nil) {
		return "", "", fmt.Errorf("%q is not an address: expected host or host:port", server)
	}
	if n, err := strconv.Atoi(port); port != "" && (err != nil || n < 1 || n > 65535) {
		return "", "", fmt.Errorf("%q is not an address: the port is no number from 1 to 65535", server)
	}
	return host, port, nil
}
