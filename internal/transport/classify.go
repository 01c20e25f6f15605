package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"strings"

	"github.com/vksops/terraform-provider-vks/internal/fault"
)

// TimedOut reports whether a server that was reached did not answer in time. The
// user said how long an answer may take: the same wait is not made again.
func TimedOut(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// undialled reports whether the server, or the proxy before it, was not reached.
func undialled(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && (op.Op == "dial" || op.Op == opProxy)
}

// opProxy is net/http's word for the way to a proxy: dial, and TLS with it.
const opProxy = "proxyconnect"

func proxyUnreached(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == opProxy
}

// NetworkKind tells apart the ways in which no HTTP answer came back.
func NetworkKind(err error) fault.Kind {
	var (
		unknown  x509.UnknownAuthorityError
		hostname x509.HostnameError
		invalid  x509.CertificateInvalidError
		verify   *tls.CertificateVerificationError
		dns      *net.DNSError
		op       *net.OpError
		timeout  net.Error
	)
	switch {
	case errors.As(err, &unknown), errors.As(err, &hostname), errors.As(err, &invalid), errors.As(err, &verify):
		return fault.Untrusted
	case errors.Is(err, context.Canceled):
		return fault.Transient
	case errors.As(err, &dns), undialled(err):
		// A dial that ran into its own limit also says "deadline exceeded".
		return fault.Unreachable
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return fault.Transient
	case errors.As(err, &op), strings.Contains(err.Error(), "EOF"):
		return fault.Transient
	}
	return fault.Unknown
}
