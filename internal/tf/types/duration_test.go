package types

import (
	"context"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr/xattr"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

func TestDurationSemanticEquals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		a, b Duration
		want bool
	}{
		"same text":      {NewDurationValue("4h"), NewDurationValue("4h"), true},
		"other spelling": {NewDurationValue("720h"), NewDuration(720 * time.Hour), true},
		"minutes":        {NewDurationValue("240m"), NewDurationValue("4h"), true},
		"different":      {NewDurationValue("4h"), NewDurationValue("5h"), false},
		"not a duration": {NewDurationValue("30d"), NewDurationValue("30d"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, diags := c.a.StringSemanticEquals(context.Background(), c.b)
			if got != c.want || diags.HasError() {
				t.Errorf("got %t (%v), want %t", got, diags, c.want)
			}
		})
	}
}

func TestDurationValidateAttribute(t *testing.T) {
	t.Parallel()
	for text, wantError := range map[string]bool{"4h": false, "0s": false, "1h30m": false, "30d": true, "-1h": true, "": true, "4": true} {
		resp := &xattr.ValidateAttributeResponse{}
		NewDurationValue(text).ValidateAttribute(context.Background(), xattr.ValidateAttributeRequest{Path: path.Root("retention")}, resp)
		if resp.Diagnostics.HasError() != wantError {
			t.Errorf("%q: error %t, want %t", text, resp.Diagnostics.HasError(), wantError)
		}
	}
	resp := &xattr.ValidateAttributeResponse{}
	NewDurationNull().ValidateAttribute(context.Background(), xattr.ValidateAttributeRequest{}, resp)
	if resp.Diagnostics.HasError() {
		t.Error("null must be valid")
	}
}
