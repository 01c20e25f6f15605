// Package environ is how the lab's environment comes to those who use it: the
// file that it is published in, what of another platform must not stay beside
// it, and the CLIs' configuration. It imports the standard library only.
package environ

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// Write writes a file for the shell to source, in one step.
func Write(path string, env map[string]string) error {
	var b bytes.Buffer
	for _, key := range slices.Sorted(maps.Keys(env)) {
		fmt.Fprintf(&b, "export %s='%s'\n", key, strings.ReplaceAll(env[key], "'", `'\''`))
	}
	if err := os.WriteFile(path+".new", b.Bytes(), 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// Read reads what Write wrote.
func Read(path string) (map[string]string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	env := map[string]string{}
	for line := range strings.Lines(string(data)) {
		key, value, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "=")
		if !ok || len(value) < 2 || value[0] != '\'' || value[len(value)-1] != '\'' {
			return nil, fmt.Errorf("%s: not a line of a lab: %q", path, line)
		}
		env[key] = strings.ReplaceAll(value[1:len(value)-1], `'\''`, "'")
	}
	return env, nil
}

// Foreign says whether a variable is of a platform, or of how the provider
// meets it: one that the lab does not set itself must not be there when
// something is done to the lab, or it is done elsewhere, or otherwise.
func Foreign(name string) bool {
	switch name {
	case "VKS_CONTRACT_DIR", "VKS_MANIFEST_DIR": // where the published schemas, and clusters that people run, lie
		return false
	case "KUBECONFIG":
		return true
	}
	return strings.HasPrefix(name, "VKS_") || strings.HasPrefix(name, "VSPHERE_")
}

// With is the environment of a command that runs in a lab: this process's own
// without what is foreign, and the lab's on top.
func With(env map[string]string) []string {
	var out []string
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if _, replaced := env[name]; !replaced && !Foreign(name) {
			out = append(out, entry)
		}
	}
	for name, value := range env {
		out = append(out, name+"="+value)
	}
	return out
}

// Enter makes the lab's environment this process's own, as With does for a command.
func Enter(env map[string]string) error {
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); Foreign(name) {
			if err := os.Unsetenv(name); err != nil {
				return err
			}
		}
	}
	for name, value := range env {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return nil
}

// TerraformRC makes both CLIs, each of which has a registry of its own, take
// the provider with that source address from a directory.
func TerraformRC(source, dir string) []byte {
	var b bytes.Buffer
	b.WriteString("provider_installation {\n  dev_overrides {\n")
	for _, host := range []string{"", "registry.terraform.io/", "registry.opentofu.org/"} {
		fmt.Fprintf(&b, "    %-36q = %q\n", host+source, dir)
	}
	b.WriteString("  }\n  direct {}\n}\n")
	return b.Bytes()
}
