package vcenter

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/vksops/terraform-provider-vks/internal/lab/contract"
)

const maxBody = 4 << 20

// call is one authenticated request to a handler of this package.
type call struct {
	*http.Request
	body []byte
	user *account
}

// handlerFunc returns what to answer: a value for 200, nil for 204, or an *apiError.
type handlerFunc func(*call) (any, error)

// routes lists everything this package serves; what it does not list goes to the simulator or does not exist.
func (v *VCenter) routes() http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, since version, h handlerFunc) {
		mux.HandleFunc(pattern, v.wrap(since, h))
	}
	v.namespaceRoutes(handle)
	v.supervisorRoutes(handle)
	v.inventoryRoutes(handle)
	mux.HandleFunc("/api/session", v.serveSession(false))
	mux.HandleFunc(restSession, v.serveSession(true))
	mux.HandleFunc("/api/", v.wrap(v7, v.absent))
	mux.HandleFunc("/api/content/security-policies", v.pass)
	mux.HandleFunc("/api/content/trusted-certificates", v.pass)
	mux.HandleFunc("/api/content/trusted-certificates/", v.pass)
	mux.HandleFunc("/api/content/library/{library}/usages", v.pass)
	mux.HandleFunc("/api/content/library/{library}/usages/{usage}", v.pass)
	mux.HandleFunc("/rest/", v.pass)
	mux.Handle("/", v.soap(v.gate.wrap(v.rest.next)))
	return mux
}

func (v *VCenter) absent(*call) (any, error) { return nil, routeAbsent() }

// pass hands a request to the simulator's REST side.
func (v *VCenter) pass(w http.ResponseWriter, r *http.Request) {
	s := v.sessionOf(r)
	switch {
	case s == nil:
		v.refuse(w, unauthenticated())
	case s.user.ReadOnly && r.Method != http.MethodGet && r.URL.Query().Get("~action") != "find":
		v.refuse(w, unauthorized("The user %s may not write.", s.user.login()))
	default:
		v.rest.serve(w, r)
	}
}

// wrap authenticates, checks request and reply against the contract, and writes the reply.
func (v *VCenter) wrap(since version, h handlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
		if err != nil {
			v.refuse(w, invalid("The request body cannot be read: %v", err))
			return
		}
		status, reply := v.answer(r, body, since, h)
		if err := v.opts.Schemas.CheckResponse(r.Method, r.URL.RequestURI(), status, reply); err != nil {
			v.opts.Seam.Violate(Target, "reply: %v: %s", err, reply)
		}
		writeJSON(w, status, reply)
	}
}

func (v *VCenter) answer(r *http.Request, body []byte, since version, h handlerFunc) (int, []byte) {
	value, err := v.run(r, body, since, h)
	var failed *apiError
	switch {
	case errors.As(err, &failed):
		return failed.status, failed.body()
	case err != nil:
		failed = fail(http.StatusInternalServerError, "ERROR", "vcenter.wcp.internal", "%v", err)
		return failed.status, failed.body()
	case value == nil:
		return http.StatusNoContent, nil
	}
	reply, err := json.Marshal(value)
	if err != nil {
		panic(err) // all replies are made of plain structs
	}
	return http.StatusOK, reply
}

func (v *VCenter) run(r *http.Request, body []byte, since version, h handlerFunc) (any, error) {
	s := v.sessionOf(r)
	switch {
	case s == nil:
		return nil, unauthenticated()
	case !v.version.atLeast(since):
		return nil, routeAbsent()
	case s.user.ReadOnly && r.Method != http.MethodGet:
		return nil, unauthorized("The user %s does not have the privilege Namespaces.Configure.", s.user.login())
	}
	if err := v.opts.Schemas.CheckRequest(r.Method, r.URL.RequestURI(), body); err != nil {
		v.opts.Seam.Violate(Target, "request: %v: %s", err, body)
		if !errors.Is(err, contract.ErrNoOperation) {
			return nil, invalid("%v", err)
		}
	}
	return h(&call{Request: r, body: body, user: s.user})
}

// decode is strict also where the contract files are not at hand: unknown fields are an error.
func (c *call) decode(into any) error {
	d := json.NewDecoder(strings.NewReader(string(c.body)))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return invalid("The request body is not valid: %v", err)
	}
	return nil
}

// list reads a query parameter that may be given several times or as name_1, name_2.
func (c *call) list(name string) []string {
	q := c.URL.Query()
	values := q[name]
	for i := 1; q.Has(fmt.Sprintf("%s_%d", name, i)); i++ {
		values = append(values, q.Get(fmt.Sprintf("%s_%d", name, i)))
	}
	return values
}
