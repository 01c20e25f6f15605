package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"k8s.io/utils/clock"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/kube"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/wait"
)

const (
	// endpointPatience is how long a control plane may be out of reach before
	// somebody asks why, and how far the questions are apart.
	endpointPatience = 10 * time.Second
	// endpointLooks bounds the questions. One is the rule: the addresses agree.
	endpointLooks = 20
	// endpointStrikes is how many looks in a row must find another address; more
	// where the platform says that it reaches the control plane all the same.
	endpointStrikes        = 2
	endpointStrikesReached = 6
)

// endpointWatch finds a cluster that has got the address of an earlier one of its
// name, which the platform gives up without a word: nothing ever answers there.
// See https://github.com/kubernetes-sigs/cluster-api-provider-vsphere/issues/2872.
type endpointWatch struct {
	client api
	clock  clock.PassiveClock

	next    time.Time
	looks   int
	strikes int
	over    bool
}

// check gives a final error for such a cluster.
func (e *endpointWatch) check(ctx context.Context, c *supervisor.Cluster) error {
	host := address(c.EndpointHost())
	if e.over || !host.IsValid() || serves(c) {
		return nil
	}
	now := e.clock.Now()
	if e.next.IsZero() {
		e.next = now.Add(endpointPatience)
	}
	if now.Before(e.next) {
		return nil
	}
	e.next = now.Add(endpointPatience)
	e.looks++
	addresses, err := e.client.ControlPlaneAddresses(ctx, c.Namespace(), c.Name())
	if errors.Is(err, fault.Forbidden) || errors.Is(err, fault.RouteAbsent) {
		e.over = true // who may not look cannot know
	}
	return e.compare(c, host, addresses)
}

func (e *endpointWatch) compare(c *supervisor.Cluster, host netip.Addr, addresses []string) error {
	switch {
	case len(addresses) == 0: // none yet, or no answer
		e.strikes = 0
		e.over = e.over || e.looks >= endpointLooks
		return nil
	case slices.ContainsFunc(addresses, func(a string) bool { return address(a) == host }):
		e.over = true
		return nil
	}
	enough := endpointStrikes
	if reached(c) {
		enough = endpointStrikesReached
	}
	if e.strikes++; e.strikes < enough {
		return nil
	}
	return &fault.Error{
		Kind: fault.Unsupported, Op: "reach the control plane", Where: e.client.Where(),
		Message: fmt.Sprintf("the cluster says that its API server is at %s, but its load balancer has the address %s: nothing will ever answer there. "+
			"The platform does this to a cluster that gets the name that an earlier one had in the same vSphere Namespace.", host, strings.Join(addresses, ", ")),
		Advice: fmt.Sprintf("Give the cluster another name in place of %q, one that this namespace never had, and apply again: that replaces it. "+
			"Under the same name it would happen again. Layer: %s.", c.Name(), wait.LayerSupervisor),
	}
}

// address reads an IP address; what is none is not valid.
func address(text string) netip.Addr {
	ip, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Addr{}
	}
	return ip.Unmap()
}

// serves reports whether the cluster is of use, whatever its address.
func serves(c *supervisor.Cluster) bool {
	conditions, modern := c.Conditions()
	if !modern {
		return kube.FindCondition(conditions, "Ready").True()
	}
	return kube.FindCondition(conditions, conditionAvailable).True()
}

// reached reports whether the platform says that the API server answers it.
func reached(c *supervisor.Cluster) bool {
	conditions, _ := c.Conditions()
	return kube.FindCondition(conditions, "RemoteConnectionProbe").True()
}
