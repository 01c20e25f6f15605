package validate_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/tf/validate"
)

func TestIPv4CIDR(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		"10.0.0.0/8": "", "192.168.1.1/32": "", "0.0.0.0/0": "",
		"10.1.2.3/16": `"10.1.0.0/16"`, "10.0.0.0": "not a block", "10.0.0.0/33": "not a block", "fd00::/8": "not a block", "": "not a block",
	} {
		var resp validator.StringResponse
		validate.IPv4CIDR().ValidateString(t.Context(), validator.StringRequest{Path: path.Root("x"), ConfigValue: types.StringValue(text)}, &resp)
		switch {
		case says == "" && resp.Diagnostics.HasError():
			t.Errorf("%q was refused: %v", text, resp.Diagnostics)
		case says != "" && (!resp.Diagnostics.HasError() || !strings.Contains(resp.Diagnostics[0].Detail(), says)):
			t.Errorf("%q: %v", text, resp.Diagnostics)
		}
	}
}
