package vcenter

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// apiError is an error as this API reports it: the status says little, the error_type says what it is.
type apiError struct {
	status int
	kind   string
	id     string
	text   string
}

func (e *apiError) Error() string { return fmt.Sprintf("%d %s: %s", e.status, e.kind, e.text) }

func fail(status int, kind, id, format string, args ...any) *apiError {
	return &apiError{status: status, kind: kind, id: id, text: fmt.Sprintf(format, args...)}
}

func invalid(format string, args ...any) *apiError {
	return fail(http.StatusBadRequest, "INVALID_ARGUMENT", "vcenter.wcp.invalid.argument", format, args...)
}

func alreadyExists(format string, args ...any) *apiError {
	return fail(http.StatusBadRequest, "ALREADY_EXISTS", "vcenter.wcp.already.exists", format, args...)
}

func notAllowed(format string, args ...any) *apiError {
	return fail(http.StatusBadRequest, "NOT_ALLOWED_IN_CURRENT_STATE", "vcenter.wcp.not.allowed", format, args...)
}

func unsupported(format string, args ...any) *apiError {
	return fail(http.StatusBadRequest, "UNSUPPORTED", "vcenter.wcp.unsupported", format, args...)
}

func notFound(format string, args ...any) *apiError {
	return fail(http.StatusNotFound, "NOT_FOUND", "vcenter.wcp.notfound", format, args...)
}

func unauthorized(format string, args ...any) *apiError {
	return fail(http.StatusForbidden, "UNAUTHORIZED", "vcenter.wcp.authz.denied", format, args...)
}

func unauthenticated() *apiError {
	return fail(http.StatusUnauthorized, "UNAUTHENTICATED", "com.vmware.vapi.endpoint.method.authentication.required",
		"Authentication required.")
}

// routeAbsent is what the API endpoint itself says of a path or verb that it does not serve. It shares status and
// error_type with an object that is gone; only the message id differs.
func routeAbsent() *apiError {
	return fail(http.StatusNotFound, "NOT_FOUND", "com.vmware.vapi.rest.httpNotFound", "Not found.")
}

type localizableMessage struct {
	ID             string   `json:"id"`
	DefaultMessage string   `json:"default_message"`
	Localized      string   `json:"localized,omitempty"`
	Args           []string `json:"args"`
}

func (e *apiError) body() []byte {
	data, err := json.Marshal(map[string]any{
		"error_type": e.kind,
		"messages":   []localizableMessage{{ID: e.id, DefaultMessage: e.text, Localized: e.text, Args: []string{}}},
	})
	if err != nil {
		panic(err) // strings always marshal
	}
	return data
}

func writeJSON(w http.ResponseWriter, status int, body []byte) {
	if body == nil {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
