package contract

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// errorSchema is the shape of every error body.
const errorSchema = "Vapi.Std.Errors.Error"

type operation struct {
	Method     string   `json:"method"`
	Path       string   `json:"path"`
	Success    int      `json:"success"`
	Request    string   `json:"request_schema"`  // "" = no body
	Response   string   `json:"response_schema"` // "" = no body; "[X]" = a list
	Added      string   `json:"added"`
	Query      []string `json:"query"`
	Errors400  []string `json:"error_400_types"`
	segments   []string
	added      Release
	parameters map[string]parameter
	exhaustive bool // Errors400 is the whole list
}

// ErrNoOperation is what CheckRequest says of an operation that its part of the API does not have: the server answers
// as it does to any path that it does not know.
var ErrNoOperation = errors.New("there is no such operation")

// parameter is one of a query.
type parameter struct {
	required bool
	added    Release
	values   []string // nil = any
}

const (
	classes     = "Vcenter.NamespaceManagement.VirtualMachineClasses."
	zones       = "Vcenter.ConsumptionDomains.Zones."
	classesPath = "/api/vcenter/namespace-management/virtual-machine-classes"
	zonesPath   = "/api/vcenter/consumption-domains/zones"
)

// moreOperations are those whose schemas are described while the index of operations lacks them.
func moreOperations() []operation {
	return []operation{
		{Method: http.MethodPost, Path: classesPath, Added: "7.0.2.00100", Success: http.StatusNoContent, Request: classes + "CreateSpec"},
		{Method: http.MethodPatch, Path: classesPath + "/{vm_class}", Added: "7.0.2.00100", Success: http.StatusNoContent, Request: classes + "UpdateSpec"},
		{Method: http.MethodDelete, Path: classesPath + "/{vm_class}", Added: "7.0.2.00100", Success: http.StatusNoContent},
		{Method: http.MethodGet, Path: zonesPath + "/{zone}", Added: "8.0.0.1", Success: http.StatusOK, Response: zones + "Info"},
		{Method: http.MethodGet, Path: zonesPath + "/{zone}/capacity/summary", Added: "9.1.0.0", Success: http.StatusOK, Response: zones + "Capacity.Summary.Info"},
	}
}

func (s *Schemas) loadOperations(file string) error {
	var doc struct {
		Operations []operation `json:"operations"`
	}
	if err := readJSON(file, &doc); err != nil {
		return err
	}
	for _, op := range append(doc.Operations, moreOperations()...) {
		op.segments = strings.Split(op.Path, "/")
		var err error
		if op.added, err = since(op.Added); err == nil {
			op.parameters, err = parametersOf(op.Query)
		}
		if err != nil {
			return fmt.Errorf("%s %s: %w", op.Method, op.Path, err)
		}
		// The index lists all error types for these only.
		op.exhaustive = strings.HasPrefix(op.Path, "/api/vcenter/namespaces/instances")
		s.ops = append(s.ops, op)
	}
	return nil
}

// parametersOf reads the index's way of writing parameters: "type=USER|GROUP (required)", "groups (8.0.0.1)", "policies".
func parametersOf(query []string) (map[string]parameter, error) {
	out := map[string]parameter{}
	for _, text := range query {
		name, remark, _ := strings.Cut(text, " ")
		name, values, _ := strings.Cut(name, "=")
		var p parameter
		if values != "" {
			p.values = strings.Split(values, "|")
		}
		if remark = strings.Trim(remark, "()"); remark == "required" {
			p.required = true
		} else {
			var err error
			if p.added, err = since(remark); err != nil {
				return nil, err
			}
		}
		out[name] = p
	}
	return out, nil
}

// loadNames reads the inventory of all operations, so that one that there is not is told from one that is not described.
func (s *Schemas) loadNames(file string) error {
	var doc struct {
		Operations []operation `json:"operations"`
	}
	if err := readJSON(file, &doc); err != nil {
		return err
	}
	for _, op := range doc.Operations {
		path, _, _ := strings.Cut("/api"+op.Path, "?") // it has actions in the path
		op.segments = strings.Split(path, "/")
		s.names = append(s.names, op)
		if area := areaOf(op.segments); area != "" {
			s.areas[area] = true
		}
	}
	return nil
}

// areaOf is the part of the API that a path belongs to: its first three names.
func areaOf(segments []string) string {
	const names = 4 // and nothing before the first slash
	if len(segments) < names {
		return ""
	}
	return strings.Join(segments[:names], "/")
}

// Covers says whether the description has the operation, in this release.
func (s *Schemas) Covers(method, path string) bool {
	op := s.operation(method, path)
	return op != nil && !s.at.Before(op.added)
}

// operation finds the most literal match, for instances/v2 also looks like instances/{namespace}.
func (s *Schemas) operation(method, path string) *operation {
	if s == nil {
		return nil
	}
	return find(s.ops, method, split(path))
}

func split(path string) []string { return strings.Split(strings.TrimSuffix(path, "/"), "/") }

func find(ops []operation, method string, segments []string) *operation {
	var best *operation
	bestLiteral := -1
	for i := range ops {
		op := &ops[i]
		if literal, ok := match(op.segments, segments); ok && op.Method == method && literal > bestLiteral {
			best, bestLiteral = op, literal
		}
	}
	return best
}

func match(template, segments []string) (literal int, ok bool) {
	if len(template) != len(segments) {
		return 0, false
	}
	for i, t := range template {
		switch {
		case t == segments[i]:
			literal++
		case !strings.HasPrefix(t, "{") || segments[i] == "":
			return 0, false
		}
	}
	return literal, true
}

