package contract

import (
	"encoding/json"
	"fmt"
	"net/http"
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
	Errors400  []string `json:"error_400_types"`
	segments   []string
	exhaustive bool // Errors400 is the whole list
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
		{Method: http.MethodPost, Path: classesPath, Success: http.StatusNoContent, Request: classes + "CreateSpec"},
		{Method: http.MethodPatch, Path: classesPath + "/{vm_class}", Success: http.StatusNoContent, Request: classes + "UpdateSpec"},
		{Method: http.MethodDelete, Path: classesPath + "/{vm_class}", Success: http.StatusNoContent},
		{Method: http.MethodGet, Path: zonesPath + "/{zone}", Success: http.StatusOK, Response: zones + "Info"},
		{Method: http.MethodGet, Path: zonesPath + "/{zone}/capacity/summary", Success: http.StatusOK, Response: zones + "Capacity.Summary.Info"},
	}
}

func (s *Schemas) loadOperations(file string) error {
	var doc struct {
		Operations []operation `json:"operations"`
	}
	if err := readJSON(file, &doc); err != nil {
		return err
	}
	for _, op := range doc.Operations {
		// The index lists all error types for these only.
		op.exhaustive = strings.HasPrefix(op.Path, "/api/vcenter/namespaces/instances")
		s.add(op)
	}
	for _, op := range moreOperations() {
		s.add(op)
	}
	return nil
}

func (s *Schemas) add(op operation) {
	op.segments = strings.Split(op.Path, "/")
	s.ops = append(s.ops, op)
}

// Covers says whether the description has the operation.
func (s *Schemas) Covers(method, path string) bool {
	return s.operation(method, path) != nil
}

// operation finds the most literal match, for instances/v2 also looks like instances/{namespace}.
func (s *Schemas) operation(method, path string) *operation {
	if s == nil {
		return nil
	}
	segments := strings.Split(strings.TrimSuffix(path, "/"), "/")
	var best *operation
	bestLiteral := -1
	for i := range s.ops {
		op := &s.ops[i]
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

// CheckRequest checks the body of a request. An operation that the description lacks passes.
func (s *Schemas) CheckRequest(method, path string, body []byte) error {
	op := s.operation(method, path)
	if op == nil {
		return nil
	}
	if op.Request == "" {
		if text := strings.TrimSpace(string(body)); text != "" && text != "{}" {
			return fmt.Errorf("%s %s takes no body", method, op.Path)
		}
		return nil
	}
	return s.body(op, op.Request, body)
}

// CheckResponse checks status and body of a reply. An operation that the description lacks passes.
func (s *Schemas) CheckResponse(method, path string, status int, body []byte) error {
	op := s.operation(method, path)
	switch {
	case op == nil:
		return nil
	case status >= http.StatusBadRequest:
		return s.checkError(op, status, body)
	case status != op.Success:
		return fmt.Errorf("%s %s: status %d, want %d", method, op.Path, status, op.Success)
	case op.Response == "":
		if len(body) > 0 {
			return fmt.Errorf("%s %s: a %d with a body", method, op.Path, status)
		}
		return nil
	}
	return s.body(op, op.Response, body)
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
