package transport

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"testing"

	"github.com/vksops/terraform-provider-vks/internal/fault"
)

func TestNetworkKind(t *testing.T) {
	t.Parallel()
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	for name, c := range map[string]struct {
		err  error
		want fault.Kind
	}{
		"unknown authority": {x509.UnknownAuthorityError{}, fault.Untrusted},
		"other host name":   {x509.HostnameError{Certificate: &x509.Certificate{}, Host: "vc"}, fault.Untrusted},
		"connection refused": {
			dial(syscall.ECONNREFUSED), fault.Unreachable,
		},
		"proxy refused the connection": {
			&net.OpError{Op: "proxyconnect", Net: "tcp", Err: dial(syscall.ECONNREFUSED)}, fault.Unreachable,
		},
		"dial ran into its limit": {dial(context.DeadlineExceeded), fault.Unreachable},
		"no such host":            {dial(&net.DNSError{Err: "no such host", Name: "vc"}), fault.Unreachable},
		"cancelled while dialling": {
			dial(context.Canceled), fault.Transient,
		},
		"deadline":         {context.DeadlineExceeded, fault.Transient},
		"connection reset": {&net.OpError{Op: "read", Err: syscall.ECONNRESET}, fault.Transient},
		"no answer in time": {
			fmt.Errorf("get: %w", &net.OpError{Op: "read", Err: syscall.ETIMEDOUT}), fault.Transient,
		},
		"closed early":  {io.ErrUnexpectedEOF, fault.Transient},
		"anything else": {errors.New("malformed HTTP response"), fault.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := NetworkKind(c.err); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
