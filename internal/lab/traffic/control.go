package traffic

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// Query selects requests of the log; an empty field selects all.
type Query struct {
	Since  int64  // only later than this mark
	Target string // the door
	Method string
	Path   string // regexp on the URL path
}

func (q Query) values() url.Values {
	v := url.Values{}
	if q.Since != 0 {
		v.Set("since", strconv.FormatInt(q.Since, 10))
	}
	for name, value := range map[string]string{"target": q.Target, "method": q.Method, "path": q.Path} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v
}

func parseQuery(v url.Values) (Query, error) {
	q := Query{Target: v.Get("target"), Method: v.Get("method"), Path: v.Get("path")}
	if since := v.Get("since"); since != "" {
		n, err := strconv.ParseInt(since, 10, 64)
		if err != nil {
			return q, fmt.Errorf("since: %w", err)
		}
		q.Since = n
	}
	return q, nil
}

func (q Query) match() (func(Request) bool, error) {
	path, err := regexp.Compile(q.Path)
	if err != nil {
		return nil, fmt.Errorf("path: %w", err)
	}
	return func(r Request) bool {
		return (q.Target == "" || q.Target == r.Target) &&
			(q.Method == "" || strings.EqualFold(q.Method, r.Method)) &&
			path.MatchString(r.Path)
	}, nil
}

// Handler serves the seam over HTTP: GET /requests, GET /mark, GET and POST /faults, DELETE /faults[/{id}],
// GET /violations.
func (s *Seam) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /requests", s.serveRequests)
	mux.HandleFunc("GET /mark", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, map[string]int64{"seq": s.Mark()})
	})
	mux.HandleFunc("GET /faults", func(w http.ResponseWriter, _ *http.Request) { reply(w, s.armed()) })
	mux.HandleFunc("POST /faults", s.serveInject)
	mux.HandleFunc("DELETE /faults/{id}", func(w http.ResponseWriter, r *http.Request) {
		if !s.remove(r.PathValue("id")) {
			http.Error(w, "no such fault", http.StatusNotFound)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("DELETE /faults", func(w http.ResponseWriter, _ *http.Request) {
		s.RemoveAll()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /violations", s.serveViolations)
	return mux
}

func (s *Seam) armed() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	faults := make([]Fault, 0, len(s.faults))
	for _, f := range s.faults {
		faults = append(faults, f.Fault)
	}
	return faults
}

func (s *Seam) serveRequests(w http.ResponseWriter, r *http.Request) {
	q, err := parseQuery(r.URL.Query())
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	match, err := q.match()
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	found := s.requestsSince(q.Since, match)
	if found == nil {
		found = []Request{}
	}
	reply(w, found)
}

func (s *Seam) serveInject(w http.ResponseWriter, r *http.Request) {
	var f Fault
	if err := json.NewDecoder(r.Body).Decode(&f); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	id, err := s.Inject(f)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	reply(w, map[string]string{"id": id})
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func drain(r io.Reader) (int64, error) {
	if r == nil {
		return 0, nil
	}
	return io.Copy(io.Discard, io.LimitReader(r, 1<<20))
}
