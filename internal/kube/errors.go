package kube

import (
	"errors"
	"net/http"
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
	f := &fault.Error{Kind: kindOf(err), Op: op, Where: where, Err: err, Message: message(err)}
	if status := apierrors.APIStatus(nil); errors.As(err, &status) {
		f.Code = string(status.Status().Reason)
	}
	return f
}

func kindOf(err error) fault.Kind {
	switch {
	case isRouteAbsent(err):
		return fault.RouteAbsent
	case apierrors.IsNotFound(err), apierrors.IsGone(err):
		return fault.NotFound
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

// deniedOrForbidden tells an admission webhook's no (which answers 403 by
// default) from missing RBAC: the first is about what was asked for.
func deniedOrForbidden(err error) fault.Kind {
	if strings.Contains(err.Error(), "admission webhook") {
		return fault.Invalid
	}
	return fault.Forbidden
}

// isRouteAbsent: a 404 without details of an object is the answer of a server
// that has no such path; the generic text is all that tells it from a missing
// object ("the server could not find the requested resource").
func isRouteAbsent(err error) bool {
	var status apierrors.APIStatus
	if !errors.As(err, &status) || status.Status().Code != http.StatusNotFound {
		return false
	}
	details := status.Status().Details
	if details == nil {
		return true
	}
	for _, cause := range details.Causes {
		if cause.Type == metav1.CauseTypeUnexpectedServerResponse && strings.Contains(cause.Message, "page not found") {
			return true
		}
	}
	return false
}

func message(err error) string {
	var status apierrors.APIStatus
	if errors.As(err, &status) && status.Status().Message != "" {
		return status.Status().Message
	}
	return err.Error()
}
