// Package podcidr holds the arithmetic of a cluster's address ranges: parsing
// them as written, overlaps between them, and how many nodes a pod range feeds.
//
// It is pure: the standard library only. No I/O, no clock, no Terraform, no
// Kubernetes types, none of our packages.
package podcidr

import (
	"fmt"
	"math"
	"net/netip"
	"strings"
)

// DefaultNodePrefix is the length of the block that each node takes out of an
// IPv4 pod range: a /24, 256 addresses.
const DefaultNodePrefix = 24

// CalicoBlockPrefix is the length of the blocks that Calico takes out of an IPv4
// pod range: a /26, 64 addresses. A node with more pods takes more blocks.
const CalicoBlockPrefix = 26

// Range is an address range as a user wrote it.
type Range struct {
	text   string
	prefix netip.Prefix // masked
}

// Parse reads a CIDR. Host bits may be set: the platform takes such ranges, its
// own documentation has them (198.51.100.0/12), and the text must reach it
// unchanged. Note tells the range that is meant.
func Parse(cidr string) (Range, error) {
	prefix, err := netip.ParsePrefix(cidr)
	if err != nil {
		return Range{}, fmt.Errorf("parse CIDR %q: want an address, a slash and a prefix length, such as 192.168.0.0/16", cidr)
	}
	return Range{text: cidr, prefix: prefix.Masked()}, nil
}

// String returns the range as it was written.
func (r Range) String() string { return r.text }

// Prefix returns the range that is meant, without host bits.
func (r Range) Prefix() netip.Prefix { return r.prefix }

// HostBits tells whether the text names an address inside the range rather than
// its first one.
func (r Range) HostBits() bool {
	written, err := netip.ParsePrefix(r.text)
	return err == nil && written != r.prefix
}

// Note explains host bits: "198.51.100.0/12 means 198.48.0.0/12"; "" if none.
func (r Range) Note() string {
	if !r.HostBits() {
		return ""
	}
	return fmt.Sprintf("%s means %s", r.text, r.prefix)
}

// label is the text, with the range that is meant where they differ.
func (r Range) label() string {
	if !r.HostBits() {
		return r.text
	}
	return fmt.Sprintf("%s (%s)", r.text, r.prefix)
}

// Named is a range and what it is for: "pods", "services", "Supervisor ingress".
type Named struct {
	Name  string
	Range Range
}

// Overlap is a pair of ranges with addresses in common.
type Overlap struct{ A, B Named }

// String says it: "pods 10.0.0.0/16 overlaps services 10.0.128.0/17".
func (o Overlap) String() string {
	return fmt.Sprintf("%s %s overlaps %s %s", o.A.Name, o.A.Range.label(), o.B.Name, o.B.Range.label())
}

// Overlaps returns every pair of ranges with addresses in common, in the order
// given. Two ranges of one name count as well.
func Overlaps(ranges ...Named) []Overlap {
	var found []Overlap
	for i, a := range ranges {
		for _, b := range ranges[i+1:] {
			if a.Range.prefix.Overlaps(b.Range.prefix) {
				found = append(found, Overlap{A: a, B: b})
			}
		}
	}
	return found
}

// Between returns each of others that has addresses in common with r.
func Between(r Named, others ...Named) []Overlap {
	var found []Overlap
	for _, other := range others {
		if r.Range.prefix.Overlaps(other.Range.prefix) {
			found = append(found, Overlap{A: r, B: other})
		}
	}
	return found
}

// Nodes returns how many nodes the pod range r feeds when each one takes a block
// of nodePrefix bits: 16 for a /20 with the usual /24. A range smaller than one
// block feeds none.
func Nodes(r Range, nodePrefix int) (int64, error) {
	if !r.prefix.IsValid() {
		return 0, fmt.Errorf("count nodes: the pod range is empty")
	}
	if nodePrefix < 1 || nodePrefix > r.prefix.Addr().BitLen() {
		return 0, fmt.Errorf("count nodes of %s: the block of a node cannot be a /%d", r.text, nodePrefix)
	}
	bits := nodePrefix - r.prefix.Bits()
	switch {
	case bits < 0:
		return 0, nil
	case bits > 62:
		return math.MaxInt64, nil
	default:
		return 1 << bits, nil
	}
}

// CheckNodes returns a message when a pod range cannot feed so many nodes and
// the surge: the extra nodes that exist while pools roll. "" means it can.
// The range of a cluster cannot be changed later, so nodes should be the most
// there can be: autoscalers at their maximum.
func CheckNodes(r Range, nodePrefix int, nodes, surge int64) (message string, err error) {
	capacity, err := Nodes(r, nodePrefix)
	if err != nil {
		return "", err
	}
	if nodes <= capacity && surge <= capacity-nodes {
		return "", nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "pods %s has room for %s (a /%d each), and %d", r.label(), plural(capacity, "node"), nodePrefix, nodes)
	if surge > 0 {
		fmt.Fprintf(&b, " and %d more during a rolling update", surge)
	}
	b.WriteString(" are asked for; the range cannot be changed once the cluster exists")
	return b.String(), nil
}

func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
