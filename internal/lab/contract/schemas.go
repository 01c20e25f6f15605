// Package contract checks JSON against the published description of vCenter's namespace API.
//
// The description lies in files outside of the repository (the directory that VKS_CONTRACT_DIR names): schemas with
// their properties, types and required fields, and an index of operations. A nil *Schemas checks nothing, so that the
// lab works the same, unchecked, where the files are not at hand.
//
// The package imports the standard library only.
package contract

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
)

// DirEnv names the environment variable with the directory of the description.
const DirEnv = "VKS_CONTRACT_DIR"

const (
	schemasFile = "namespaces-9.1-schemas.json"
	pathsFile   = "paths-9.1-namespaces.json"
)

// Schemas is the loaded description. Its methods may be called on nil and then find nothing wrong.
type Schemas struct {
	byName map[string]*schema // by name without dots, the way properties refer to it
	ops    []operation
}

type schema struct {
	name     string
	required []string            // lower case
	props    map[string]property // by lower-case name, see Schemas.object
}

type property struct {
	name string
	typ  string
	enum map[string]bool
}

var saidUnset sync.Once

// FromEnv loads the description that VKS_CONTRACT_DIR names. Where that is unset it says so once and returns nil.
func FromEnv() (*Schemas, error) {
	dir := os.Getenv(DirEnv)
	if dir == "" {
		saidUnset.Do(func() { log.Printf("contract: %s is unset: requests and replies are not checked", DirEnv) })
		return nil, nil //nolint:nilnil // a nil *Schemas is the checker that checks nothing
	}
	return Load(dir)
}

// Load reads the description in dir.
func Load(dir string) (*Schemas, error) {
	s := &Schemas{byName: map[string]*schema{}}
	if err := s.loadSchemas(filepath.Join(dir, schemasFile)); err != nil {
		return nil, fmt.Errorf("load contract: %w", err)
	}
	if err := s.loadOperations(filepath.Join(dir, pathsFile)); err != nil {
		return nil, fmt.Errorf("load contract: %w", err)
	}
	return s, nil
}

// possibleValue finds the constants of an enumeration, which the description has in prose only.
var possibleValue = regexp.MustCompile("- `([A-Z][A-Z0-9_]*)`:")

func (s *Schemas) loadSchemas(file string) error {
	var doc struct {
		Schemas map[string]struct {
			Required   []string `json:"required"`
			Properties map[string]struct {
				Type        string `json:"type"`
				Description string `json:"description"`
			} `json:"properties"`
		} `json:"schemas"`
	}
	if err := readJSON(file, &doc); err != nil {
		return err
	}
	for name, in := range doc.Schemas {
		if strings.HasPrefix(name, "ENUM:") {
			continue
		}
		out := &schema{name: name, props: map[string]property{}}
		for _, r := range in.Required {
			out.required = append(out.required, strings.ToLower(r))
		}
		for propName, p := range in.Properties {
			prop := property{name: propName, typ: p.Type}
			if p.Type == "string" || p.Type == "List<string>" {
				prop.enum = enumOf(p.Description)
			}
			out.props[strings.ToLower(propName)] = prop
		}
		s.byName[strings.ReplaceAll(name, ".", "")] = out
	}
	return nil
}

func enumOf(description string) map[string]bool {
	_, values, ok := strings.Cut(description, "Possible values:")
	if !ok {
		return nil
	}
	enum := map[string]bool{}
	for _, m := range possibleValue.FindAllStringSubmatch(values, -1) {
		enum[m[1]] = true
	}
	if len(enum) == 0 {
		return nil
	}
	return enum
}

func (s *Schemas) named(name string) *schema {
	return s.byName[strings.ReplaceAll(name, ".", "")]
}

func readJSON(file string, into any) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(file), err)
	}
	return nil
}
