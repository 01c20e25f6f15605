package cluster

import (
	"context"
	"regexp"

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
	if _, err := podcidr.Parse(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid CIDR", err.Error())
	}
}
