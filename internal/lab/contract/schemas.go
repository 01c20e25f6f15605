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
	"strings"
	"sync"
)

// DirEnv names the environment variable with the directory of the description.
const DirEnv = "VKS_CONTRACT_DIR"

const (
	schemasFile = "namespaces-9.1-schemas.json"
	pathsFile   = "paths-9.1-namespaces.json"
	opsFile     = "ops-9.1-namespaces.json"
	oldFile     = "namespaces-7.0.3-subset.json"
)

// Schemas is the loaded description. Its methods may be called on nil and then find nothing wrong.
type Schemas struct {
	at     Release            // that of the server, see For
	byName map[string]*schema // by name without dots, the way properties refer to it
	ops    []operation
	names  []operation     // all operations of the parts of the API that the description is about, by name only
	areas  map[string]bool // these parts, such as /api/vcenter/namespaces
	old    *document       // the description of 7.0.3; nil from 8.0 on
}

type schema struct {
	name     string
	required []string            // lower case
	props    map[string]property // by lower-case name, see Schemas.object
}

type property struct {
	name  string
	typ   string
	added Release
	enum  map[string]Release // constants, with the release that each came with
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
	s := &Schemas{at: Release{9, 1}, byName: map[string]*schema{}, areas: map[string]bool{}}
	for _, part := range []struct {
		file string
		load func(string) error
	}{{schemasFile, s.loadSchemas}, {pathsFile, s.loadOperations}, {opsFile, s.loadNames}, {oldFile, s.loadOld}} {
		if err := part.load(filepath.Join(dir, part.file)); err != nil {
			return nil, fmt.Errorf("load contract: %w", err)
		}
	}
	return s, nil
}

func (s *Schemas) loadSchemas(file string) error {
	var doc struct {
		Schemas map[string]struct {
			Required   []string `json:"required"`
			Properties map[string]struct {
				Type        string `json:"type"`
				Added       string `json:"added"`
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
			var err error
			if prop.added, err = since(p.Added); err != nil {
				return fmt.Errorf("%s.%s: %w", name, propName, err)
			}
			if p.Type == "string" || p.Type == "List<string>" {
				if prop.enum, err = enumOf(p.Description); err != nil {
					return fmt.Errorf("%s.%s: %w", name, propName, err)
				}
			}
			out.props[strings.ToLower(propName)] = prop
		}
		s.byName[strings.ReplaceAll(name, ".", "")] = out
	}
	return nil
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
