// Package traffic is the lab's one seam for faults and for its request log.
//
// Every HTTP front door of the lab is wrapped by one Seam. The Seam writes down each request as it arrives
// and, where a Fault asks for it, delays, refuses or drops the request before the part behind it sees it.
// It is reachable in process and, for tests attached to a lab in another process, over HTTP (Handler, Client).
//
// The package imports the standard library only, so that every part of the lab can use it.
package traffic

import (
	"net/http"
	"sync"
	"time"
)

const (
	maxRequests  = 200_000
	maxBody      = 64 << 10
	maxBodyTotal = 128 << 20 // what all kept bodies together may take; the oldest go first
)

// Request is one request that reached a front door of the lab.
type Request struct {
	Seq       int64         `json:"seq"`
	Time      time.Time     `json:"time"`
	Target    string        `json:"target"`
	Method    string        `json:"method"`
	Path      string        `json:"path"`
	Query     string        `json:"query,omitempty"`
	User      string        `json:"user,omitempty"`
	UserAgent string        `json:"user_agent,omitempty"`
	Status    int           `json:"status"` // 0 while unanswered, and for good when the connection was dropped
	Duration  time.Duration `json:"duration,omitempty"`
	Fault     string        `json:"fault,omitempty"` // id of the fault that hit it
	Body      []byte        `json:"body,omitempty"`  // as far as it was read, up to 64 KiB; secrets of logins are never kept
}

// Seam holds the faults and the request log. Create it with New.
type Seam struct {
	mu        sync.Mutex
	seq       int64
	ring      []*Request // entry of sequence number n is at (n-1) modulo the limit
	limit     int
	bodies    []int64 // sequence numbers that hold a body, oldest first
	bodyBytes int
	bodyLimit int
	faults    []*armedFault
	faultSeq  int

	violations []Violation
}

// New returns a Seam without faults.
func New() *Seam {
	return &Seam{limit: maxRequests, bodyLimit: maxBodyTotal}
}

// Wrap puts the seam before next. The target is the name by which faults and readers of the log mean this door.
// Streaming (watches) and connection upgrades pass through.
func (s *Seam) Wrap(target string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := s.arrive(target, r)
		ex := &exchange{seam: s, rec: rec, keepBody: keepsBody(r.URL.Path)}
		rw := &responseWriter{ResponseWriter: w, ex: ex}
		defer ex.finish()
		if r.Body != nil && r.Body != http.NoBody {
			r.Body = &bodyReader{ReadCloser: r.Body, ex: ex}
		}
		if s.meetFaults(rec, rw, r) {
			return
		}
		next.ServeHTTP(rw, r.WithContext(withExchange(r.Context(), ex)))
	})
}

// Mark returns the sequence number of the latest request: what comes later has a greater one.
func (s *Seam) Mark() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seq
}

// Requests returns copies of the logged requests that match, in order of arrival; a nil match means all.
func (s *Seam) Requests(match func(Request) bool) []Request {
	return s.requestsSince(0, match)
}

func (s *Seam) requestsSince(since int64, match func(Request) bool) []Request {
	s.mu.Lock()
	first := max(since, s.seq-int64(len(s.ring))) + 1
	var all []Request
	if s.seq >= first {
		all = make([]Request, 0, s.seq-first+1)
	}
	for n := first; n <= s.seq; n++ {
		all = append(all, *s.ring[(n-1)%int64(s.limit)])
	}
	s.mu.Unlock()
	if match == nil {
		return all
	}
	kept := all[:0]
	for _, r := range all {
		if match(r) {
			kept = append(kept, r)
		}
	}
	return kept
}

// arrive logs the request before it is answered, so that a watch that never ends is in the log too.
func (s *Seam) arrive(target string, r *http.Request) *Request {
	rec := &Request{
		Time: time.Now(), Target: target, Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery,
		User: userOf(r), UserAgent: r.UserAgent(),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seq++
	rec.Seq = s.seq
	if len(s.ring) < s.limit {
		s.ring = append(s.ring, rec)
		return rec
	}
	at := (rec.Seq - 1) % int64(s.limit)
	s.bodyBytes -= len(s.ring[at].Body)
	s.ring[at] = rec
	return rec
}

// userOf is what the request itself says of its sender; a handler that knows better says so with SetUser.
func userOf(r *http.Request) string {
	if user, _, ok := r.BasicAuth(); ok {
		return user
	}
	if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
		return r.TLS.PeerCertificates[0].Subject.CommonName
	}
	return ""
}

// storeBody attaches a body to its entry and lets the oldest bodies go when all together take too much.
// The caller holds s.mu.
func (s *Seam) storeBody(rec *Request, body []byte) {
	if len(body) == 0 || rec.Seq <= s.seq-int64(s.limit) {
		return
	}
	if len(rec.Body) == 0 {
		s.bodies = append(s.bodies, rec.Seq)
	}
	s.bodyBytes += len(body) - len(rec.Body)
	rec.Body = body
	for len(s.bodies) > 1 && (s.bodyBytes > s.bodyLimit || s.bodies[0] <= s.seq-int64(s.limit)) {
		n := s.bodies[0]
		s.bodies = s.bodies[1:]
		if old := s.ring[(n-1)%int64(s.limit)]; old.Seq == n {
			s.bodyBytes -= len(old.Body)
			old.Body = nil
		}
	}
}
