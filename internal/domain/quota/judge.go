package quota

import (
	"fmt"
	"math"
	"math/bits"
)

// judge collects a status and the reasons for it.
type judge struct {
	opts    Options
	status  Status
	reasons []string
}

func (j *judge) add(s Status, reason string) {
	j.status = worse(j.status, s)
	j.reasons = append(j.reasons, reason)
}

// machines judges CPU or memory. Their limit caps what machines consume, not how
// they are sized, so too large a size is a warning and not yet a failure.
func (j *judge) machines(noun, unit string, u Usage, growth int64) Amount {
	a := amount(u, growth)
	if u.Limit == nil {
		return a
	}
	limit := *u.Limit
	j.level(noun, unit, "used", u.Used, limit)
	if u.Reserved > u.Used {
		j.level(noun, unit, "reserved", u.Reserved, limit)
	}
	if u.Consumed > max(u.Used, u.Reserved) {
		j.level(noun, unit, "consumed by machines", u.Consumed, limit)
	}
	if limit > 0 && u.Allocated > limit {
		j.add(StatusWarning, fmt.Sprintf("%s is overcommitted: machines are sized for %d of %d %s (%d %%)",
			noun, u.Allocated, limit, unit, *a.AllocatedPercent))
	}
	return a
}

// volumes judges storage: no volume is made beyond its limit.
func (j *judge) volumes(noun string, u Usage, growth int64) Amount {
	a := amount(u, growth)
	if u.Limit == nil {
		return a
	}
	if u.Allocated > u.Used {
		j.level(noun, "MiB", "allocated", u.Allocated, *u.Limit)
		return a
	}
	j.level(noun, "MiB", "used", u.Used, *u.Limit)
	return a
}

// amount works out what is free and the percentages.
func amount(u Usage, growth int64) Amount {
	a := Amount{Limit: u.Limit, Used: u.Used, Allocated: u.Allocated, Reserved: u.Reserved, Consumed: u.Consumed, Max: u.Allocated + growth}
	if u.Limit == nil {
		return a
	}
	limit := *u.Limit
	free, used, allocated := max(0, limit-u.Used), percent(u.Used, limit), percent(u.Allocated, limit)
	a.Free, a.UsedPercent, a.AllocatedPercent = &free, &used, &allocated
	return a
}

// level compares a value with its limit and the thresholds.
func (j *judge) level(noun, unit, verb string, value, limit int64) {
	if value <= 0 {
		return // also with a limit of 0, which bans something that nobody uses
	}
	if limit <= 0 {
		j.add(StatusCritical, fmt.Sprintf("%s allows none, and %d %s are %s", noun, value, unit, verb))
		return
	}
	share := percent(value, limit)
	reason := fmt.Sprintf("%s is %d %% %s (%d of %d %s)", noun, share, verb, value, limit, unit)
	switch {
	case share >= j.opts.CriticalPercent:
		j.add(StatusCritical, reason)
	case share >= j.opts.WarningPercent:
		j.add(StatusWarning, reason)
	}
}

func (j *judge) objects(kind string, o ObjectUsage) {
	if o.Limit != nil {
		j.level(kind, "objects", "used", o.Used, *o.Limit)
	}
}

// percent returns value as a percentage of limit, rounded down. Because it
// rounds down, comparing it with a whole threshold is exact.
func percent(value, limit int64) int64 {
	switch {
	case value <= 0:
		return 0
	case limit <= 0:
		return 100
	}
	hi, lo := bits.Mul64(uint64(value), 100)
	if hi >= uint64(limit) {
		return math.MaxInt64
	}
	quotient, _ := bits.Div64(hi, lo, uint64(limit))
	return int64(min(quotient, math.MaxInt64))
}
