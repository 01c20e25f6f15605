package provider

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// reader reads one attribute at a time: the block first, then the environment.
type reader struct {
	diags *diag.Diagnostics
	// later notes attributes that are unknown yet; without it they are errors.
	later *[]string
}

// newReader is for a nested block.
func newReader(diags *diag.Diagnostics) reader { return reader{diags: diags, later: &[]string{}} }

// unknowns are the attributes read so far that are unknown yet.
func (r reader) unknowns() []string { return *r.later }

func (r reader) text(at path.Path, v types.String, variables ...string) string {
	if v.IsUnknown() {
		r.unknown(at)
		return ""
	}
	if !v.IsNull() {
		return v.ValueString()
	}
	for _, name := range variables {
		if value := os.Getenv(name); value != "" {
			return value
		}
	}
	return ""
}

func (r reader) ca(at path.Path, pem, file types.String, pemVariable, fileVariable string) []byte {
	if text := r.text(at.AtName("ca_pem"), pem, pemVariable); text != "" && file.IsNull() {
		return []byte(text)
	}
	name := r.text(at.AtName("ca_file"), file, fileVariable)
	if name == "" {
		return nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		r.diags.AddAttributeError(at.AtName("ca_file"), "Unable to read the CA file", err.Error())
	}
	return text
}

func (r reader) flag(at path.Path, v types.Bool, variables ...string) bool {
	if v.IsUnknown() {
		r.unknown(at)
	}
	if !v.IsNull() {
		return v.ValueBool()
	}
	text := r.text(at, types.StringNull(), variables...)
	if text == "" {
		return false
	}
	on, err := strconv.ParseBool(text)
	if err != nil {
		r.invalid(at, variables[0], text, "true or false")
	}
	return on
}

func (r reader) number(at path.Path, v types.Int64, otherwise int64, variable string) int64 {
	if v.IsUnknown() {
		r.unknown(at)
	}
	if !v.IsNull() {
		return v.ValueInt64()
	}
	text := r.text(at, types.StringNull(), variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		r.invalid(at, variable, text, "a whole number that is not negative")
	}
	return n
}

func (r reader) duration(at path.Path, v types.String, otherwise time.Duration, variable string) time.Duration {
	text := r.text(at, v, variable)
	if text == "" {
		return otherwise
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		r.invalid(at, variable, text, "a duration such as 30s")
	}
	return d
}

func (r reader) choice(at path.Path, v types.String, choices []string, otherwise, variable string) string {
	text := r.text(at, v, variable)
	if text == "" {
		return otherwise
	}
	if !slices.Contains(choices, text) {
		r.invalid(at, variable, text, "one of "+strings.Join(choices, ", "))
	}
	return text
}

// unknown notes a value that another resource gives later. Terraform plans with
// the provider nevertheless.
func (r reader) unknown(at path.Path) {
	if r.later != nil {
		*r.later = append(*r.later, at.String())
		return
	}
	r.diags.AddAttributeError(at, "Unknown provider attribute",
		"The value is only known after apply, but the provider needs it to plan. Use a value that is known, or apply what it comes from first.")
}

func (r reader) invalid(at path.Path, variable, value, want string) {
	r.diags.AddAttributeError(at, "Invalid provider setting",
		"The value "+strconv.Quote(value)+" (from this attribute or "+variable+") is not "+want+".")
}
