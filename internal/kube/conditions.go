package kube

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Condition is one entry of status.conditions.
type Condition struct {
	Type    string
	Status  string
	Reason  string
	Message string
	// ObservedGeneration is 0 where the API does not say it.
	ObservedGeneration int64
}

// True reports whether the status is "True".
func (c Condition) True() bool { return c.Status == "True" }

// Conditions reads status.conditions, in the server's order.
func Conditions(obj *unstructured.Unstructured) []Condition {
	items, _, _ := unstructured.NestedSlice(obj.Object, "status", "conditions")
	conditions := make([]Condition, 0, len(items))
	for _, item := range items {
		fields, ok := item.(map[string]any)
		if !ok {
			continue
		}
		conditions = append(conditions, conditionOf(fields))
	}
	return conditions
}

// FindCondition gives the condition of that type. A missing condition is
// Unknown, not False.
func FindCondition(conditions []Condition, conditionType string) Condition {
	for _, c := range conditions {
		if c.Type == conditionType {
			return c
		}
	}
	return Condition{Type: conditionType, Status: "Unknown", Message: "not reported yet"}
}

func conditionOf(fields map[string]any) Condition {
	text := func(key string) string {
		s, _ := fields[key].(string)
		return s
	}
	c := Condition{Type: text("type"), Status: text("status"), Reason: text("reason"), Message: text("message")}
	c.ObservedGeneration, _ = fields["observedGeneration"].(int64)
	return c
}
