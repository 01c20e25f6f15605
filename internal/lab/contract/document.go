package contract

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// document is an OpenAPI description, as far as the one of 7.0.3 needs it: references, objects, lists, maps,
// enumerations, parameters of queries. A nil document finds nothing wrong.
type document struct {
	Paths      map[string]map[string]documentOperation `json:"paths"`
	Components struct {
		Schemas       map[string]*documentSchema `json:"schemas"`
		RequestBodies map[string]documentBody    `json:"requestBodies"`
	} `json:"components"`
	ops []operation // by method and path, to find a documentOperation
}

type documentOperation struct {
	Parameters []struct {
		Name     string `json:"name"`
		In       string `json:"in"`
		Required bool   `json:"required"`
	} `json:"parameters"`
	RequestBody *documentBody           `json:"requestBody"`
	Responses   map[string]documentBody `json:"responses"`
}

type documentBody struct {
	Ref     string `json:"$ref"`
	Content map[string]struct {
		Schema *documentSchema `json:"schema"`
	} `json:"content"`
}

type documentSchema struct {
	Ref        string                     `json:"$ref"`
	Type       string                     `json:"type"`
	Properties map[string]*documentSchema `json:"properties"`
	Required   []string                   `json:"required"`
	Items      *documentSchema            `json:"items"`
	Values     *documentSchema            `json:"additionalProperties"`
	Enum       []string                   `json:"enum"`
}

// The list of storage policies is described under its older path only, where replies are wrapped.
const (
	policiesPath    = "/api/vcenter/storage/policies"
	oldPoliciesPath = "/rest/vcenter/storage/policies"
)

func (s *Schemas) loadOld(file string) error {
	d := &document{}
	if err := readJSON(file, d); err != nil {
		return err
	}
	for path, methods := range d.Paths {
		for method := range methods {
			d.ops = append(d.ops, operation{Method: strings.ToUpper(method), Path: path, segments: strings.Split(path, "/")})
		}
	}
	s.old = d
	return nil
}

// operation finds what the document says of one; nil when it says nothing.
func (d *document) operation(method, path string) *documentOperation {
	if d == nil {
		return nil
	}
	op := find(d.ops, method, split(path))
	if op == nil {
		return nil
	}
	found := d.Paths[op.Path][strings.ToLower(method)]
	return &found
}

var errNoBody = errors.New("a body where none belongs")

func (d *document) checkRequest(method, path string, query url.Values, body []byte) error {
	op := d.operation(method, path)
	if op == nil {
		return nil
	}
	known := map[string]bool{}
	for _, p := range op.Parameters {
		if p.In != "query" {
			continue
		}
		known[p.Name] = true
		if p.Required && !query.Has(p.Name) {
			return d.wrong(method, path, fmt.Errorf("the query parameter %q is required", p.Name))
		}
	}
	for name := range query {
		if !known[name] {
			return d.wrong(method, path, fmt.Errorf("unknown query parameter %q", name))
		}
	}
	if op.RequestBody == nil {
		return nil // checked already
	}
	want := *op.RequestBody
	if want.Ref != "" {
		want = d.Components.RequestBodies[last(want.Ref)]
	}
	return d.wrong(method, path, d.body(want, body))
}

func (d *document) checkResponse(method, path string, status int, body []byte) error {
	wrapped := path == policiesPath && status < http.StatusBadRequest
	if path == policiesPath {
		path = oldPoliciesPath
	}
	op := d.operation(method, path)
	if op == nil {
		return nil
	}
	want, described := op.Responses[strconv.Itoa(status)]
	switch {
	case !described && status >= http.StatusBadRequest:
		return nil // a server that is busy or starts says so of any operation
	case !described:
		return d.wrong(method, path, fmt.Errorf("status %d, want one of %v", status, slices.Sorted(maps.Keys(op.Responses))))
	case status >= http.StatusBadRequest:
		return nil // which error is named is described of one kind for each status only; the newer index is better
	case wrapped:
		return d.wrong(method, path, d.body(want, slices.Concat([]byte(`{"value":`), body, []byte(`}`))))
	}
	return d.wrong(method, path, d.body(want, body))
}

func (d *document) wrong(method, path string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s, as 7.0.3 has it: %w", method, path, err)
}

func (d *document) body(want documentBody, body []byte) error {
	schema := want.Content["application/json"].Schema
	if schema == nil {
		if len(body) > 0 {
			return errNoBody
		}
		return nil
	}
	v, err := decode(body)
	if err != nil {
		return err
	}
	return d.value(schema, v, "body")
}

func last(ref string) string { return ref[strings.LastIndex(ref, "/")+1:] }

func (d *document) value(schema *documentSchema, v any, at string) error {
	for schema.Ref != "" {
		next := d.Components.Schemas[last(schema.Ref)]
		if next == nil {
			return fmt.Errorf("%s: no schema %s", at, schema.Ref)
		}
		schema = next
	}
	if schema.Enum != nil {
		if text, ok := v.(string); !ok || !slices.Contains(schema.Enum, text) {
			return fmt.Errorf("%s: %s is none of %s", at, describe(v), strings.Join(schema.Enum, ", "))
		}
		return nil
	}
	var ok bool
	switch schema.Type {
	case "object":
		return d.object(schema, v, at)
	case "array":
		items, isList := v.([]any)
		if !isList {
			break
		}
		for i, item := range items {
			if err := d.value(schema.Items, item, fmt.Sprintf("%s[%d]", at, i)); err != nil {
				return err
			}
		}
		return nil
	case "string":
		_, ok = v.(string)
	case "integer":
		ok = isInt64(v)
	case "boolean":
		_, ok = v.(bool)
	default:
		ok = true
	}
	if !ok {
		return fmt.Errorf("%s: want %s, got %s", at, schema.Type, describe(v))
	}
	return nil
}

// object compares names without regard to case, as Schemas.object does. An object without properties is one of any
// content, or a map.
func (d *document) object(schema *documentSchema, v any, at string) error {
	fields, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("%s: want an object, got %s", at, describe(v))
	}
	props := map[string]*documentSchema{}
	for name, p := range schema.Properties {
		props[strings.ToLower(name)] = p
	}
	given := map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		p := props[strings.ToLower(key)]
		switch {
		case fields[key] == nil:
			continue // missing and null are the same thing
		case p == nil && schema.Values != nil:
			p = schema.Values
		case p == nil && len(props) > 0:
			return fmt.Errorf("%s: unknown field %q", at, key)
		case p == nil:
			continue
		}
		given[strings.ToLower(key)] = true
		if err := d.value(p, fields[key], at+"."+key); err != nil {
			return err
		}
	}
	for _, name := range schema.Required {
		if !given[strings.ToLower(name)] {
			return fmt.Errorf("%s: field %q is required", at, name)
		}
	}
	return nil
}
