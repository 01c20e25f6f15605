package vcenter

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/transport"
)

// routeAbsentID is the message of a path that this vCenter does not serve. Its
// status and error_type are those of a missing object.
const routeAbsentID = "com.vmware.vapi.rest.httpNotFound"

// errorBody is com.vmware.vapi.std.errors.Error.
type errorBody struct {
	Type     string             `json:"error_type"`
	Messages []localizedMessage `json:"messages"`
}

// localizedMessage is com.vmware.vapi.std.LocalizableMessage.
type localizedMessage struct {
	ID             string `json:"id"`
	DefaultMessage string `json:"default_message"`
	Localized      string `json:"localized"`
}

func (m localizedMessage) text() string {
	if m.Localized != "" {
		return m.Localized
	}
	return m.DefaultMessage
}

// text joins the whole stack: the first message is often only "an error
// occurred", and the reason stands further down.
func (b errorBody) text() string {
	var all []string
	for _, m := range b.Messages {
		if text := strings.TrimSpace(m.text()); text != "" && (len(all) == 0 || all[len(all)-1] != text) {
			all = append(all, text)
		}
	}
	return strings.Join(all, " ")
}

// kinds maps error_type. Status 400 carries many of them, so it decides nothing.
var kinds = map[string]fault.Kind{
	"ALREADY_EXISTS":                fault.AlreadyExists,
	"NOT_FOUND":                     fault.NotFound,
	"OPERATION_NOT_FOUND":           fault.RouteAbsent,
	"UNAUTHENTICATED":               fault.Unauthenticated,
	"UNAUTHORIZED":                  fault.Forbidden,
	"INVALID_ARGUMENT":              fault.Invalid,
	"INVALID_REQUEST":               fault.Invalid,
	"INVALID_ELEMENT_CONFIGURATION": fault.Invalid,
	"INVALID_ELEMENT_TYPE":          fault.Invalid,
	"UNEXPECTED_INPUT":              fault.Invalid,
	"NOT_ALLOWED_IN_CURRENT_STATE":  fault.Unsupported,
	"UNSUPPORTED":                   fault.Unsupported,
	"FEATURE_IN_USE":                fault.Unsupported,
	"UNABLE_TO_ALLOCATE_RESOURCE":   fault.Unsupported,
	"UNVERIFIED_PEER":               fault.Unsupported,
	"ALREADY_IN_DESIRED_STATE":      fault.Conflict,
	"CONCURRENT_CHANGE":             fault.Conflict,
	"RESOURCE_IN_USE":               fault.Conflict,
	"RESOURCE_BUSY":                 fault.Transient,
	"RESOURCE_INACCESSIBLE":         fault.Transient,
	"SERVICE_UNAVAILABLE":           fault.Transient,
	"TIMED_OUT":                     fault.Transient,
	"CANCELED":                      fault.Transient,
	"ERROR":                         fault.Transient,
	"INTERNAL_SERVER_ERROR":         fault.Transient,
}

// refused makes the error of an answer that is not a success.
func (c *Client) refused(op string, status int, body []byte) error {
	f := &fault.Error{Op: op, Where: c.where}
	var said errorBody
	if err := json.Unmarshal(body, &said); err != nil || said.Type == "" {
		f.Kind, f.Message = kindOfStatus(status), plainMessage(status, body)
		return f
	}
	f.Kind, f.Code, f.Message = kindOf(said), said.Type, said.text()
	switch f.Kind {
	case fault.RouteAbsent:
		f.Advice = "This vCenter does not have the API that is needed: check its version."
	case fault.Conflict:
		f.Advice = "Something else uses or changes the object. See what vCenter says, then run the same command again."
	case fault.Transient:
		f.Advice = "Run the same command again; if it stays, look at the health of vCenter and of its Workload Management service."
	default:
	}
	return f
}

func kindOf(said errorBody) fault.Kind {
	for _, m := range said.Messages {
		if m.ID == routeAbsentID {
			return fault.RouteAbsent
		}
	}
	if kind, ok := kinds[said.Type]; ok {
		return kind
	}
	return fault.Unknown
}

// kindOfStatus is for answers that do not come from the API: of a proxy, or of
// a server that is no vCenter. A 404 of those never means that an object is gone.
func kindOfStatus(status int) fault.Kind {
	switch {
	case status == http.StatusUnauthorized:
		return fault.Unauthenticated
	case status == http.StatusForbidden:
		return fault.Forbidden
	case status == http.StatusNotFound, status == http.StatusMethodNotAllowed, status == http.StatusNotImplemented:
		return fault.RouteAbsent
	case status == http.StatusTooManyRequests, status >= http.StatusInternalServerError:
		return fault.Transient
	case status >= http.StatusBadRequest:
		return fault.Invalid
	}
	return fault.Unknown
}

func plainMessage(status int, body []byte) string {
	const most = 300
	text := strings.Join(strings.Fields(string(body)), " ")
	if len(text) > most {
		text = text[:most] + "…"
	}
	if text == "" {
		return fmt.Sprintf("HTTP %d %s", status, http.StatusText(status))
	}
	return fmt.Sprintf("HTTP %d %s: %s", status, http.StatusText(status), text)
}

// unanswered makes the error of a request that got no answer.
func (c *Client) unanswered(op string, err error) error {
	var inner *fault.Error
	if errors.As(err, &inner) {
		return inner
	}
	var outer *url.Error // repeats the method and the whole URL
	if errors.As(err, &outer) {
		err = outer.Err
	}
	return &fault.Error{Kind: transport.NetworkKind(err), Op: op, Where: c.where, Err: err}
}
