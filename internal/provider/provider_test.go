package provider_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	fwprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/vksops/terraform-provider-vks/internal/clients"
	"github.com/vksops/terraform-provider-vks/internal/provider"
)

func newProvider(t *testing.T) fwprovider.Provider {
	t.Helper()
	return provider.New("test", &clients.Opened{})()
}

func TestSchemasAreValidAndDescribed(t *testing.T) {
	t.Parallel()
	server, err := providerserver.NewProtocol6WithError(newProvider(t))()
	if err != nil {
		t.Fatal(err)
	}
	resp, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range resp.Diagnostics {
		t.Errorf("%s: %s", d.Summary, d.Detail)
	}
	described(t, "provider", resp.Provider.Block.Attributes)
	for _, schemas := range []map[string]*tfprotov6.Schema{resp.ResourceSchemas, resp.DataSourceSchemas, resp.EphemeralResourceSchemas} {
		for name, s := range schemas {
			if s.Block.Description == "" {
				t.Errorf("%s has no description", name)
			}
			described(t, name, s.Block.Attributes)
		}
	}
}

func described(t *testing.T, at string, attributes []*tfprotov6.SchemaAttribute) {
	t.Helper()
	for _, a := range attributes {
		name := at + "." + a.Name
		// timeouts come from a library that describes them itself.
		if a.Description == "" && !strings.Contains(name, ".timeouts") {
			t.Errorf("%s has no description", name)
		}
		if a.NestedType != nil {
			described(t, name, a.NestedType.Attributes)
		}
	}
}

// Each type has an example that the docs show, and a page.
func TestEveryTypeHasAnExampleAndAPage(t *testing.T) {
	t.Parallel()
	for kind, names := range typeNames(t) {
		for _, name := range names {
			examples, err := filepath.Glob(filepath.Join("../../examples", kind, name, "*.tf"))
			if err != nil || len(examples) == 0 {
				t.Errorf("%s has no example in examples/%s", name, kind)
			}
			page := filepath.Join("../../docs", kind, strings.TrimPrefix(name, "vks_")+".md")
			if _, err := os.Stat(page); err != nil {
				t.Errorf("%s has no page: run make generate", name)
			}
		}
	}
	for _, name := range typeNames(t)["resources"] {
		for _, file := range []string{"import.sh", "import-by-string-id.tf", "import-by-identity.tf"} {
			if _, err := os.Stat(filepath.Join("../../examples/resources", name, file)); err != nil {
				t.Errorf("%s has no %s", name, file)
			}
		}
	}
}

func typeNames(t *testing.T) map[string][]string {
	t.Helper()
	p, ctx := newProvider(t), t.Context()
	names := map[string][]string{}
	for _, constructor := range p.Resources(ctx) {
		var resp resource.MetadataResponse
		constructor().Metadata(ctx, resource.MetadataRequest{ProviderTypeName: "vks"}, &resp)
		names["resources"] = append(names["resources"], resp.TypeName)
	}
	for _, constructor := range p.DataSources(ctx) {
		var resp datasource.MetadataResponse
		constructor().Metadata(ctx, datasource.MetadataRequest{ProviderTypeName: "vks"}, &resp)
		names["data-sources"] = append(names["data-sources"], resp.TypeName)
	}
	names["ephemeral-resources"] = ephemeralNames(ctx, t, p)
	return names
}

func ephemeralNames(ctx context.Context, t *testing.T, p fwprovider.Provider) []string {
	t.Helper()
	with, ok := p.(fwprovider.ProviderWithEphemeralResources)
	if !ok {
		t.Fatal("the provider has no ephemeral resources")
	}
	var names []string
	for _, constructor := range with.EphemeralResources(ctx) {
		var resp ephemeral.MetadataResponse
		constructor().Metadata(ctx, ephemeral.MetadataRequest{ProviderTypeName: "vks"}, &resp)
		names = append(names, resp.TypeName)
	}
	return names
}
