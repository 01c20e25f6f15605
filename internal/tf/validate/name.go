package validate

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"k8s.io/apimachinery/pkg/util/validation"
)

// DNSLabel accepts what Kubernetes accepts as the name of a namespace.
func DNSLabel() validator.String {
	return name{what: "an RFC 1123 label (lower case letters, digits and -, 63 characters at most)", check: validation.IsDNS1123Label}
}

// DNSSubdomain accepts what Kubernetes accepts as the name of most objects.
func DNSSubdomain() validator.String {
	return name{what: "an RFC 1123 subdomain (lower case letters, digits, - and .)", check: validation.IsDNS1123Subdomain}
}

type name struct {
	what  string
	check func(string) []string
}

// Description says what is accepted.
func (v name) Description(context.Context) string { return "must be " + v.what }

// MarkdownDescription says what is accepted.
func (v name) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString runs Kubernetes' own check.
func (v name) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if wrong := v.check(req.ConfigValue.ValueString()); len(wrong) > 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid name",
			fmt.Sprintf("%q must be %s: %s.", req.ConfigValue.ValueString(), v.what, strings.Join(wrong, "; ")))
	}
}
