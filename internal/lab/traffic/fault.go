package traffic

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Fault says what shall happen to requests that match it. Without Status and Drop it only delays.
type Fault struct {
	ID     string            `json:"id,omitempty"`     // chosen by the seam when empty
	Target string            `json:"target,omitempty"` // empty = any door
	Method string            `json:"method,omitempty"` // empty = any
	Path   string            `json:"path,omitempty"`   // regexp on the URL path; empty = any
	Status int               `json:"status,omitempty"` // answer with this instead of passing on
	Header map[string]string `json:"header,omitempty"`
	Body   string            `json:"body,omitempty"`
	Delay  time.Duration     `json:"delay,omitempty"` // in JSON also "250ms"
	Drop   bool              `json:"drop,omitempty"`  // close the connection without an answer
	After  int               `json:"after,omitempty"` // let this many matching requests through first
	Count  int               `json:"count,omitempty"` // how many requests to hit; 0 = until removed
}

// UnmarshalJSON takes the delay as a Go duration string or as nanoseconds.
func (f *Fault) UnmarshalJSON(data []byte) error {
	type plain Fault
	aux := struct {
		*plain
		Delay any `json:"delay"`
	}{plain: (*plain)(f)}
	if err := json.Unmarshal(data, &aux); err != nil {
		return err
	}
	switch d := aux.Delay.(type) {
	case nil:
	case float64:
		f.Delay = time.Duration(d)
	case string:
		parsed, err := time.ParseDuration(d)
		if err != nil {
			return fmt.Errorf("delay: %w", err)
		}
		f.Delay = parsed
	default:
		return fmt.Errorf("delay: want a duration like \"250ms\", got %v", d)
	}
	return nil
}

type armedFault struct {
	Fault
	path    *regexp.Regexp
	skipped int
	hit     int
}

func (f *armedFault) matches(r *Request) bool {
	return (f.Target == "" || f.Target == r.Target) &&
		(f.Method == "" || strings.EqualFold(f.Method, r.Method)) &&
		(f.path == nil || f.path.MatchString(r.Path))
}

// takes counts the request against the fault and says whether the fault hits it.
func (f *armedFault) takes() bool {
	if f.skipped < f.After {
		f.skipped++
		return false
	}
	if f.Count > 0 && f.hit >= f.Count {
		return false
	}
	f.hit++
	return true
}

// Inject arms a fault and returns its id.
func (s *Seam) Inject(f Fault) (string, error) {
	a := &armedFault{Fault: f}
	if f.Path != "" {
		re, err := regexp.Compile(f.Path)
		if err != nil {
			return "", fmt.Errorf("fault path: %w", err)
		}
		a.path = re
	}
	if f.Status != 0 && (f.Status < 200 || f.Status > 599) {
		return "", fmt.Errorf("fault status %d is not a final HTTP status", f.Status)
	}
	if f.Status == 0 && !f.Drop && f.Delay <= 0 {
		return "", errors.New("a fault needs one of status, drop and delay")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.ID == "" {
		s.faultSeq++
		a.ID = "fault-" + strconv.Itoa(s.faultSeq)
	}
	for _, other := range s.faults {
		if other.ID == a.ID {
			return "", fmt.Errorf("fault %q is armed already", a.ID)
		}
	}
	s.faults = append(s.faults, a)
	return a.ID, nil
}

// Remove disarms a fault; one that is not there is no error.
func (s *Seam) Remove(id string) { s.remove(id) }

func (s *Seam) remove(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.faults {
		if f.ID == id {
			s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
			return true
		}
	}
	return false
}

// RemoveAll disarms all faults.
func (s *Seam) RemoveAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// strike picks what hits this request: delays add up, and the first fault that ends the exchange is the last.
func (s *Seam) strike(rec *Request) (delay time.Duration, end *Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		if !f.matches(rec) || !f.takes() {
			continue
		}
		rec.Fault = f.ID
		delay += f.Delay
		if f.Drop || f.Status != 0 {
			hit := f.Fault
			return delay, &hit
		}
	}
	return delay, nil
}

// meetFaults reports whether a fault has answered (or dropped) the request.
func (s *Seam) meetFaults(rec *Request, w *responseWriter, r *http.Request) bool {
	delay, end := s.strike(rec)
	if delay > 0 {
		timer := time.NewTimer(delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			return true
		}
	}
	if end == nil {
		return false
	}
	// What was refused is part of the log as well.
	_, _ = drain(r.Body)
	if end.Drop {
		drop(w)
		return true
	}
	answer(w, end)
	return true
}

func answer(w http.ResponseWriter, f *Fault) {
	if strings.HasPrefix(strings.TrimSpace(f.Body), "{") {
		w.Header().Set("Content-Type", "application/json")
	}
	for k, v := range f.Header {
		w.Header().Set(k, v)
	}
	w.WriteHeader(f.Status)
	_, _ = w.Write([]byte(f.Body))
}

// drop closes the connection. HTTP/2 has no connection to take over: there the stream is reset.
func drop(w *responseWriter) {
	conn, _, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	_ = conn.Close()
}
