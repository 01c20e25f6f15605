package vcenter

import (
	"context"
	"testing"
)

// What was asked for before something changed is not kept.
func TestOnceForgetsWhatIsOnItsWay(t *testing.T) {
	t.Parallel()
	var o once[int]
	began, change := make(chan struct{}), make(chan struct{})
	old := make(chan int)
	go func() {
		n, _ := o.get(t.Context(), func(context.Context) (int, error) {
			close(began)
			<-change
			return 1, nil
		})
		old <- n
	}()
	<-began
	o.forget()
	if n, err := o.get(t.Context(), func(context.Context) (int, error) { return 2, nil }); n != 2 || err != nil {
		t.Errorf("after the change: %d, %v", n, err)
	}
	close(change)
	if n := <-old; n != 1 {
		t.Errorf("who asked before got %d", n)
	}
	if n, _ := o.get(t.Context(), func(context.Context) (int, error) { return 3, nil }); n != 2 {
		t.Errorf("%d is kept", n)
	}
}
