// Package base holds what every resource, data source and ephemeral resource
// embeds: it receives the provider's data. It is generic over that data, so
// that it imports no client.
package base

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// Resource is embedded by resources. Data is the provider's data, zero until
// the provider is configured (validation runs without it).
type Resource[D any] struct {
	Data       D
	Configured bool
}

// Configure takes the provider's data.
func (r *Resource[D]) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.Data, r.Configured = receive[D](req.ProviderData, &resp.Diagnostics)
}

// DataSource is embedded by data sources.
type DataSource[D any] struct {
	Data       D
	Configured bool
}

// Configure takes the provider's data.
func (d *DataSource[D]) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.Data, d.Configured = receive[D](req.ProviderData, &resp.Diagnostics)
}

// Ephemeral is embedded by ephemeral resources.
type Ephemeral[D any] struct {
	Data       D
	Configured bool
}

// Configure takes the provider's data.
func (e *Ephemeral[D]) Configure(_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse) {
	e.Data, e.Configured = receive[D](req.ProviderData, &resp.Diagnostics)
}

func receive[D any](data any, diags *diag.Diagnostics) (D, bool) {
	var zero D
	if data == nil {
		return zero, false
	}
	typed, ok := data.(D)
	if !ok {
		diags.AddError("Unexpected provider data",
			fmt.Sprintf("Expected %T, got %T. This is a bug of the provider: please report it.", zero, data))
		return zero, false
	}
	return typed, true
}
