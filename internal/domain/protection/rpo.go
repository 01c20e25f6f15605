package protection

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"time"
)

const (
	minutesPerHour = 60
	hoursPerDay    = 24
	daysPerWeek    = 7
)

// CronForRPO derives a cron, read in UTC, whose largest gap is not longer than
// rpo, the most data that may be lost. It takes the least frequent one of these
// that does: so many times an hour, so many times a day, daily, weekly. Runs are
// spread evenly, and the start is spread by key (the schedule's id, say), so that
// many tenants with one rpo do not start in one minute: the same key always
// gives the same start. An rpo below a minute is an error.
func CronForRPO(rpo time.Duration, key string) (expr string, err error) {
	if rpo < time.Minute {
		return "", fmt.Errorf("derive a schedule for rpo %s: a cron runs once a minute at most, so the rpo must be 1m or more", rpo)
	}
	seed := spread(key)
	minute := pick(&seed, minutesPerHour)
	switch {
	case rpo < time.Hour:
		runs := divideUp(minutesPerHour, int(rpo/time.Minute))
		return times(runs, minutesPerHour, minute) + " * * * *", nil
	case rpo < hoursPerDay*time.Hour:
		runs := divideUp(hoursPerDay, int(rpo/time.Hour))
		hour := pick(&seed, hoursPerDay)
		return fmt.Sprintf("%d %s * * *", minute, times(runs, hoursPerDay, hour)), nil
	case rpo < daysPerWeek*hoursPerDay*time.Hour:
		return fmt.Sprintf("%d %d * * *", minute, pick(&seed, hoursPerDay)), nil
	default:
		return fmt.Sprintf("%d %d * * %d", minute, pick(&seed, hoursPerDay), pick(&seed, daysPerWeek)), nil
	}
}

// times writes a cron field with so many runs, as even as whole numbers allow,
// in a round of size minutes or hours, shifted by offset. No two neighbours, the
// last and the first included, are further apart than size/runs rounded up.
func times(runs, size, offset int) string {
	if runs >= size {
		return "*"
	}
	if size%runs == 0 {
		step := size / runs
		start := offset % step
		switch {
		case runs == 1:
			return strconv.Itoa(start)
		case start == 0:
			return fmt.Sprintf("*/%d", step)
		default:
			return fmt.Sprintf("%d-%d/%d", start, size-1, step)
		}
	}
	hit := make([]bool, size)
	for i := range runs {
		hit[(i*size/runs+offset)%size] = true
	}
	var list []string
	for at, ok := range hit {
		if ok {
			list = append(list, strconv.Itoa(at))
		}
	}
	return strings.Join(list, ",")
}

func divideUp(n, by int) int { return (n + by - 1) / by }

// spread hashes key well enough that names which differ in one digit land far
// apart: FNV-1a, then the finalizer of MurmurHash3.
func spread(key string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(key)) // never fails
	x := h.Sum64()
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

// pick takes a number below n out of the seed and leaves the rest for the next.
func pick(seed *uint64, n uint64) int {
	v := *seed % n
	*seed /= n
	return int(v)
}
