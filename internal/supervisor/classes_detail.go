package supervisor

import (
	"context"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// ClassDetail is a ClusterClass with what a cluster of it can be.
type ClassDetail struct {
	Class

	Namespace string
	Variables map[string]ClassVariable
	// Workers are the classes that pools can have.
	Workers []string
}

// ClassVariable is a variable of a ClusterClass.
type ClassVariable struct {
	// Required: one of its definitions wants it. The class and its extensions may
	// each have one.
	Required bool
	// Schema is that of the first definition, in the form of OpenAPI v3.
	Schema map[string]any
}

// Description is the schema's; it may be empty.
func (v ClassVariable) Description() string { return node(v.Schema).text("description") }

// ClassDetails reads the ClusterClasses of a namespace. It is one request; one
// more where there are none, since a namespace that this Supervisor does not have
// is fault.NotFound.
func (c *Client) ClassDetails(ctx context.Context, namespace string) ([]ClassDetail, error) {
	objects, err := c.classObjects(ctx, namespace)
	if err != nil {
		return nil, err
	}
	if len(objects) == 0 {
		if err := c.namespaceThere(ctx, namespace); err != nil {
			return nil, err
		}
	}
	classes := make([]ClassDetail, 0, len(objects))
	for i := range objects {
		classes = append(classes, classDetail(&objects[i]))
	}
	return classes, nil
}

func classDetail(object *unstructured.Unstructured) ClassDetail {
	lowest, highest := window(object)
	detail := ClassDetail{
		Class:     Class{Name: object.GetName(), Lowest: lowest, Highest: highest},
		Namespace: object.GetNamespace(), Variables: map[string]ClassVariable{},
	}
	// Only the status has the variables that extensions define, as those of VKS do.
	variables, _ := node(object.Object).at("status")["variables"].([]any)
	for _, entry := range variables {
		if variable, ok := asMap(entry); ok {
			detail.Variables[variable.text("name")] = classVariable(variable)
		}
	}
	pools, _ := node(object.Object).at("spec", "workers")["machineDeployments"].([]any)
	for _, entry := range pools {
		if pool, ok := asMap(entry); ok {
			detail.Workers = append(detail.Workers, pool.text("class"))
		}
	}
	return detail
}

func classVariable(variable node) ClassVariable {
	v := ClassVariable{}
	definitions, _ := variable["definitions"].([]any)
	for _, entry := range definitions {
		definition, _ := asMap(entry)
		required, _ := definition["required"].(bool)
		v.Required = v.Required || required
		if v.Schema == nil {
			if schema := definition.at("schema", "openAPIV3Schema"); len(schema) > 0 {
				v.Schema = schema
			}
		}
	}
	return v
}
