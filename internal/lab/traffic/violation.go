package traffic

import (
	"fmt"
	"net/http"
	"slices"
)

const maxViolations = 1000

// Violation is something that must not have happened: a request or a reply that broke the contract of its door, or a
// part that did not do its work.
type Violation struct {
	Target string `json:"target"`
	Text   string `json:"text"`
}

func (v Violation) String() string { return v.Target + ": " + v.Text }

// Violate notes a violation. The first thousand are kept.
func (s *Seam) Violate(target, format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.violations) < maxViolations {
		s.violations = append(s.violations, Violation{Target: target, Text: fmt.Sprintf(format, args...)})
	}
}

// Violations are those noted so far, in their order.
func (s *Seam) Violations() []Violation {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.violations)
}

func (s *Seam) serveViolations(w http.ResponseWriter, _ *http.Request) {
	violations := s.Violations()
	if violations == nil {
		violations = []Violation{}
	}
	reply(w, violations)
}
