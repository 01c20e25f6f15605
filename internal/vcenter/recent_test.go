package vcenter

import (
	"testing"
	"time"

	clocktesting "k8s.io/utils/clock/testing"
)

func TestRecent(t *testing.T) {
	t.Parallel()
	clk := clocktesting.NewFakePassiveClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	r := &recent{clock: clk}
	if r.get("a") != nil {
		t.Error("something is known before it was read")
	}
	r.keep(&Namespace{Name: "a"}, r.mark())
	if r.get("a") == nil || r.get("b") != nil {
		t.Error("want a and only a")
	}
	r.changed()
	if r.get("a") != nil {
		t.Error("a reading outlived a change")
	}
	mark := r.mark()
	r.changed()
	r.keep(&Namespace{Name: "a"}, mark)
	if r.get("a") != nil {
		t.Error("a reading from before a change was kept after it")
	}
	r.keep(&Namespace{Name: "a"}, r.mark())
	clk.SetTime(clk.Now().Add(recentFor + time.Second))
	if r.get("a") != nil {
		t.Error("an old reading was given")
	}
}
