package cluster

import (
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// What the resource shows the data source shows as well, in one form; what is left
// out has a reason.
func TestDataSourceShowsWhatTheResourceShows(t *testing.T) {
	t.Parallel()
	leftOut := map[string]string{
		"server_validation": "how to plan", "capacity_check": "how to plan", "wait_for": "how to apply", "timeouts": "how to apply",
		"deletion_protection": "kept in state only", "cni": "in an object of its own, which is another request",
	}
	data, resource := dataSourceSchema(t.Context()), resourceSchema(t.Context())
	for name, attribute := range resource.Attributes {
		shown, there := data.Attributes[name]
		switch {
		case leftOut[name] != "" && there:
			t.Errorf("%s is shown, though it says %s", name, leftOut[name])
		case leftOut[name] != "":
		case !there:
			t.Errorf("%s is not shown: add it to shownAttributes, and to infoModel", name)
		case !shown.GetType().Equal(attribute.GetType()):
			t.Errorf("%s has the type %s, in the resource %s", name, shown.GetType(), attribute.GetType())
		}
	}
	for _, name := range shownAttributes {
		if _, there := resource.Attributes[name]; !there {
			t.Errorf("the resource has no %s", name)
		}
	}
	if slices.Contains(shownAttributes, "id") || data.Attributes["id"].GetType() != types.StringType {
		t.Error("id is of the data source's own")
	}
}

func TestInfoModelValidate(t *testing.T) {
	t.Parallel()
	text, null, unknown := types.StringValue, types.StringNull(), types.StringUnknown()
	for name, c := range map[string]struct {
		id, namespace, name types.String
		wrong               bool
	}{
		"id":                      {id: text("team-a/prod"), namespace: null, name: null},
		"an id to come":           {id: unknown, namespace: null, name: null},
		"both names":              {id: null, namespace: text("team-a"), name: text("prod")},
		"names to come":           {id: null, namespace: unknown, name: unknown},
		"nothing":                 {id: null, namespace: null, name: null, wrong: true},
		"no name":                 {id: null, namespace: text("team-a"), name: null, wrong: true},
		"no namespace":            {id: null, namespace: null, name: unknown, wrong: true},
		"twice":                   {id: text("team-a/prod"), namespace: text("team-a"), name: text("prod"), wrong: true},
		"twice in part, to come":  {id: unknown, namespace: unknown, name: null, wrong: true},
		"not an id":               {id: text("prod"), namespace: null, name: null, wrong: true},
		"the attached cluster":    {id: text("-"), namespace: null, name: null, wrong: true},
		"an id that says nothing": {id: text(""), namespace: null, name: null, wrong: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := infoModel{ID: c.id, Namespace: c.namespace, Name: c.name}
			var found diag.Diagnostics
			m.validate(&found)
			if found.HasError() != c.wrong {
				t.Errorf("got %v", found)
			}
		})
	}
}
