// Package fault is the vocabulary of errors that clients return and resources
// act on. It imports nothing of ours, no SDK and no framework.
//
// A client wraps what a server said once, in an *Error, with the Kind that
// decides what a resource does: NotFound removes from state, RouteAbsent never
// does, Transient may be tried again.
package fault

import (
	"errors"
	"strings"
)

// Kind says what an error means to the caller. Kinds are errors, so that
// errors.Is(err, fault.NotFound) works on anything that wraps an *Error.
type Kind string

// The kinds, by what the caller may conclude from them.
const (
	// NotFound: the object does not exist. The only kind that removes a resource from state.
	NotFound Kind = "not found"
	// RouteAbsent: the server does not know this API (vCenter too old, CRD absent, Velero not installed).
	RouteAbsent Kind = "not served"
	// AlreadyExists: an object of this name is there already.
	AlreadyExists Kind = "already exists"
	// Conflict: somebody else changed the object, or another field manager owns the field.
	Conflict Kind = "conflict"
	// Forbidden: authenticated, but without the privilege.
	Forbidden Kind = "forbidden"
	// Unauthenticated: wrong, missing or expired credentials.
	Unauthenticated Kind = "unauthenticated"
	// Invalid: the server read the request and refused it.
	Invalid Kind = "invalid"
	// Unsupported: the server cannot do this in its present configuration or state.
	Unsupported Kind = "unsupported"
	// Untrusted: the server's TLS certificate could not be verified.
	Untrusted Kind = "certificate not trusted"
	// Unreachable: no connection could be made.
	Unreachable Kind = "unreachable"
	// Transient: the server or the path to it failed in a way that may pass.
	Transient Kind = "temporary failure"
	// NotConfigured: the provider was not told how to reach this server.
	NotConfigured Kind = "not configured"
	// Unknown: none of the above.
	Unknown Kind = "error"
)

// Error implements error, so that a Kind can be the target of errors.Is.
func (k Kind) Error() string { return string(k) }

// Error is one failed call: what was tried, where, and what the server said.
type Error struct {
	Kind Kind
	// Op is the call in lower case, with what it was about: "create namespace team-a".
	Op string
	// Where is the server that answered, as the user knows it: "vCenter vc.example.com".
	Where string
	// Code is the server's own word for the error: vCenter's error_type, Kubernetes' reason.
	Code string
	// Message is what the server said, or what was found, in full.
	Message string
	// Advice says what the user can do, where that is known. It may be empty.
	Advice string
	// Err is the cause, when there is one.
	Err error
}

// Error gives the whole on one line: operation, place, message.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	if e.Where != "" {
		b.WriteString(" on " + e.Where)
	}
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	b.WriteString(e.Said())
	return b.String()
}

// Said is the server's message, or the cause's, or the kind when nobody said anything.
func (e *Error) Said() string {
	text := e.Message
	if text == "" && e.Err != nil {
		text = e.Err.Error()
	}
	switch {
	case text == "" && e.Code == "":
		return string(e.Kind)
	case text == "":
		return e.Code
	case e.Code == "" || strings.Contains(text, e.Code):
		return text
	default:
		return e.Code + ": " + text
	}
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is this error's Kind.
func (e *Error) Is(target error) bool {
	k, ok := target.(Kind)
	return ok && k == e.Kind
}

// KindOf is the Kind of the first *Error that err wraps, and Unknown for any other error.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Unknown
}

// IsNotFound reports whether err says that the object is gone.
func IsNotFound(err error) bool { return errors.Is(err, NotFound) }

// Gone turns "not found" into success, for deletes.
func Gone(err error) error {
	if IsNotFound(err) {
		return nil
	}
	return err
}

// Advise gives err with advice on what to do about it when it is of that kind and
// has none yet. Any other error stays as it is.
func Advise(err error, kind Kind, advice string) error {
	var e *Error
	if !errors.As(err, &e) || e.Kind != kind || e.Advice != "" {
		return err
	}
	advised := *e
	advised.Advice = advice
	return &advised
}
