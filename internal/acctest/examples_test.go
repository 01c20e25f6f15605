package acctest_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
)

// TestAccExamples plans every example that the docs show.
func TestAccExamples(t *testing.T) {
	t.Parallel()
	root := acctest.Root(t)
	dirs, err := filepath.Glob(filepath.Join(root, "examples", "*-*", "vks_*"))
	if err != nil {
		t.Fatal(err)
	}
	for pattern, least := range map[string]int{"resources/vks_*": 5, "guides/*": 4} {
		more, err := filepath.Glob(filepath.Join(root, "examples", pattern))
		if err != nil {
			t.Fatal(err)
		}
		if dirs = append(dirs, more...); len(more) < least {
			t.Fatalf("only %d examples were found in %s", len(more), pattern)
		}
	}
	for _, dir := range dirs {
		relative, err := filepath.Rel(root, dir)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(relative, func(t *testing.T) {
			t.Parallel()
			planExample(t, relative)
		})
	}
}

// TestAccReadme plans the tenant that the README shows, as it is printed.
func TestAccReadme(t *testing.T) {
	t.Parallel()
	_, rest, _ := strings.Cut(readme(t), "```hcl\n")
	block, _, found := strings.Cut(rest, "```")
	if !found || !strings.Contains(block, "vks_backup_schedule") {
		t.Fatal("the README has no tenant in HCL")
	}
	if lines := len(regexp.MustCompile(`(?m)^.*\S`).FindAllString(block, -1)); lines > 40 {
		t.Errorf("the README promises a tenant in 40 lines, it has %d", lines)
	}
	cli := acctest.NewCLI(t, "examples/provider")
	if err := os.Remove(filepath.Join(cli.Dir(), "provider.tf")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(cli.Dir(), "main.tf"), []byte(block), 0o600); err != nil {
		t.Fatal(err)
	}
	plan(t, cli)
}

func planExample(t *testing.T, dir string) {
	t.Helper()
	cli := acctest.NewCLI(t, dir)
	// Blocks that import name objects that are not there; other providers cannot be fetched here.
	for _, pattern := range []string{"import-*.tf", "*-kubernetes.tf"} {
		files, err := filepath.Glob(filepath.Join(cli.Dir(), pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
		}
	}
	planFragment(t, cli)
}

// planFragment plans what does not say where the provider comes from.
func planFragment(t *testing.T, cli *acctest.CLI) {
	t.Helper()
	source := "terraform {\n  required_providers {\n    vks = { source = \"vksops/vks\" }\n  }\n}\n"
	if err := os.WriteFile(filepath.Join(cli.Dir(), "versions.tf"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	plan(t, cli)
}

func plan(t *testing.T, cli *acctest.CLI) {
	t.Helper()
	cli.Setenv("TF_VAR_access_key_id", "key")
	cli.Setenv("TF_VAR_secret_access_key", "secret")
	cli.Setenv("TF_VAR_s3_credentials", "[default]\naws_access_key_id = key\naws_secret_access_key = secret\n")
	keys := `{ access_key_id = "key", secret_access_key = "secret" }`
	cli.Setenv("TF_VAR_backup_keys", `{ acme = `+keys+`, globex = `+keys+` }`)
	output := cli.MustRun(t, "plan", "-input=false", "-no-color")
	if strings.Contains(output, "Error:") {
		t.Error(output)
	}
}
