package lab

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// module is how the repository is recognized from below.
const module = "module github.com/vksops/terraform-provider-vks\n"

// paths are the files of a lab.
type paths struct {
	root, dir, logs, data                           string
	envFile, caFile, supervisorCAFile, terraformrc  string
	supervisorKubeconfig, attachedKubeconfig, locks string
}

func newPaths(root, dir string) paths {
	in := func(name string) string { return filepath.Join(dir, name) }
	return paths{
		root: root, dir: dir, logs: in("logs"), data: in("data"),
		envFile: in("env"), caFile: in("ca.crt"), supervisorCAFile: in("supervisor-ca.crt"), terraformrc: in("terraformrc"), locks: in("lock"),
		supervisorKubeconfig: in("supervisor.kubeconfig"), attachedKubeconfig: in("attached.kubeconfig"),
	}
}

func (o Options) withDefaults() (Options, paths, error) {
	root, err := findRoot()
	if err != nil {
		return o, paths{}, err
	}
	cache := filepath.Join(root, ".cache")
	or(&o.BinDir, filepath.Join(cache, "bin"))
	or(&o.PluginDir, filepath.Join(cache, "velero-plugins"))
	or(&o.ManifestDir, filepath.Join(cache, "manifests"))
	or(&o.Dir, os.Getenv("LAB_DIR"))
	or(&o.Dir, filepath.Join(root, ".lab"))
	for _, path := range []*string{&o.Dir, &o.BinDir, &o.PluginDir, &o.ManifestDir} {
		if *path, err = filepath.Abs(*path); err != nil {
			return o, paths{}, err
		}
	}
	o.Clusters = atLeast(o.Clusters, 3)
	o.Hosts = atLeast(o.Hosts, 4*o.Clusters)
	return o, newPaths(root, o.Dir), nil
}

func or(value *string, otherwise string) {
	if *value == "" {
		*value = otherwise
	}
}

func atLeast(n, otherwise int) int {
	if n <= 0 {
		return otherwise
	}
	return n
}

// hostsPerCluster rounds up: a lab has at least as many hosts as were asked for.
func (o Options) hostsPerCluster() int { return (o.Hosts + o.Clusters - 1) / o.Clusters }

// findRoot looks for the repository upward from the working directory, which is
// below it for tests and for make, and then where this file was compiled.
func findRoot() (string, error) {
	var candidates []string
	if wd, err := os.Getwd(); err == nil {
		candidates = append(candidates, wd)
	}
	if _, file, _, ok := runtime.Caller(0); ok {
		candidates = append(candidates, filepath.Dir(file))
	}
	for _, dir := range candidates {
		for ; ; dir = filepath.Dir(dir) {
			if data, err := os.ReadFile(filepath.Join(dir, "go.mod")); err == nil && strings.HasPrefix(string(data), module) {
				return dir, nil
			}
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	return "", errors.New("the lab must be started inside the repository: its programs are in .cache there")
}

// made is what a lab makes in its directory, beside the lock.
func (p paths) made() []string {
	return []string{p.logs, p.data, p.envFile, p.caFile, p.supervisorCAFile, p.terraformrc, p.supervisorKubeconfig, p.attachedKubeconfig}
}

// clean removes what an earlier lab left in the same directory.
func (p paths) clean() error {
	for _, path := range p.made() {
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	return errors.Join(os.MkdirAll(p.logs, 0o755), os.MkdirAll(p.data, 0o700))
}

// foreign is an error when the directory has something that clean would remove
// and that no lab has made: an earlier lab left its lock there.
func (p paths) foreign() error {
	if _, err := os.Lstat(p.locks); err == nil {
		return nil
	}
	for _, path := range p.made() {
		if _, err := os.Lstat(path); err == nil {
			return fmt.Errorf("%s is not a lab's, and a lab would remove it: name another directory (LAB_DIR), or remove it", path)
		}
	}
	return nil
}

// lock keeps a second lab out of the directory. The system releases it with the
// process, however that ends.
func lock(p paths) (unlock func(), err error) {
	if err := os.MkdirAll(p.dir, 0o755); err != nil {
		return nil, fmt.Errorf("start lab: %w", err)
	}
	if err := p.foreign(); err != nil {
		return nil, fmt.Errorf("start lab: %w", err)
	}
	file, err := os.OpenFile(p.locks, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("start lab: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("start lab: a lab is running in %s already; use it, or name another directory (LAB_DIR)", p.dir)
	}
	return func() { _ = file.Close() }, nil
}
