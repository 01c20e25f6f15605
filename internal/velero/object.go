package velero

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/kube"
)

// managedByLabel marks what this provider made, for people and for removal.
const (
	managedByLabel = "app.kubernetes.io/managed-by"
	managedBy      = kube.FieldManager
)

// creatingAnnotation marks an object from the first write of a creation until its
// end. One that still has it is in nobody's state: the apply was killed.
const creatingAnnotation = kube.FieldManager + "/creating"

// RPOAnnotation has the recovery point objective that a Schedule's cron was
// derived from, as a Go duration.
const RPOAnnotation = kube.FieldManager + "/rpo"

// MarkCreating puts the mark on what is about to be created.
func MarkCreating(meta *metav1.ObjectMeta) {
	metav1.SetMetaDataAnnotation(meta, creatingAnnotation, "true")
}

// Unfinished reports whether the object has the mark.
func Unfinished(meta *metav1.ObjectMeta) bool { return metav1.HasAnnotation(*meta, creatingAnnotation) }

// finish takes the mark away.
func (c *Client) finish(ctx context.Context, ref kube.Ref) error {
	_, err := c.kube.MergePatch(ctx, ref, []byte(`{"metadata":{"annotations":{"`+creatingAnnotation+`":null}}}`))
	return c.explain(err)
}

// applyForce: Terraform is the authority over what it manages.
var applyForce = kube.ApplyOptions{Force: true}

// get reads an object into one of Velero's types.
func get[T any](ctx context.Context, c *Client, ref kube.Ref) (*T, error) {
	obj, err := c.kube.Get(ctx, ref)
	if err != nil {
		return nil, c.explain(err)
	}
	return typed[T](obj)
}

func list[T any](ctx context.Context, c *Client, ref kube.Ref) ([]T, error) {
	found, err := c.kube.List(ctx, ref, "")
	if err != nil {
		return nil, c.explain(err)
	}
	items := make([]T, 0, len(found.Items))
	for i := range found.Items {
		item, err := typed[T](&found.Items[i])
		if err != nil {
			return nil, err
		}
		items = append(items, *item)
	}
	return items, nil
}

// apply makes the object's labels and spec be what wanted says: a server-side
// apply, then a patch that takes out what else is in the spec. The second is
// needed because an apply leaves alone the fields that somebody else has added,
// which would be a difference that no apply ever heals.
func apply[T any](ctx context.Context, c *Client, ref kube.Ref, wanted *T) (*T, error) {
	obj, err := untyped(ref, wanted)
	if err != nil {
		return nil, err
	}
	applied, err := c.kube.Apply(ctx, ref, obj, applyForce)
	if err != nil {
		return nil, c.explainWrite(ref.Namespace, err)
	}
	spec, _ := obj.Object["spec"].(map[string]any)
	live, _ := applied.Object["spec"].(map[string]any)
	if extra := surplus(spec, live); extra != nil {
		patch, err := json.Marshal(map[string]any{"spec": extra})
		if err != nil {
			return nil, fmt.Errorf("encode patch of %s: %w", ref, err)
		}
		if applied, err = c.kube.MergePatch(ctx, ref, patch); err != nil {
			return nil, c.explainWrite(ref.Namespace, err)
		}
	}
	return typed[T](applied)
}

// surplus gives the merge patch that removes from live what wanted lacks, and
// nil when there is nothing. Lists are atomic in Velero's API.
func surplus(wanted, live map[string]any) map[string]any {
	patch := map[string]any{}
	for key, value := range live {
		want, ok := wanted[key]
		if !ok {
			patch[key] = nil
			continue
		}
		wantMap, isMap := want.(map[string]any)
		liveMap, liveIsMap := value.(map[string]any)
		if !isMap || !liveIsMap {
			continue
		}
		if inner := surplus(wantMap, liveMap); inner != nil {
			patch[key] = inner
		}
	}
	if len(patch) == 0 {
		return nil
	}
	return patch
}

// remove deletes an object; one that is gone, or whose kind is gone, is fine.
func (c *Client) remove(ctx context.Context, ref kube.Ref) error {
	err := c.kube.Delete(ctx, ref, kube.DeleteOptions{})
	if errors.Is(err, fault.RouteAbsent) {
		return nil
	}
	return fault.Gone(err)
}

func typed[T any](obj *unstructured.Unstructured) (*T, error) {
	into := new(T)
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(obj.Object, into); err != nil {
		return nil, fmt.Errorf("decode %s %s: %w", obj.GetKind(), obj.GetName(), err)
	}
	return into, nil
}

// untyped gives the object as it is applied: without status, and without the
// zero values that Go's types print although nobody has set them.
func untyped(ref kube.Ref, from any) (*unstructured.Unstructured, error) {
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(from)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", ref, err)
	}
	delete(content, "status")
	if spec, ok := content["spec"].(map[string]any); ok {
		prune(spec)
	}
	obj := &unstructured.Unstructured{Object: content}
	obj.SetGroupVersionKind(ref.GVR.GroupVersion().WithKind(ref.Kind))
	obj.SetNamespace(ref.Namespace)
	obj.SetName(ref.Name)
	unstructured.RemoveNestedField(obj.Object, "metadata", "creationTimestamp")
	labels := obj.GetLabels()
	if labels == nil {
		labels = map[string]string{}
	}
	labels[managedByLabel] = managedBy
	obj.SetLabels(labels)
	return obj, nil
}

// zeroDurations are fields whose type prints "0s" when unset; Velero reads
// that as unset, too.
var zeroDurations = map[string]bool{"ttl": true, "csiSnapshotTimeout": true, "itemOperationTimeout": true, "timeout": true}

// keepEmpty are maps that mean something when they are empty.
var keepEmpty = map[string]bool{"template": true, "uploaderConfig": true}

func prune(fields map[string]any) {
	for key, value := range fields {
		switch v := value.(type) {
		case nil:
			delete(fields, key)
		case string:
			if v == "0s" && zeroDurations[key] {
				delete(fields, key)
			}
		case map[string]any:
			prune(v)
			if len(v) == 0 && !keepEmpty[key] {
				delete(fields, key)
			}
		case []any:
			for _, item := range v {
				if m, ok := item.(map[string]any); ok {
					prune(m)
				}
			}
		}
	}
}
