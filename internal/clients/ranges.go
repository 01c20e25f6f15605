package clients

import (
	"context"
	"errors"
)

// Range is an address range of the platform's.
type Range struct {
	// Name says what it is for: "services", "workload network primary".
	Name string
	// CIDR is the range.
	CIDR string
}

// askedRanges is an answer that all share, also when it is that nobody knows.
type askedRanges struct {
	ranges []Range
	err    error
}

// SupervisorRanges gives the address ranges that the provider's Supervisor has
// taken. vCenter is asked once for all; where it cannot say, that is kept, too:
// those who ask can do without.
func (s *Set) SupervisorRanges(ctx context.Context) ([]Range, error) {
	answer, err := s.ranges.Get(ctx, func(ctx context.Context) (askedRanges, error) {
		ranges, err := s.askRanges(ctx)
		if errors.Is(err, context.Canceled) {
			return askedRanges{}, err
		}
		return askedRanges{ranges: ranges, err: err}, nil
	})
	if err != nil {
		return nil, err
	}
	return answer.ranges, answer.err
}

func (s *Set) askRanges(ctx context.Context) ([]Range, error) {
	vc, err := s.VCenter(ctx)
	if err != nil {
		return nil, err
	}
	taken, err := vc.SupervisorRanges(ctx, s.config.Supervisor.Name)
	ranges := make([]Range, 0, len(taken))
	for _, t := range taken {
		ranges = append(ranges, Range{Name: t.Name, CIDR: t.Range.String()})
	}
	return ranges, err
}
