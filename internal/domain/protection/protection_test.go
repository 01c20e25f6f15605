package protection

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	cron "github.com/netresearch/go-cron"
)

var start = time.Date(2026, time.March, 1, 10, 17, 42, 5, time.UTC)

func TestParseCron(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		expr string
		want string // part of the error, "" = accepted
	}{
		"five fields":       {expr: "17 2 * * *"},
		"names and ranges":  {expr: "0 2 1-15/2 JAN-MAR MON,FRI"},
		"question mark":     {expr: "0 2 ? * *"},
		"sunday as 7":       {expr: "0 2 * * 7"},
		"daily":             {expr: "@daily"},
		"every":             {expr: "@every 1h30m"},
		"cron zone":         {expr: "CRON_TZ=Europe/Berlin 0 2 * * *"},
		"zone":              {expr: "TZ=America/New_York 0 2 * * *"},
		"zone and every":    {expr: "CRON_TZ=Asia/Tokyo @daily"},
		"never runs":        {expr: "0 0 30 2 *"},
		"manual":            {expr: "@manual"},
		"empty":             {expr: "", want: "empty"},
		"blank":             {expr: "  ", want: "parse cron"},
		"four fields":       {expr: "0 2 * *", want: "5"},
		"seconds field":     {expr: "0 0 2 * * *", want: "5"},
		"unknown zone":      {expr: "CRON_TZ=Mars/Olympus 0 2 * * *", want: "unknown time zone"},
		"zone alone":        {expr: "CRON_TZ=UTC", want: "missing fields"},
		"minute 60":         {expr: "60 2 * * *", want: "60"},
		"word":              {expr: "nightly", want: "nightly"},
		"unknown @":         {expr: "@nightly", want: "unrecognized descriptor"},
		"every too often":   {expr: "@every 10ms", want: "at least"},
		"jenkins hash":      {expr: "H 2 * * *", want: "parse cron"},
		"last day of month": {expr: "0 2 L * *", want: "parse cron"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := ParseCron(tc.expr)
			if tc.want != "" {
				if err == nil || !strings.Contains(err.Error(), tc.want) {
					t.Fatalf("ParseCron(%q) error = %v, want one with %q", tc.expr, err, tc.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if s.expr != tc.expr {
				t.Errorf("expression = %q, want %q", s.expr, tc.expr)
			}
		})
	}
}

func TestLongestGap(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	tests := map[string]struct {
		expr string
		from time.Time
		want time.Duration // 0 = never runs
	}{
		"every":                     {expr: "@every 1h30m", want: 90 * time.Minute},
		"every minute":              {expr: "* * * * *", want: time.Minute},
		"daily":                     {expr: "17 2 * * *", want: day},
		"uneven steps wrap":         {expr: "*/7 * * * *", want: 7 * time.Minute},
		"step wraps at midnight":    {expr: "0 */5 * * *", want: 5 * time.Hour},
		"office hours":              {expr: "0 9-17 * * *", want: 16 * time.Hour},
		"office days":               {expr: "0 9-17 * * 1-5", want: 64 * time.Hour},
		"weekly":                    {expr: "@weekly", want: 7 * day},
		"monthly":                   {expr: "@monthly", want: 31 * day},
		"the 30th":                  {expr: "0 0 30 * *", want: 60 * day},
		"the 31st":                  {expr: "0 0 31 * *", want: 61 * day},
		"day 1-31 step":             {expr: "0 0 */2 * *", want: 2 * day},
		"yearly spans a leap day":   {expr: "@yearly", want: 366 * day},
		"leap day":                  {expr: "0 0 29 2 *", want: 1461 * day},
		"leap day, after 2024":      {expr: "0 0 29 2 *", from: time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC), want: 1461 * day},
		"first monday, AND rule":    {expr: "0 0 1-7 * MON", want: 35 * day},
		"summer only":               {expr: "0 0 * 6-8 *", want: 275 * day},
		"berlin daily loses 1 hour": {expr: "CRON_TZ=Europe/Berlin 0 12 * * *", want: 25 * time.Hour},
		"tokyo has no summer time":  {expr: "CRON_TZ=Asia/Tokyo 0 12 * * *", want: day},
		"new york hourly":           {expr: "CRON_TZ=America/New_York 30 * * * *", want: time.Hour},
		// Velero's parser walks that day in whole hours from 02:30 on, misses 12:00
		// and runs the day after: the gap is real.
		"lord howe, half an hour":   {expr: "CRON_TZ=Australia/Lord_Howe 0 12 * * *", want: 48*time.Hour + 30*time.Minute},
		"30 february":               {expr: "0 0 30 2 *"},
		"31 april":                  {expr: "0 0 31 4 *"},
		"manual":                    {expr: "@manual"},
		"leap day that is a monday": {expr: "0 0 29 2 MON"},
		"no leap day in 2100":       {expr: "0 0 29 2 *", from: time.Date(2090, 1, 1, 0, 0, 0, 0, time.UTC)},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from := tc.from
			if from.IsZero() {
				from = start
			}
			got, err := LongestGap(mustParse(t, tc.expr), from)
			if tc.want == 0 {
				if !errors.Is(err, ErrNeverRuns) {
					t.Fatalf("LongestGap(%q) = %s, %v, want ErrNeverRuns", tc.expr, got, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got != tc.want {
				t.Errorf("LongestGap(%q) = %s, want %s", tc.expr, got, tc.want)
			}
		})
	}
}

func TestLongestGapOfNothing(t *testing.T) {
	t.Parallel()
	if _, err := LongestGap(Schedule{}, start); !errors.Is(err, ErrNeverRuns) {
		t.Errorf("error = %v, want ErrNeverRuns", err)
	}
	if runs := nextRuns(Schedule{}, start, 3); len(runs) != 0 {
		t.Errorf("runs = %v, want none", runs)
	}
}

// TestLongestGapRunByRun compares the day-wise walk with the plain one.
func TestLongestGapRunByRun(t *testing.T) {
	t.Parallel()
	zones := []string{
		"", "CRON_TZ=Europe/Berlin ", "CRON_TZ=America/New_York ", "CRON_TZ=America/Santiago ",
		"CRON_TZ=Africa/Cairo ", "CRON_TZ=Asia/Beirut ", "CRON_TZ=Australia/Lord_Howe ", "CRON_TZ=Africa/Casablanca ",
	}
	rules := []string{
		"*/20 * * * *", "5 */3 * * *", "30 2 * * *", "0 0,12 * * *", "59 23 * * 6", "15 1-4 * * SUN",
		"0 0 * * *", "0 3,4 * * 0", "45 23 * * *", "30 0-2,22 * * *",
	}
	for _, zone := range zones {
		for _, rule := range rules {
			t.Run(zone+rule, func(t *testing.T) {
				t.Parallel()
				s := mustParse(t, zone+rule)
				got, err := LongestGap(s, start)
				if err != nil {
					t.Fatal(err)
				}
				if want := plainGap(s.cron, start, start.AddDate(0, 0, weeklyDays)); got != want {
					t.Errorf("LongestGap = %s, run by run %s", got, want)
				}
			})
		}
	}
}

// plainGap is the obvious way: every run, one after the other.
func plainGap(c cron.Schedule, from, end time.Time) time.Duration {
	var longest time.Duration
	for run := c.Next(from); !run.IsZero() && !run.After(end); {
		next := c.Next(run)
		longest = max(longest, next.Sub(run))
		run = next
	}
	return longest
}

func TestLongestGapDoesNotDependOnTheYear(t *testing.T) {
	t.Parallel()
	for _, expr := range []string{"@yearly", "0 0 31 * *", "0 0 29 2 *", "0 0 1-7 * MON", "0 0 13 * FRI"} {
		want, err := LongestGap(mustParse(t, expr), start)
		if err != nil {
			t.Fatal(err)
		}
		for years := range 12 {
			got, err := LongestGap(mustParse(t, expr), start.AddDate(years, 5, 3))
			if err != nil || got != want {
				t.Errorf("%q from %d years later = %s, %v, want %s", expr, years, got, err, want)
			}
		}
	}
}

func TestCronForRPO(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		rpo  time.Duration
		want string
	}{
		"1m":        {rpo: time.Minute, want: "* * * * *"},
		"90s":       {rpo: 90 * time.Second, want: "* * * * *"},
		"7m":        {rpo: 7 * time.Minute, want: "0,7,13,20,27,33,40,47,53 * * * *"},
		"15m":       {rpo: 15 * time.Minute, want: "2-59/15 * * * *"},
		"59m":       {rpo: 59 * time.Minute, want: "17-59/30 * * * *"},
		"1h":        {rpo: time.Hour, want: "47 * * * *"},
		"90m":       {rpo: 90 * time.Minute, want: "47 * * * *"},
		"4h":        {rpo: 4 * time.Hour, want: "47 1-23/4 * * *"},
		"5h":        {rpo: 5 * time.Hour, want: "47 1,6,11,16,21 * * *"},
		"13h":       {rpo: 13 * time.Hour, want: "47 9-23/12 * * *"},
		"24h":       {rpo: 24 * time.Hour, want: "47 21 * * *"},
		"72h":       {rpo: 72 * time.Hour, want: "47 21 * * *"},
		"7 days":    {rpo: 168 * time.Hour, want: "47 21 * * 5"},
		"60 days":   {rpo: 1440 * time.Hour, want: "47 21 * * 5"},
		"100 years": {rpo: 876000 * time.Hour, want: "47 21 * * 5"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := CronForRPO(tc.rpo, "team-a/prod/velero/nightly")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	for _, rpo := range []time.Duration{-time.Hour, 0, time.Second, time.Minute - 1} {
		if got, err := CronForRPO(rpo, "k"); err == nil {
			t.Errorf("CronForRPO(%s) = %q, want an error", rpo, got)
		}
	}
}

// TestCronForRPOKeepsThePromise tries every whole rpo from a minute to 60 days.
func TestCronForRPOKeepsThePromise(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	gaps := map[string]time.Duration{}
	for minutes := 1; minutes <= 60*24*60; minutes++ {
		rpo := time.Duration(minutes)*time.Minute + time.Duration(random.IntN(60))*time.Second
		expr, err := CronForRPO(rpo, fmt.Sprintf("tenant-%d/velero/nightly", random.IntN(25)))
		if err != nil {
			t.Fatal(err)
		}
		gap, ok := gaps[expr]
		if !ok {
			if gap, err = LongestGap(mustParse(t, expr), start); err != nil {
				t.Fatal(err)
			}
			gaps[expr] = gap
		}
		if gap > rpo {
			t.Fatalf("rpo %s: %q has a gap of %s", rpo, expr, gap)
		}
	}
}

func TestCronForRPOSpreads(t *testing.T) {
	t.Parallel()
	for _, rpo := range []time.Duration{time.Hour, 4 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour} {
		starts := map[string]int{}
		for i := range 100 {
			expr, err := CronForRPO(rpo, fmt.Sprintf("team-%d/prod/velero/nightly", i))
			if err != nil {
				t.Fatal(err)
			}
			starts[expr]++
		}
		for expr, n := range starts {
			if limit := 8; n > limit {
				t.Errorf("rpo %s: %d of 100 tenants share %q", rpo, n, expr)
			}
		}
		if len(starts) < 40 {
			t.Errorf("rpo %s: 100 tenants share %d starts", rpo, len(starts))
		}
	}
}

// nextRuns gives the first n runs after from; fewer when there are no more.
func nextRuns(s Schedule, from time.Time, n int) []time.Time {
	var runs []time.Time
	for at := from; len(runs) < n; {
		next, ok := s.Next(at)
		if !ok {
			break
		}
		runs = append(runs, next)
		at = next
	}
	return runs
}

func TestNext(t *testing.T) {
	t.Parallel()
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v.UTC()
	}
	tests := map[string]struct {
		expr string
		from time.Time
		n    int
		want []time.Time
	}{
		"daily":          {"30 2 * * *", at("2026-03-01T02:30:00Z"), 2, []time.Time{at("2026-03-02T02:30:00Z"), at("2026-03-03T02:30:00Z")}},
		"zone":           {"CRON_TZ=Asia/Tokyo 0 9 * * *", at("2026-03-01T00:00:00Z"), 1, []time.Time{at("2026-03-02T00:00:00Z")}},
		"from a zone":    {"0 9 * * *", at("2026-03-01T08:00:00Z").In(time.FixedZone("", 7*3600)), 1, []time.Time{at("2026-03-01T09:00:00Z")}},
		"never":          {"0 0 30 2 *", start, 3, nil},
		"none asked for": {"@daily", start, 0, nil},
		"less than none": {"@daily", start, -1, nil},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, nextRuns(mustParse(t, tc.expr), tc.from, tc.n)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRetention(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		retention, gap time.Duration
		warning        string // part of it
	}{
		"plenty":          {retention: 720 * time.Hour, gap: 24 * time.Hour},
		"two gaps":        {retention: 48 * time.Hour, gap: 24 * time.Hour},
		"under two gaps":  {retention: 47 * time.Hour, gap: 24 * time.Hour, warning: "retention 47h is shorter than two gaps"},
		"under one gap":   {retention: 90 * time.Minute, gap: 24 * time.Hour, warning: "no backup at all; keep at least 48h"},
		"velero default":  {retention: 0, gap: 24 * time.Hour},
		"default, yearly": {retention: 0, gap: 8784 * time.Hour, warning: "retention 720h"},
		"negative":        {retention: -time.Hour, gap: time.Hour, warning: "in the past"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := CheckRetention(tc.retention, tc.gap)
			if (got == "") != (tc.warning == "") || !strings.Contains(got, tc.warning) {
				t.Errorf("CheckRetention = %q, want %q", got, tc.warning)
			}
		})
	}
}

func FuzzParseCron(f *testing.F) {
	for _, seed := range []string{"17 2 * * *", "@every 1h", "CRON_TZ=Europe/Berlin */5 * * * *", "0 0 29 2 *", "TZ= ", "TZ=\" * * * * *", "*/0 * * * *", "@", "0 0 30 2 *"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, expr string) {
		timer := time.AfterFunc(20*time.Second, func() { panic("slow: " + expr) })
		defer timer.Stop()
		s, err := ParseCron(expr)
		if err != nil {
			return
		}
		gap, err := LongestGap(s, start)
		if err != nil {
			if !errors.Is(err, ErrNeverRuns) {
				t.Fatalf("%q: %v", expr, err)
			}
			return
		}
		runs := nextRuns(s, start, 4)
		for i := 1; i < len(runs); i++ {
			if d := runs[i].Sub(runs[i-1]); d <= 0 || d > gap {
				t.Fatalf("%q: runs %s apart, longest gap %s", expr, d, gap)
			}
		}
	})
}

func BenchmarkLongestGap(b *testing.B) {
	for _, expr := range []string{"* * * * *", "17 2 * * *", "CRON_TZ=Europe/Berlin * * * * *", "* * 1-30 * *", "CRON_TZ=Europe/Berlin * * 1-30 * *"} {
		s, err := ParseCron(expr)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(expr, func(b *testing.B) {
			for b.Loop() {
				if _, err := LongestGap(s, start); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func mustParse(t *testing.T, expr string) Schedule {
	t.Helper()
	s, err := ParseCron(expr)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