// CheckRequest checks the query and the body of a request. A target is a path, with the query after a question mark.
// What belongs to other parts of the API passes; an operation that its own part does not have is an error.
func (s *Schemas) CheckRequest(method, target string, body []byte) error {
	if s == nil {
		return nil
	}
	path, query, err := parseTarget(target)
	if err != nil {
		return err
	}
	op := s.operation(method, path)
	switch {
	case op == nil:
		return s.checkUnknown(method, path)
	case s.at.Before(op.added):
		return nil // a client may ask whether it is there; the reply must say that it is not
	}
	if err := s.checkQuery(op, query); err != nil {
		return err
	}
	if op.Request == "" {
		if text := strings.TrimSpace(string(body)); text != "" && text != "{}" {
			return fmt.Errorf("%s %s takes no body", method, op.Path)
		}
	} else if err := s.body(op, op.Request, body); err != nil {
		return err
	}
	return s.old.checkRequest(method, path, query, body)
}

// parseTarget keeps the escapes of a path: a name may have a slash in it.
func parseTarget(target string) (path string, query url.Values, err error) {
	u, err := url.Parse(target)
	if err != nil {
		return "", nil, err
	}
	query, err = url.ParseQuery(u.RawQuery)
	return u.EscapedPath(), query, err
}

// checkUnknown is for operations that are not described: the inventory must have them, or they are of another part.
func (s *Schemas) checkUnknown(method, path string) error {
	segments := split(path)
	if !s.areas[areaOf(segments)] || find(s.names, method, segments) != nil {
		return nil
	}
	return fmt.Errorf("%s %s: %w", method, path, ErrNoOperation)
}

func (s *Schemas) checkQuery(op *operation, query url.Values) error {
	for name := range query {
		p, known := op.parameters[name]
		if !known {
			return fmt.Errorf("%s %s: unknown query parameter %q", op.Method, op.Path, name)
		}
		if s.at.Before(p.added) {
			return fmt.Errorf("%s %s: the query parameter %q came with %s, this is %s", op.Method, op.Path, name, p.added, s.at)
		}
		for _, value := range query[name] {
			if p.values != nil && !slices.Contains(p.values, value) {
				return fmt.Errorf("%s %s: query parameter %q: %q is none of %v", op.Method, op.Path, name, value, p.values)
			}
		}
	}
	for name, p := range op.parameters {
		if p.required && !query.Has(name) {
			return fmt.Errorf("%s %s: the query parameter %q is required", op.Method, op.Path, name)
		}
	}
	return nil
}

// CheckResponse checks status and body of a reply. What belongs to other parts of the API passes; what is not described,
// or came later, must not be served.
func (s *Schemas) CheckResponse(method, target string, status int, body []byte) error {
	if s == nil {
		return nil
	}
	path, _, err := parseTarget(target)
	if err != nil {
		return err
	}
	op := s.operation(method, path)
	switch {
	case op == nil && (!s.areas[areaOf(split(path))] || status >= http.StatusBadRequest):
		return nil
	case op == nil:
		return fmt.Errorf("%s %s: status %d, but the operation is not described", method, path, status)
	case s.at.Before(op.added):
		if status < http.StatusBadRequest {
			return fmt.Errorf("%s %s came with %s, but %s answers with %d", method, op.Path, op.added, s.at, status)
		}
		return nil
	case status >= http.StatusBadRequest:
		err = s.checkError(op, status, body)
	default:
		err = s.checkSuccess(op, status, body)
	}
	if err != nil {
		return err
	}
	return s.old.checkResponse(method, path, status, body)
}

func (s *Schemas) checkSuccess(op *operation, status int, body []byte) error {
	switch {
	case status != op.Success:
		return fmt.Errorf("%s %s: status %d, want %d", op.Method, op.Path, status, op.Success)
	case op.Response != "":
		return s.body(op, op.Response, body)
	case len(body) > 0:
		return fmt.Errorf("%s %s: a %d with a body", op.Method, op.Path, status)
	}
	return nil
}

func (s *Schemas) body(op *operation, typ string, body []byte) error {
	v, err := decode(body)
	if err == nil {
		err = s.value(typeOf(typ), v, "body")
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", op.Method, op.Path, err)
	}
	return nil
}

// typeOf turns the index's way of writing a type, "[X]" or "string (task id)", into that of the schemas.
func typeOf(typ string) string {
	if strings.HasPrefix(typ, "[") {
		return "List<" + strings.Trim(typ, "[]") + ">"
	}
	name, _, _ := strings.Cut(typ, " ")
	return name
}

// errorTypes says which error_type goes with a status; with 400 that depends on the operation.
var errorTypes = map[int][]string{
	http.StatusUnauthorized:        {"UNAUTHENTICATED"},
	http.StatusForbidden:           {"UNAUTHORIZED"},
	http.StatusNotFound:            {"NOT_FOUND"},
	http.StatusInternalServerError: {"ERROR"},
	http.StatusServiceUnavailable:  {"SERVICE_UNAVAILABLE"},
}

func (s *Schemas) checkError(op *operation, status int, body []byte) error {
	if err := s.body(op, errorSchema, body); err != nil {
		return err
	}
	var reply struct {
		ErrorType string `json:"error_type"`
	}
	if err := json.Unmarshal(body, &reply); err != nil {
		return err
	}
	got, want := reply.ErrorType, errorTypes[status]
	if status == http.StatusBadRequest {
		// The index lists what the operations themselves report. A malformed request never gets that far, so that
		// INVALID_ARGUMENT is possible with each of them.
		if !op.exhaustive || got == "INVALID_ARGUMENT" {
			return nil
		}
		want = op.Errors400
	}
	if !slices.Contains(want, got) {
		return fmt.Errorf("%s %s: status %d with error_type %q, want one of %v", op.Method, op.Path, status, got, want)
	}
	return nil
}
