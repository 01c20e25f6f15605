package protection

import (
	"errors"
	"fmt"
	"time"

	cron "github.com/netresearch/go-cron"
)

// ErrNeverRuns is the cause when an expression is accepted but has no next run
// (30 February, @manual). Velero does not leave such a schedule alone: it reads
// "no next run" as "due now" and starts one backup after the other.
var ErrNeverRuns = errors.New("the schedule has no next run, and Velero would take it for due at any time")

// Schedule is a parsed cron expression. The zero value has no runs.
type Schedule struct {
	expr string
	cron cron.Schedule
}

// ParseCron accepts what Velero's schedule controller accepts: five fields,
// descriptors such as @daily, @every <duration>, with CRON_TZ=<zone> or
// TZ=<zone> in front. An unknown zone is an error. Beware that this parser
// combines day of month and day of week with AND, not with OR as vixie cron does.
//
// An expression that never runs is accepted, as Velero accepts it; LongestGap
// reports it.
func ParseCron(expr string) (s Schedule, err error) {
	if expr == "" {
		return Schedule{}, errors.New("parse cron: the expression is empty")
	}
	// Velero guards the same call: earlier parsers have panicked on odd input.
	defer func() {
		if r := recover(); r != nil {
			s, err = Schedule{}, fmt.Errorf("parse cron %q: %v", expr, r)
		}
	}()
	parsed, err := cron.ParseStandard(expr)
	if err != nil {
		return Schedule{}, fmt.Errorf("parse cron %q: %w", expr, err)
	}
	return Schedule{expr: expr, cron: parsed}, nil
}

// Next returns the first run after the given time, in UTC; ok is false when
// there is none in the five years that Velero looks ahead. An expression with no
// zone is read as UTC, the zone of Velero's container.
func (s Schedule) Next(after time.Time) (next time.Time, ok bool) {
	if s.cron == nil {
		return time.Time{}, false
	}
	next = s.cron.Next(after.UTC())
	if next.IsZero() {
		return time.Time{}, false
	}
	return next.UTC(), true
}
