package vcenter

import (
	"slices"
	"time"
)

// Retries of what the Supervisor side refused.
const (
	firstRetry = 100 * time.Millisecond
	lastRetry  = 2 * time.Second
)

// live is the life of one namespace: it brings each new generation to the pools and the Supervisor, and in the end
// takes both away. REST requests only change the record and wake it.
func (v *VCenter) live(r *record) {
	for {
		v.mu.Lock()
		status, generation := r.status, r.generation
		forced := v.forced[r.name]
		v.mu.Unlock()
		switch {
		case status == removing:
			v.remove(r)
			return
		case forced != nil && status != failed:
			v.settle(r, generation, failed, forced)
		case status == configuring:
			if !v.configure(r, generation) {
				return
			}
			continue
		}
		select {
		case <-r.wake:
		case <-v.ctx.Done():
			return
		}
	}
}

// configure realises one generation; false means that the instance ends.
func (v *VCenter) configure(r *record, generation int64) bool {
	if !v.wait(r, generation, v.opts.ConfigureDelay) {
		return v.ctx.Err() == nil
	}
	retry := firstRetry
	for {
		err := v.apply(r)
		if err == nil {
			v.settle(r, generation, running, nil)
			return true
		}
		v.note(r, generation, err.Error())
		if !v.wait(r, generation, retry) {
			return v.ctx.Err() == nil
		}
		retry = min(2*retry, lastRetry)
	}
}

func (v *VCenter) apply(r *record) error {
	if err := v.realisePools(r); err != nil {
		return err
	}
	v.mu.Lock()
	ns := v.snapshot(r)
	v.mu.Unlock()
	return v.opts.Hooks.NamespaceApplied(v.ctx, ns)
}

// wait passes the time unless the record changes meanwhile. A change of spec alone starts the wait anew with the
// next generation, and a removal does not wait for a configuration.
func (v *VCenter) wait(r *record, generation int64, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			return true
		case <-v.ctx.Done():
			return false
		case <-r.wake:
			v.mu.Lock()
			current := r.generation == generation && r.status != removing && v.forced[r.name] == nil
			v.mu.Unlock()
			if !current {
				return false
			}
		}
	}
}

// settle sets the outcome of a generation unless there is a later one.
func (v *VCenter) settle(r *record, generation int64, status string, messages []string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if r.generation == generation && r.status != removing {
		r.status, r.messages = status, messages
	}
}

func (v *VCenter) note(r *record, generation int64, message string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if r.generation == generation && r.status == configuring {
		r.messages = []string{message}
	}
}

func (v *VCenter) remove(r *record) {
	if !v.sleep(v.opts.RemoveDelay) {
		return
	}
	retry := firstRetry
	for v.opts.Hooks.NamespaceRemoved(v.ctx, r.name) != nil {
		if !v.sleep(retry) {
			return
		}
		retry = min(2*retry, lastRetry)
	}
	if err := v.removePools(r); err != nil {
		v.opts.Seam.Violate(Target, "remove the pools of namespace %s: %v", r.name, err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.namespaces, r.name)
	delete(v.usage, r.name)
}

// drainZone takes a zone that is marked for removal out of the namespace after a while.
func (v *VCenter) drainZone(r *record, zone string) {
	if !v.sleep(v.opts.RemoveDelay) {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if r.status == removing {
		return
	}
	r.zones = slices.DeleteFunc(r.zones, func(z *zoneState) bool { return z.spec.Name == zone && z.removing })
	if r.status == running {
		r.status = configuring
		r.staleUntil = time.Now().Add(v.opts.ConfigureDelay + time.Second) // the namespace runs on meanwhile
	}
	r.changed()
}
