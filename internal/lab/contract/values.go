package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// resourceSpec is the one dynamic structure with a known shape: its type name comes from workload-resource-options.
const (
	resourceSpec       = "resource_spec"
	quotaOptions       = "Vcenter.Namespaces.ResourceQuotaOptionsV1"
	quotaOptionsUpdate = "Vcenter.Namespaces.ResourceQuotaOptionsV1Update"
)

// decode reads one JSON value and keeps numbers as written, because all numbers of this API are int64.
func decode(body []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON value")
	}
	return v, nil
}

// value checks v against a type as the description writes it: long, string, List<X>, Dictionary<string, X>, or the
// name of a schema. A type that is not described may be any object.
func (s *Schemas) value(typ string, v any, at string) error {
	if elem, ok := inside(typ, "List<"); ok {
		return s.list(elem, v, at)
	}
	if elem, ok := inside(typ, "Dictionary<string, "); ok {
		return s.dictionary(elem, v, at)
	}
	var ok bool
	switch typ {
	case "string", "DateTime":
		_, ok = v.(string)
	case "bool":
		_, ok = v.(bool)
	case "long", "int":
		ok = isInt64(v)
	case "double":
		_, ok = v.(json.Number)
	case "Object":
		_, ok = v.(map[string]any)
	default:
		return s.object(typ, v, at)
	}
	if !ok {
		return fmt.Errorf("%s: want %s, got %s", at, typ, describe(v))
	}
	return nil
}

func inside(typ, prefix string) (string, bool) {
	if !strings.HasPrefix(typ, prefix) || !strings.HasSuffix(typ, ">") {
		return "", false
	}
	return typ[len(prefix) : len(typ)-1], true
}

func isInt64(v any) bool {
	n, ok := v.(json.Number)
	if !ok {
		return false
	}
	_, err := n.Int64()
	return err == nil
}

func describe(v any) string {
	switch t := v.(type) {
	case nil:
		return "null"
	case json.Number:
		return "number " + t.String()
	case string:
		return fmt.Sprintf("string %q", t)
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	default:
		return fmt.Sprint(v)
	}
}

func (s *Schemas) list(elem string, v any, at string) error {
	items, ok := v.([]any)
	if !ok {
		return fmt.Errorf("%s: want a list, got %s", at, describe(v))
	}
	for i, item := range items {
		if err := s.value(elem, item, fmt.Sprintf("%s[%d]", at, i)); err != nil {
			return err
		}
	}
	return nil
}

func (s *Schemas) dictionary(elem string, v any, at string) error {
	entries, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("%s: want an object, got %s", at, describe(v))
	}
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		if err := s.value(elem, entries[key], at+"."+key); err != nil {
			return err
		}
	}
	return nil
}

// object compares names without regard to case: the description lower-cases acronyms that the wire does not
// (apiendpoint against APIEndpoint, memory_mb against memory_MB).
func (s *Schemas) object(name string, v any, at string) error {
	fields, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("%s: want an object, got %s", at, describe(v))
	}
	sch := s.named(name)
	if sch == nil {
		return nil
	}
	given := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		low := strings.ToLower(key)
		if _, twice := given[low]; twice {
			return fmt.Errorf("%s: field %s is there twice", at, low)
		}
		given[low] = fields[key]
		prop, known := sch.props[low]
		if !known {
			return fmt.Errorf("%s: unknown field %q of %s", at, key, sch.name)
		}
		if s.at.Before(prop.added) && fields[key] != nil {
			return fmt.Errorf("%s: field %q of %s came with %s, this is %s", at, key, sch.name, prop.added, s.at)
		}
		if err := s.property(sch, prop, fields[key], at+"."+key); err != nil {
			return err
		}
	}
	for _, r := range sch.required {
		// Missing and null are the same thing.
		if given[r] == nil && !s.at.Before(sch.props[r].added) {
			return fmt.Errorf("%s: field %q of %s is required", at, sch.props[r].name, sch.name)
		}
	}
	return nil
}

func (s *Schemas) property(sch *schema, prop property, v any, at string) error {
	if v == nil {
		return nil
	}
	if prop.name == resourceSpec {
		return s.quota(sch, v, at)
	}
	if err := s.value(prop.typ, v, at); err != nil {
		return err
	}
	if prop.enum == nil {
		return nil
	}
	items, ok := v.([]any)
	if !ok {
		items = []any{v}
	}
	for _, item := range items {
		text, _ := item.(string)
		added, known := prop.enum[text]
		if !known {
			return fmt.Errorf("%s: %s is none of %s", at, describe(item), strings.Join(slices.Sorted(maps.Keys(prop.enum)), ", "))
		}
		if s.at.Before(added) {
			return fmt.Errorf("%s: %s came with %s, this is %s", at, text, added, s.at)
		}
	}
	return nil
}

// quota checks the dynamic resource_spec. Older documents show a type tag in it, which is left out of the check.
func (s *Schemas) quota(sch *schema, v any, at string) error {
	fields, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("%s: want an object, got %s", at, describe(v))
	}
	plain := maps.Clone(fields)
	delete(plain, "@class")
	name := quotaOptions
	if strings.HasSuffix(sch.name, ".UpdateSpec") {
		name = quotaOptionsUpdate
	}
	return s.object(name, plain, at)
}
