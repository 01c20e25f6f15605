package traffic

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"
)

func TestViolations(t *testing.T) {
	t.Parallel()
	seam := New()
	c := NewClient(serve(t, seam.Handler()).URL)
	if got, err := c.Violations(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
	for n := range maxViolations + 1 {
		seam.Violate("vcenter", "number %d", n)
	}
	got, err := c.Violations(t.Context())
	if err != nil || len(got) != maxViolations || got[7].String() != "vcenter: number 7" {
		t.Errorf("%d violations, %v", len(got), err)
	}
}

func TestClient(t *testing.T) {
	t.Parallel()
	seam := New()
	door := serve(t, seam.Wrap("vcenter", echo))
	control := serve(t, seam.Handler())
	c, ctx := NewClient(control.URL+"/"), t.Context()

	for _, path := range []string{"/a", "/b"} {
		if _, err := send(t, http.MethodPost, door.URL+path, "hello"); err != nil {
			t.Fatal(err)
		}
	}
	mark, err := c.Mark(ctx)
	if err != nil || mark != 2 {
		t.Fatalf("mark %d, %v", mark, err)
	}
	id, err := c.Inject(ctx, Fault{Target: "vcenter", Path: "^/c", Status: 503, Delay: time.Millisecond})
	if err != nil || id == "" {
		t.Fatalf("inject %q, %v", id, err)
	}
	if res, _ := send(t, http.MethodGet, door.URL+"/c", ""); res.StatusCode != 503 {
		t.Errorf("fault not armed: %d", res.StatusCode)
	}

	for name, tc := range map[string]struct {
		q    Query
		want int
	}{
		"all":    {Query{}, 3},
		"since":  {Query{Since: mark}, 1},
		"path":   {Query{Path: "^/[ab]$"}, 2},
		"method": {Query{Method: "get"}, 1},
		"target": {Query{Target: "other"}, 0},
	} {
		got, err := c.Requests(ctx, tc.q)
		if err != nil || len(got) != tc.want {
			t.Errorf("%s: %d requests, %v; want %d", name, len(got), err, tc.want)
		}
		if name == "path" && string(got[0].Body) != "hello" {
			t.Errorf("body = %q", got[0].Body)
		}
	}
	if _, err := c.Requests(ctx, Query{Path: "("}); err == nil {
		t.Error("bad expression accepted")
	}
	if _, err := c.Inject(ctx, Fault{}); err == nil {
		t.Error("empty fault accepted")
	}
	for range 2 { // the second finds nothing, which is no error
		if err := c.Remove(ctx, id); err != nil {
			t.Error(err)
		}
	}
	if err := c.RemoveAll(ctx); err != nil {
		t.Error(err)
	}
	if res, _ := send(t, http.MethodGet, door.URL+"/c", ""); res.StatusCode != 200 {
		t.Errorf("fault still armed: %d", res.StatusCode)
	}
}

func TestFaultDelayInJSON(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		`{"delay":"250ms"}`: 250 * time.Millisecond,
		`{"delay":1000}`:    time.Microsecond,
		`{"status":500}`:    0,
	} {
		var f Fault
		if err := json.Unmarshal([]byte(text), &f); err != nil || f.Delay != want {
			t.Errorf("%s: %v, %v", text, f.Delay, err)
		}
	}
	var f Fault
	if err := json.Unmarshal([]byte(`{"delay":true}`), &f); err == nil {
		t.Error("a boolean delay was accepted")
	}
}
