package kube

import (
	"errors"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/transport"
)

// fault wraps what a call to the API server returned.
func (c *Client) fault(op string, err error) error {
	return Fault(op, c.where, err)
}

// Fault wraps an error of client-go: op is the call in lower case, where the
// server. It gives nil for nil, and leaves faults of inner layers (a login
// that failed inside the transport) as they are.
func Fault(op, where string, err error) error {
	if err == nil {
		return nil
	}
	var inner *fault.Error
	if errors.As(err, &inner) {
		return inner
	}
	f := &fault.Error{Op: op, Where: where, Err: err, Message: message(err)}
	if status := apierrors.APIStatus(nil); errors.As(err, &status) {
		f.Code = string(status.Status().Reason)
	}
	if apierrors.IsNotFound(err) {
		notFound(f)
		return f
	}
	f.Kind = kindOf(err)
	return f
}

func kindOf(err error) fault.Kind {
	switch {
	case strings.Contains(err.Error(), unknownField):
		return fault.Invalid
	case apierrors.IsAlreadyExists(err):
		return fault.AlreadyExists
	case apierrors.IsConflict(err):
		return fault.Conflict
	case apierrors.IsForbidden(err):
		return deniedOrForbidden(err)
	case apierrors.IsUnauthorized(err):
		return fault.Unauthenticated
	case apierrors.IsInvalid(err), apierrors.IsBadRequest(err), apierrors.IsMethodNotSupported(err):
		return fault.Invalid
	case apierrors.IsTooManyRequests(err), apierrors.IsServerTimeout(err), apierrors.IsTimeout(err),
		apierrors.IsServiceUnavailable(err), apierrors.IsInternalError(err):
		return fault.Transient
	}
	return transport.NetworkKind(err)
}

// unknownField is what an API server says, with a status that reads like a
// failure of its own, when a field of an apply is not in the schema of its version.
const unknownField = "field not declared in schema"

// deniedOrForbidden tells an admission webhook's no (which answers 403 by
// default) from missing RBAC: the first is about what was asked for.
func deniedOrForbidden(err error) fault.Kind {
	if strings.Contains(err.Error(), "admission webhook") {
		return fault.Invalid
	}
	return fault.Forbidden
}

// pageNotFound is what the API server says of a path that it does not have.
const pageNotFound = "404 page not found"

// notFound says what a 404 means. It takes an API server to say that an object
// is gone: it names the object. A load balancer without a backend and a proxy of
// clusters say 404 too, of the whole server; client-go makes a Status of any
// such answer, and marks it as unexpected.
func notFound(f *fault.Error) {
	var status apierrors.APIStatus
	if !errors.As(f.Err, &status) || status.Status().Details == nil {
		stranger(f, f.Message)
		return
	}
	f.Kind = fault.NotFound
	if status.Status().Details.Name == "" {
		f.Kind = fault.RouteAbsent
	}
	for _, cause := range status.Status().Details.Causes {
		if cause.Type != metav1.CauseTypeUnexpectedServerResponse {
			continue
		}
		f.Kind = fault.RouteAbsent
		if said := strings.TrimSpace(cause.Message); said != pageNotFound {
			stranger(f, said)
		}
	}
}

// stranger makes f the error of a 404 that something else than an API server
// gave. It may pass: so answers a load balancer whose servers are away.
func stranger(f *fault.Error, said string) {
	f.Kind = fault.Transient
	f.Message = "HTTP 404, but not of a Kubernetes API server: " + strings.Join(strings.Fields(said), " ")
	f.Advice = "Something in between answered: check the address, and the load balancer or proxy in front of the API server. Nothing was concluded from the answer."
}

func message(err error) string {
	var status apierrors.APIStatus
	if errors.As(err, &status) && status.Status().Message != "" {
		return status.Status().Message
	}
	return err.Error()
}
