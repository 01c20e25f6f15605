package vcenter

import "testing"

func TestRefreshedIsSharedUntilAChange(t *testing.T) {
	t.Parallel()
	r := &refreshed{}
	r.keep(Namespace{Name: "a", Description: "first"})
	if _, ok := r.get("b"); ok {
		t.Error("b was never read")
	}
	if n, ok := r.get("a"); !ok || n.Description != "first" {
		t.Errorf("got %+v, %v", n, ok)
	}
	r.changed()
	if _, ok := r.get("a"); ok {
		t.Error("a reading outlived a change")
	}
}
