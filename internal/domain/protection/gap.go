package protection

import (
	"fmt"
	"time"

	cron "github.com/netresearch/go-cron"
)

const (
	// cycleYears is the period after which weekdays and leap days repeat. A
	// schedule tied to dates is followed that long, so that its longest gap is
	// the same whichever year one starts in.
	cycleYears = 28
	// weeklyDays is a year and a margin: enough for a schedule whose days repeat
	// every week, daylight saving included.
	weeklyDays = 400

	allMonths      uint64 = 1<<13 - 1<<1
	allDaysOfMonth uint64 = 1<<32 - 1<<1
)

// LongestGap returns the largest time between two consecutive runs of s from the
// given time on: over a year and more for schedules whose days repeat every
// week, over 28 years for those tied to dates (31st, 29 February). Where the
// expression names a zone, the gap across its daylight saving changes counts.
//
// It is the gap between due times. Velero looks at its schedules once a minute,
// so a real backup starts up to a minute later; with @every that delay adds up
// from run to run.
//
// A schedule that does not run, or stops, is an error that wraps ErrNeverRuns.
func LongestGap(s Schedule, from time.Time) (time.Duration, error) {
	switch c := s.cron.(type) {
	case cron.ConstantDelaySchedule:
		return c.Delay, nil
	case *cron.SpecSchedule:
		gap, err := longestGap(c, from.UTC())
		if err != nil {
			return 0, fmt.Errorf("cron %q: %w", s.expr, err)
		}
		return gap, nil
	default:
		return 0, fmt.Errorf("cron %q: %w", s.expr, ErrNeverRuns)
	}
}

// longestGap follows the schedule run by run, but crosses the inside of an
// ordinary day, or hour, in one step: its gaps are the same every time.
func longestGap(c *cron.SpecSchedule, from time.Time) (time.Duration, error) {
	day := newDayPlan(c)
	from = from.In(day.loc)
	end := from.AddDate(cycleYears, 0, 0)
	if c.Month&allMonths == allMonths && c.Dom&allDaysOfMonth == allDaysOfMonth {
		end = from.AddDate(0, 0, weeklyDays)
	}

	run := c.Next(from)
	if run.IsZero() {
		return 0, ErrNeverRuns
	}
	var longest time.Duration
	for !run.After(end) {
		last, inner := day.skip(run)
		longest = max(longest, inner)
		run = last
		next := c.Next(run)
		if next.IsZero() {
			return 0, fmt.Errorf("after %s: %w", run.Format(time.DateOnly), ErrNeverRuns)
		}
		longest = max(longest, next.Sub(run))
		run = next
	}
	return longest, nil
}

// dayPlan is what a schedule does on a day of 24 hours.
type dayPlan struct {
	loc        *time.Location
	last       int           // minute of the day of the last run
	inner      time.Duration // largest gap between two runs of the day
	lastOfHour int           // minute of the hour of its last run
	innerHour  time.Duration // largest gap between two runs of the hour
}

func newDayPlan(c *cron.SpecSchedule) dayPlan {
	plan := dayPlan{loc: c.Location}
	if plan.loc == time.Local {
		plan.loc = time.UTC // the parser's way to say that no zone was named
	}
	plan.lastOfHour, plan.innerHour = lastAndInner(60, func(m int) bool { return c.Minute&(1<<m) != 0 })
	plan.last, plan.inner = lastAndInner(24*60, func(m int) bool {
		return c.Hour&(1<<(m/60)) != 0 && c.Minute&(1<<(m%60)) != 0
	})
	return plan
}

// lastAndInner returns the last minute below n with a run, and the largest gap
// between two of them.
func lastAndInner(n int, runs func(minute int) bool) (last int, inner time.Duration) {
	last = -1
	for minute := range n {
		if !runs(minute) {
			continue
		}
		if last >= 0 {
			inner = max(inner, time.Duration(minute-last)*time.Minute)
		}
		last = minute
	}
	return last, inner
}

// skip returns the last run of the day of run and the largest gap on the way
// there, when the clock does not change on that day or around it; else the same
// for the hour; else run itself.
func (p dayPlan) skip(run time.Time) (last time.Time, inner time.Duration) {
	if toLast := p.last - run.Hour()*60 - run.Minute(); toLast > 0 && p.steady(run, 36*time.Hour) {
		return run.Add(time.Duration(toLast) * time.Minute), p.inner
	}
	if toLast := p.lastOfHour - run.Minute(); toLast > 0 && p.steady(run, 2*time.Hour) {
		return run.Add(time.Duration(toLast) * time.Minute), p.innerHour
	}
	return run, 0
}

// steady tells whether the zone keeps its offset from so long before t until so
// long after it.
func (p dayPlan) steady(t time.Time, around time.Duration) bool {
	if p.loc == time.UTC {
		return true
	}
	start, end := t.ZoneBounds()
	return (start.IsZero() || t.Sub(start) > around) && (end.IsZero() || end.Sub(t) > around)
}
