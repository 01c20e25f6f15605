package cluster

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// private is kept beside the state.
type private struct {
	// ClassConfigured tells a cluster_class that the user wrote from the platform's choice.
	ClassConfigured bool `json:"class_configured"`
	// ClassNamespaceConfigured is the same for cluster_class_namespace.
	ClassNamespaceConfigured bool `json:"class_namespace_configured"`
	// Defaults is what the cluster has of the platform's defaults, as of the last read.
	Defaults json.RawMessage `json:"defaults,omitempty"`
}

type privateSetter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

type privateGetter interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

func remember(ctx context.Context, to privateSetter, config model, diags *diag.Diagnostics) {
	private{
		ClassConfigured:          !config.ClusterClass.IsNull(),
		ClassNamespaceConfigured: !config.ClusterClassNamespace.IsNull(),
	}.keep(ctx, to, diags)
}

func (p private) keep(ctx context.Context, to privateSetter, diags *diag.Diagnostics) {
	encoded, err := json.Marshal(p)
	if err != nil {
		diags.AddError("Unable to keep private state", err.Error())
		return
	}
	diags.Append(to.SetKey(ctx, privateKey, encoded)...)
}

func recall(ctx context.Context, from privateGetter, diags *diag.Diagnostics) private {
	raw, problems := from.GetKey(ctx, privateKey)
	diags.Append(problems...)
	p := private{}
	_ = json.Unmarshal(raw, &p) // nothing kept, as after an import, is the zero value
	return p
}
