// Package internal_test keeps the rules of the house that no linter knows.
package internal_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A helper that takes diag.Diagnostics by value and appends to it loses what it appends.
func TestNoDiagnosticsByValue(t *testing.T) {
	t.Parallel()
	eachFile(t, func(_ string, file *ast.File, set *token.FileSet) {
		ast.Inspect(file, func(n ast.Node) bool {
			f, ok := n.(*ast.FuncType)
			if !ok || f.Params == nil {
				return true
			}
			for _, p := range f.Params.List {
				if sel, ok := p.Type.(*ast.SelectorExpr); ok && sel.Sel.Name == "Diagnostics" {
					t.Errorf("%s: diag.Diagnostics is taken by value: take *diag.Diagnostics, or return it", set.Position(p.Pos()))
				}
			}
			return true
		})
	})
}

// One file is one room. Schemas may be long: they are flat.
func TestFileBudget(t *testing.T) {
	t.Parallel()
	const budget = 450
	eachFile(t, func(path string, _ *ast.File, _ *token.FileSet) {
		if strings.Contains(filepath.Base(path), "schema") {
			return
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if lines := bytes.Count(text, []byte("\n")); lines > budget {
			t.Errorf("%s has %d lines, the budget is %d: is it one room with one purpose?", path, lines, budget)
		}
	})
}

// Every package says what it is and what it keeps out.
func TestPackageComments(t *testing.T) {
	t.Parallel()
	documented, all := map[string]bool{}, map[string]bool{}
	eachFile(t, func(path string, file *ast.File, _ *token.FileSet) {
		dir := filepath.Dir(path)
		all[dir] = true
		documented[dir] = documented[dir] || file.Doc != nil
	})
	for dir := range all {
		if !documented[dir] {
			t.Errorf("%s has no package comment", dir)
		}
	}
}

// eachFile visits the Go files of the module that are not tests.
func eachFile(t *testing.T, visit func(path string, file *ast.File, set *token.FileSet)) {
	t.Helper()
	set := token.NewFileSet()
	visited := 0
	for _, root := range []string{".", "../cmd"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(set, path, nil, parser.ParseComments)
			if err != nil {
				return err
			}
			visited++
			visit(path, file, set)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if visited < 20 {
		t.Fatalf("only %d files were visited: the walk is wrong", visited)
	}
}
