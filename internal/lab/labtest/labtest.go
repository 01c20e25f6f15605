// Package labtest finds, for tests of the lab's own parts, the programs that
// `make setup` builds, and skips where they are not.
package labtest

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// Root is the repository.
func Root() string {
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		return "."
	}
	return filepath.Join(filepath.Dir(file), "..", "..", "..")
}

// Bin is the directory of the built programs. The test is skipped when one of
// these is missing.
func Bin(t *testing.T, programs ...string) string {
	t.Helper()
	dir := filepath.Join(Root(), ".cache", "bin")
	for _, program := range programs {
		if _, err := os.Stat(filepath.Join(dir, program)); err != nil {
			t.Skipf("%s is not built: run make setup", program)
		}
	}
	return dir
}

// Context ends with the test, or after a time that is ample on a busy machine.
func Context(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// Running are the ids and command lines that name a file of the lab: every program of a
// lab is told where its files are.
func Running(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil || len(files) == 0 {
		t.Skip("no /proc here")
	}
	var found []string
	for _, file := range files {
		line, err := os.ReadFile(file)
		if err == nil && strings.Contains(string(line), dir+"/") {
			found = append(found, filepath.Base(filepath.Dir(file))+" "+strings.ReplaceAll(string(line), "\x00", " "))
		}
	}
	return found
}
