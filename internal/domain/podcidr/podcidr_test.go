package podcidr

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		prefix string // "" = refused
		note   string
	}{
		"192.168.0.0/16":    {prefix: "192.168.0.0/16"},
		"198.51.100.0/12":   {prefix: "198.48.0.0/12", note: "198.51.100.0/12 means 198.48.0.0/12"},
		"192.168.156.0/20":  {prefix: "192.168.144.0/20", note: "192.168.156.0/20 means 192.168.144.0/20"},
		"fd00:10::/48":      {prefix: "fd00:10::/48"},
		"FD00:10::/48":      {prefix: "fd00:10::/48"},
		"0.0.0.0/0":         {prefix: "0.0.0.0/0"},
		"10.0.0.0":          {},
		"10.0.0.0/33":       {},
		"10.0.0.0/016":      {},
		"10.0.0/16":         {},
		"":                  {},
		" 10.0.0.0/16":      {},
		"fe80::1%eth0/64":   {},
		"::ffff:10.0.0.0/8": {prefix: "::/8", note: "::ffff:10.0.0.0/8 means ::/8"},
	}
	for text, tc := range tests {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			r, err := Parse(text)
			if tc.prefix == "" {
				if err == nil || !strings.Contains(err.Error(), text) {
					t.Fatalf("Parse = %v, %v, want an error that quotes the text", r, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := []string{r.String(), r.Prefix().String(), r.Note()}
			if diff := cmp.Diff([]string{text, tc.prefix, tc.note}, got); diff != "" {
				t.Error(diff)
			}
			if r.HostBits() != (tc.note != "") {
				t.Errorf("HostBits = %t", r.HostBits())
			}
		})
	}
}

func TestOverlaps(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		ranges []Named
		want   []string
	}{
		"apart":  {ranges: named(t, "pods", "192.168.0.0/16", "services", "10.96.0.0/12")},
		"none":   {},
		"inside": {ranges: named(t, "pods", "10.0.0.0/16", "services", "10.0.128.0/17"), want: []string{"pods 10.0.0.0/16 overlaps services 10.0.128.0/17"}},
		"host bits hide it": {
			ranges: named(t, "pods", "198.60.0.0/16", "services", "198.51.100.0/12"),
			want:   []string{"pods 198.60.0.0/16 overlaps services 198.51.100.0/12 (198.48.0.0/12)"},
		},
		"neighbours": {ranges: named(t, "pods", "10.0.0.0/17", "services", "10.0.128.0/17")},
		"families":   {ranges: named(t, "pods", "0.0.0.0/0", "services", "::/0")},
		"three": {
			ranges: named(t, "pods", "10.0.0.0/8", "services", "10.96.0.0/12", "Supervisor ingress", "10.97.0.0/24"),
			want: []string{
				"pods 10.0.0.0/8 overlaps services 10.96.0.0/12",
				"pods 10.0.0.0/8 overlaps Supervisor ingress 10.97.0.0/24",
				"services 10.96.0.0/12 overlaps Supervisor ingress 10.97.0.0/24",
			},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, o := range Overlaps(tc.ranges...) {
				got = append(got, o.String())
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNodes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		cidr   string
		prefix int
		want   int64
		err    bool
	}{
		"/20":             {cidr: "192.168.0.0/20", prefix: DefaultNodePrefix, want: 16},
		"/16":             {cidr: "192.168.0.0/16", prefix: DefaultNodePrefix, want: 256},
		"one":             {cidr: "192.168.0.0/24", prefix: DefaultNodePrefix, want: 1},
		"too small":       {cidr: "192.168.0.0/25", prefix: DefaultNodePrefix, want: 0},
		"other block":     {cidr: "192.168.0.0/20", prefix: 26, want: 64},
		"IPv6":            {cidr: "fd00::/48", prefix: 64, want: 65536},
		"IPv6, all of it": {cidr: "::/0", prefix: 64, want: math.MaxInt64},
		"block of 0":      {cidr: "192.168.0.0/20", prefix: 0, err: true},
		"block too long":  {cidr: "192.168.0.0/20", prefix: 33, err: true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Nodes(parse(t, tc.cidr), tc.prefix)
			if (err != nil) != tc.err || got != tc.want {
				t.Errorf("Nodes = %d, %v, want %d", got, err, tc.want)
			}
		})
	}
	if _, err := Nodes(Range{}, DefaultNodePrefix); err == nil {
		t.Error("an empty range gave no error")
	}
}

func TestCheckNodes(t *testing.T) {
	t.Parallel()
	const end = " are asked for; the range cannot be changed once the cluster exists"
	tests := map[string]struct {
		cidr         string
		nodes, surge int64
		want         string
	}{
		"fits":         {cidr: "192.168.0.0/20", nodes: 14, surge: 2},
		"surge":        {cidr: "192.168.0.0/20", nodes: 15, surge: 2, want: "pods 192.168.0.0/20 has room for 16 nodes (a /24 each), and 15 and 2 more during a rolling update" + end},
		"nodes":        {cidr: "192.168.156.0/24", nodes: 3, want: "pods 192.168.156.0/24 has room for 1 node (a /24 each), and 3" + end},
		"no overflow":  {cidr: "::/0", nodes: math.MaxInt64, surge: 0},
		"host bits in": {cidr: "10.0.1.0/22", nodes: 5, want: "pods 10.0.1.0/22 (10.0.0.0/22) has room for 4 nodes (a /24 each), and 5" + end},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			prefix := DefaultNodePrefix
			if strings.Contains(tc.cidr, ":") {
				prefix = 64
			}
			got, err := CheckNodes(parse(t, tc.cidr), prefix, tc.nodes, tc.surge)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func parse(t *testing.T, cidr string) Range {
	t.Helper()
	r, err := Parse(cidr)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func named(t *testing.T, pairs ...string) []Named {
	t.Helper()
	var list []Named
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, Named{Name: pairs[i], Range: parse(t, pairs[i+1])})
	}
	return list
}
