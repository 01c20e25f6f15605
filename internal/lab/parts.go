package lab

import (
	"fmt"
	"strings"
)

// Part is a part of a lab that can be started without the others, as far as it
// does not need them.
type Part string

// The parts. Workloads include the attached cluster; Velero is installed in it.
const (
	PartVCenter    Part = "vcenter"
	PartSupervisor Part = "supervisor"
	PartWorkloads  Part = "workloads"
	PartVelero     Part = "velero"
	PartS3         Part = "s3"
)

// AllParts are all there are.
func AllParts() []Part {
	return []Part{PartVCenter, PartSupervisor, PartWorkloads, PartVelero, PartS3}
}

// needs says what cannot do without what.
var needs = map[Part][]Part{PartVelero: {PartWorkloads, PartS3}}

type partSet map[Part]bool

func newPartSet(parts []Part) (partSet, error) {
	if parts == nil {
		parts = AllParts()
	}
	known := partSet{}
	for _, p := range AllParts() {
		known[p] = true
	}
	set := partSet{}
	for _, p := range parts {
		if !known[p] {
			return nil, fmt.Errorf("the lab has no part %q; it has %s", p, join(AllParts()))
		}
		set[p] = true
		for _, needed := range needs[p] {
			set[needed] = true
		}
	}
	return set, nil
}

func join(parts []Part) string {
	names := make([]string, len(parts))
	for i, p := range parts {
		names[i] = string(p)
	}
	return strings.Join(names, ", ")
}
