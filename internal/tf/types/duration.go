package types

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/attr/xattr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vksops/terraform-provider-vks/internal/domain/protection"
)

var (
	_ basetypes.StringTypable                    = DurationType{}
	_ basetypes.StringValuableWithSemanticEquals = Duration{}
	_ xattr.ValidateableAttribute                = Duration{}
)

// DurationType is the type of a string that holds a duration as Go writes it:
// "90s", "4h", "720h". Two ways to write one duration are equal.
type DurationType struct{ basetypes.StringType }

// Equal reports whether other is this type.
func (t DurationType) Equal(other attr.Type) bool {
	_, ok := other.(DurationType)
	return ok
}

// String names the type.
func (t DurationType) String() string { return "Duration" }

// ValueFromString wraps a string value.
func (t DurationType) ValueFromString(_ context.Context, in basetypes.StringValue) (basetypes.StringValuable, diag.Diagnostics) {
	return Duration{StringValue: in}, nil
}

// ValueFromTerraform reads a value. It accepts any string: what is wrong with
// one is said in ValidateAttribute, where the attribute is known.
func (t DurationType) ValueFromTerraform(ctx context.Context, in tftypes.Value) (attr.Value, error) {
	value, err := t.StringType.ValueFromTerraform(ctx, in)
	if err != nil {
		return nil, err
	}
	s, ok := value.(basetypes.StringValue)
	if !ok {
		return nil, fmt.Errorf("unexpected value %T of a string type", value)
	}
	return Duration{StringValue: s}, nil
}

// ValueType gives the value's Go type.
func (t DurationType) ValueType(context.Context) attr.Value { return Duration{} }

// Duration is a value of DurationType.
type Duration struct{ basetypes.StringValue }

// NewDuration is the value for d, written the short way: "720h", not "720h0m0s".
func NewDuration(d time.Duration) Duration {
	return Duration{StringValue: basetypes.NewStringValue(protection.Short(d))}
}

// NewDurationValue is the value for a text, as the user would write it.
func NewDurationValue(text string) Duration {
	return Duration{StringValue: basetypes.NewStringValue(text)}
}

// NewDurationNull is the value of an attribute that is not set.
func NewDurationNull() Duration { return Duration{StringValue: basetypes.NewStringNull()} }

// Type gives the type.
func (v Duration) Type(context.Context) attr.Type { return DurationType{} }

// Equal reports whether other is the same value, written the same way.
func (v Duration) Equal(other attr.Value) bool {
	o, ok := other.(Duration)
	return ok && v.StringValue.Equal(o.StringValue)
}

// StringSemanticEquals reports whether both are the same length of time.
func (v Duration) StringSemanticEquals(_ context.Context, other basetypes.StringValuable) (bool, diag.Diagnostics) {
	o, ok := other.(Duration)
	if !ok {
		return false, nil
	}
	mine, err := time.ParseDuration(v.ValueString())
	if err != nil {
		return false, nil
	}
	theirs, err := time.ParseDuration(o.ValueString())
	return err == nil && mine == theirs, nil
}

// ValidateAttribute says what is wrong with the text.
func (v Duration) ValidateAttribute(_ context.Context, req xattr.ValidateAttributeRequest, resp *xattr.ValidateAttributeResponse) {
	if v.IsNull() || v.IsUnknown() {
		return
	}
	d, err := time.ParseDuration(v.ValueString())
	if err == nil && d < 0 {
		err = fmt.Errorf("a negative duration has no meaning here")
	}
	if err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid duration",
			fmt.Sprintf("%q is not a duration: %s. Write a number with a unit: \"90s\", \"30m\", \"4h\", \"720h\" (there is no unit for days).", v.ValueString(), err))
	}
}

// Duration is the length of time, and 0 for null, unknown and invalid.
func (v Duration) Duration() time.Duration {
	d, err := time.ParseDuration(v.ValueString())
	if err != nil {
		return 0
	}
	return d
}

// Known reports whether there is a value to decide on.
func (v Duration) Known() bool { return !v.IsNull() && !v.IsUnknown() }
