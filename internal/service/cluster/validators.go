package cluster

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/vksops/terraform-provider-vks/internal/domain/podcidr"
)

var versionForm = regexp.MustCompile(`^v?\d+\.\d+(\.\d+)?([-+].+)?$`)

func versionValidator() validator.String {
	return stringvalidator.RegexMatches(versionForm, "must be a Kubernetes version such as v1.33, v1.33.1+vmware.1-fips or v1.33.1---vmware.1-fips-vkr.2")
}

func countOrPercent() validator.String {
	return stringvalidator.RegexMatches(regexp.MustCompile(`^\d+%?$`), "must be a number or a percentage, such as 1 or 25%")
}

// cidr accepts what the platform accepts: host bits may be set.
type cidr struct{}

func cidrValidator() validator.String { return cidr{} }

// Description says what is accepted.
func (cidr) Description(context.Context) string {
	return "must be a range in CIDR notation, such as 192.168.0.0/16"
}

// MarkdownDescription says what is accepted.
func (v cidr) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString parses the range.
func (cidr) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	parsed, err := podcidr.Parse(req.ConfigValue.ValueString())
	if err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid CIDR", err.Error()+". The network of a cluster cannot be changed later.")
		return
	}
	if note := parsed.Note(); note != "" {
		resp.Diagnostics.AddAttributeWarning(req.Path, "CIDR with host bits",
			note+". VKS takes it like that; but look whether this range is the one you want, and free: the network of a cluster cannot be changed later.")
	}
}

// oddReplicas accepts what a control plane can have.
type oddReplicas struct{}

// Description says what is accepted.
func (oddReplicas) Description(context.Context) string { return "must be 1, 3 or 5" }

// MarkdownDescription says what is accepted.
func (v oddReplicas) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateInt64 looks at the number.
func (oddReplicas) ValidateInt64(_ context.Context, req validator.Int64Request, resp *validator.Int64Response) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	switch n := req.ConfigValue.ValueInt64(); n {
	case 1, 3, 5:
	default:
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid control plane", fmt.Sprintf(
			"A control plane of %d machines is not possible: etcd runs on them and decides by majority, so that VKS takes 1, 3 or 5. "+
				"Set replicas = 3 for one that survives the loss of a machine, or 1 for one that does not.", n))
	}
}

// notEmpty refuses an object in which nothing is set: the platform cannot keep it.
type notEmpty struct{}

// Description says what is accepted.
func (notEmpty) Description(context.Context) string { return "must have something in it" }

// MarkdownDescription says what is accepted.
func (v notEmpty) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateObject looks for an attribute that is set.
func (notEmpty) ValidateObject(_ context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	for _, value := range req.ConfigValue.Attributes() {
		if !value.IsNull() {
			return
		}
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Empty object", fmt.Sprintf("Nothing is set in %s. Set something in it, or remove it.", req.Path))
}

// instant accepts a point in time.
type instant struct{}

// Description says what is accepted.
func (instant) Description(context.Context) string {
	return "must be a point in time in the form of RFC 3339, such as 2026-03-09T09:00:00Z"
}

// MarkdownDescription says what is accepted.
func (v instant) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString parses the time. The platform keeps whole seconds.
func (v instant) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	at, err := time.Parse(time.RFC3339, req.ConfigValue.ValueString())
	if err != nil || at.Nanosecond() != 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid time", fmt.Sprintf("%q %s, without fractions of a second.", req.ConfigValue.ValueString(), v.Description(ctx)))
	}
}
