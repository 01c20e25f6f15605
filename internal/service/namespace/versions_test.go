package namespace

import (
	"context"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// oldPlatform is a vCenter of one version.
type oldPlatform struct {
	platform
	version vcenter.Version
}

func (p *oldPlatform) Version(context.Context) (vcenter.Version, error) { return p.version, nil }

// Each need is met by the release that brought it, and by none before.
func TestNeeds(t *testing.T) {
	t.Parallel()
	external := user("anna", "EDIT")
	external.IdentityProvider = "idp-1"
	for name, c := range map[string]struct {
		set           func(*model)
		before, since vcenter.Version
		want          string
	}{
		"identity provider": {
			func(m *model) { m.Permissions = permissions(t, external, user("bob", "VIEW")) },
			vcenter.Version{7, 0, 3, 0},
			vcenter.Version{8, 0, 0, 1},
			"permissions.identity_provider needs vCenter 8.0 or later; this one is 7.0.3.0",
		},
		"owner": {
			func(m *model) { m.Permissions = permissions(t, user("anna", "OWNER")) },
			vcenter.Version{7, 0, 1, 0},
			vcenter.Version{7, 0, 2, 0},
			"the role OWNER needs vCenter 7.0.2 or later",
		},
		"VM classes": {
			func(m *model) {
				m.VMClasses = types.SetValueMust(types.StringType, []attr.Value{types.StringValue("small")})
			},
			vcenter.Version{7, 0, 1, 0},
			vcenter.Version{7, 0, 2, 0},
			"vm_classes needs vCenter 7.0.2 or later",
		},
		"workload network": {
			func(m *model) { m.Network = workloadNetworks("a") },
			vcenter.Version{7, 0, 0, 0},
			vcenter.Version{7, 0, 1, 0},
			"network.networks needs vCenter 7.0.1 or later",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := blank()
			c.set(m)
			problems := diag.Diagnostics{}
			checkVersion(t.Context(), &oldPlatform{version: c.before}, "it", m.needs(nil), &problems)
			if len(problems) != 1 || !strings.Contains(problems[0].Detail(), c.want) {
				t.Errorf("%s: got %v, want %s", c.before, problems, c.want)
			}
			problems = nil
			checkVersion(t.Context(), &oldPlatform{version: c.since}, "it", m.needs(nil), &problems)
			checkVersion(t.Context(), &oldPlatform{version: c.before}, "it", m.needs(m), &problems)
			check(t, problems)
		})
	}
}
