package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	namedTest = regexp.MustCompile("`(Test[A-Za-z0-9_]+)`")
	tableRule = regexp.MustCompile(`^\|[-|]+\|$`)
)

// Every row of the comparison names the tests that show it, and there is none of them that no row names.
func TestComparisonIsBackedByTests(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "templates", "guides", "comparison.md.tmpl"))
	if err != nil {
		t.Fatal(err)
	}
	known, ofPeer := testFunctions(t, "."), testFunctions(t, filepath.Join("acctest", "peer"))
	rows, inTable := 0, false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		switch {
		case tableRule.MatchString(line):
			inTable = true
			continue
		case !strings.HasPrefix(line, "|"):
			inTable = false
		}
		if !inTable {
			continue
		}
		rows++
		cells := strings.Split(strings.Trim(line, "|"), "|")
		named := namedTest.FindAllStringSubmatch(cells[len(cells)-1], -1)
		if len(named) == 0 {
			t.Errorf("no test backs this row: %s", line)
		}
		for _, n := range named {
			if !known[n[1]] {
				t.Errorf("there is no test %s: %s", n[1], line)
			}
			delete(ofPeer, n[1])
		}
	}
	if rows < 15 {
		t.Errorf("only %d rows were read: the reading is wrong", rows)
	}
	for name := range ofPeer {
		t.Errorf("%s compares something of which the guide has no row", name)
	}
}

// Every configuration of a guide is shown in one, and so planned by the test of the examples for a reason.
func TestGuidesShowTheirExamples(t *testing.T) {
	t.Parallel()
	examples, err := filepath.Glob(filepath.Join("..", "examples", "guides", "*", "main.tf"))
	if err != nil || len(examples) < 4 {
		t.Fatalf("only %d examples (%v)", len(examples), err)
	}
	guides, err := filepath.Glob(filepath.Join("..", "templates", "guides", "*.tmpl"))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, guide := range guides {
		text, err := os.ReadFile(guide)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	for _, example := range examples {
		name := filepath.ToSlash(strings.TrimPrefix(example, ".."+string(filepath.Separator)))
		if !strings.Contains(all.String(), `{{ tffile "`+name+`" }}`) {
			t.Errorf("no guide shows %s", name)
		}
	}
}

// testFunctions finds those below a directory.
func testFunctions(t *testing.T, root string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") && f.Name.Name != "TestMain" {
				found[f.Name.Name] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
