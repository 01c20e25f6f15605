package validate

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// IPv4CIDR accepts a block of IPv4 addresses without host bits: "10.0.0.0/16".
func IPv4CIDR() validator.String { return cidr{} }

type cidr struct{}

// Description says what is accepted.
func (cidr) Description(context.Context) string {
	return "must be a block of IPv4 addresses, such as 10.0.0.0/16"
}

// MarkdownDescription says what is accepted.
func (v cidr) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString parses the block.
func (cidr) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	text := req.ConfigValue.ValueString()
	block, err := netip.ParsePrefix(text)
	switch {
	case err != nil || !block.Addr().Is4():
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid CIDR",
			fmt.Sprintf("%q is not a block of IPv4 addresses such as 10.0.0.0/16.", text))
	case block != block.Masked():
		resp.Diagnostics.AddAttributeError(req.Path, "CIDR with host bits",
			fmt.Sprintf("%q is an address inside of a block. The block itself is %q.", text, block.Masked()))
	}
}
