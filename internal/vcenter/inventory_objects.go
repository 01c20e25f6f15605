package vcenter

import (
	"context"
	"reflect"
	"strings"

	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/types"
)

// managedObject is one object as the property collector gives it: only the
// properties that were asked for, by path.
type managedObject struct {
	ref        types.ManagedObjectReference
	properties map[string]any
}

func newManagedObject(c types.ObjectContent) managedObject {
	o := managedObject{ref: c.Obj, properties: make(map[string]any, len(c.PropSet))}
	for _, p := range c.PropSet {
		o.properties[p.Name] = p.Val
	}
	return o
}

// retrieve reads what is in the view, page by page.
func retrieve(ctx context.Context, client *vim25.Client, view types.ManagedObjectReference, specs []types.PropertySpec, into *[]types.ObjectContent) error {
	answer, err := property.DefaultCollector(client).RetrieveProperties(ctx, types.RetrieveProperties{
		SpecSet: []types.PropertyFilterSpec{{
			PropSet: specs,
			ObjectSet: []types.ObjectSpec{{
				Obj: view, Skip: types.NewBool(true),
				SelectSet: []types.BaseSelectionSpec{&types.TraversalSpec{Type: "ContainerView", Path: "view"}},
			}},
		}},
	})
	if err != nil {
		return err
	}
	*into = answer.Returnval
	return nil
}

func (o managedObject) text(path string) string {
	value := reflect.ValueOf(o.properties[path])
	if value.IsValid() && value.Kind() == reflect.String {
		return value.String() // also the enumerations
	}
	return ""
}

func (o managedObject) number(path string) int64 {
	value := reflect.ValueOf(o.properties[path])
	if value.IsValid() && value.CanInt() {
		return value.Int()
	}
	return 0
}

func (o managedObject) flag(path string) bool {
	value, _ := o.properties[path].(bool)
	return value
}

// reference gives the id of the object that a property points to.
func (o managedObject) reference(path string) string {
	switch ref := o.properties[path].(type) {
	case types.ManagedObjectReference:
		return ref.Value
	case *types.ManagedObjectReference:
		return ref.Value
	}
	return ""
}

// unescape undoes the three escapes that vCenter has in names.
func unescape(name string) string { return escapes.Replace(name) }

var escapes = strings.NewReplacer("%2f", "/", "%2F", "/", "%5c", `\`, "%5C", `\`, "%25", "%")
