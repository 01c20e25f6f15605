package vcenter

import (
	"sync"
	"time"

	"k8s.io/utils/clock"
)

// inventoryLifetime is how old a reading of the inventory may be. Data sources
// of one refresh ask within it; no cluster is made within it, so that two of one
// apply, before and after a cluster, do not see the same machines.
const inventoryLifetime = 10 * time.Second

// age is that of a reading.
type age struct {
	// clock is the real one when nil.
	clock clock.PassiveClock

	mu    sync.Mutex
	began time.Time
}

// begin notes when the reading was asked for: what it gives is at least so new.
func (a *age) begin() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.began = a.time().Now()
}

// expire calls forget when the reading is too old.
func (a *age) expire(forget func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.time().Since(a.began) >= inventoryLifetime {
		forget()
	}
}

func (a *age) time() clock.PassiveClock {
	if a.clock == nil {
		return clock.RealClock{}
	}
	return a.clock
}
