package cluster

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/vksops/terraform-provider-vks/internal/domain/podcidr"
	"github.com/vksops/terraform-provider-vks/internal/tf/target"
)

const (
	networkForever = "The network of a cluster cannot be changed later."

	// minServicePrefix leaves room for the 16 addresses that Kubernetes itself needs.
	minServicePrefix = 28

	// mostNodes is how many nodes VKS supports in one cluster.
	mostNodes = 150

	// podsOfBlock is how many pods get an address from a /24.
	podsOfBlock = 254

	// supervisors is before the name of a range that the Supervisor has.
	supervisors   = "the Supervisor's "
	theirServices = supervisors + "services"
)

// validateNetwork looks at the ranges: they can never be changed.
func validateNetwork(p parts, diags *diag.Diagnostics) {
	pods, services := ranges("pods", list(p.network.Pods)), ranges("services", list(p.network.Services))
	for _, overlap := range podcidr.Overlaps(append(slices.Clone(pods), services...)...) {
		diags.AddAttributeError(atNetwork, "Overlapping CIDRs", overlap.String()+". "+networkForever)
	}
	for _, s := range services {
		if s.Range.Prefix().Addr().Is4() && s.Range.Prefix().Bits() > minServicePrefix {
			diags.AddAttributeError(atNetwork.AtName("services"), "CIDR too small",
				fmt.Sprintf("%s has less than the 16 addresses that Kubernetes needs for itself. %s", s.Range, networkForever))
		}
	}
}

// checkNodes finds clusters that are larger than VKS supports, or than their range
// of pods. One that exists is left alone unless it is to grow: its network cannot
// change, and it runs.
func checkNodes(ctx context.Context, config, plan model, state *model, diags *diag.Diagnostics) {
	p := plan.parts(ctx, diags)
	n := countNodes(ctx, p, diags)
	if state != nil && n.all() <= countNodes(ctx, state.parts(ctx, diags), diags).all() {
		return
	}
	if n.all() > mostNodes {
		diags.AddAttributeError(atPools, "Too many nodes",
			fmt.Sprintf("The cluster can get %d nodes (%d of the control plane and %d workers, autoscalers at their maximum), and VKS supports %d in one cluster. Use fewer and larger nodes, or a second cluster.",
				n.all(), n.controlPlane, n.workers, mostNodes))
		return
	}
	name, known := config.chosenCNI(ctx, diags)
	if p.network == nil || !known {
		return
	}
	pods := ranges("pods", list(p.network.Pods))
	if len(pods) != 1 || !pods[0].Range.Prefix().Addr().Is4() {
		return
	}
	message, err := podcidr.CheckNodes(pods[0].Range, blockOf(name), n.all(), n.surge)
	if err == nil && message != "" {
		diags.AddAttributeError(atNetwork.AtName("pods"), "CIDR too small", message+".")
	}
}

// blockOf is the length of what a node takes of an IPv4 pod range. Calico takes
// blocks of its own, and more than one for a node with many pods, so that this
// is the least; Antrea and Cilium use what Kubernetes gives each node.
//
// https://docs.tigera.io/calico/latest/reference/resources/ippool (blockSize)
// https://docs.cilium.io/en/stable/network/concepts/ipam/kubernetes/
func blockOf(cni string) int {
	if cni == cniCalico {
		return podcidr.CalicoBlockPrefix
	}
	return podcidr.DefaultNodePrefix
}

// nodeCount is how many nodes there can be: autoscalers at their maximum.
type nodeCount struct {
	controlPlane, workers int64
	// surge is how many more there are while everything rolls at once.
	surge int64
}

func (n nodeCount) all() int64 { return n.controlPlane + n.workers }

func countNodes(ctx context.Context, p parts, diags *diag.Diagnostics) nodeCount {
	n := nodeCount{controlPlane: 1, surge: 1}
	if p.controlPlane != nil {
		n.controlPlane = max(n.controlPlane, p.controlPlane.Replicas.ValueInt64())
	}
	for _, pool := range p.pools {
		most := pool.Replicas.ValueInt64()
		if a := object[autoscalerModel](ctx, pool.Autoscaler, diags); a != nil {
			most = a.Max.ValueInt64()
		}
		n.workers += most
		n.surge += surgeOf(object[rolloutModel](ctx, pool.Rollout, diags), most)
	}
	return n
}

// surgeOf is how many nodes too many a pool may have while it rolls. Cluster
// API's default is one, whatever may be missing at the same time; percentages of
// the surge are rounded up. Nodes of a pool that is not rolled are replaced when
// somebody deletes them: not before.
func surgeOf(rollout *rolloutModel, nodes int64) int64 {
	if rollout == nil {
		return 1
	}
	if rollout.Type.ValueString() == "OnDelete" {
		return 0
	}
	text, percent := strings.CutSuffix(rollout.MaxSurge.ValueString(), "%")
	n, err := strconv.ParseInt(text, 10, 32)
	switch {
	case err != nil:
		return 1
	case percent:
		return (n*nodes + 99) / 100
	}
	return n
}

// warnOfControlPlane finds control planes that are smaller than their workers need.
func warnOfControlPlane(ctx context.Context, config model, p parts, diags *diag.Diagnostics) {
	n := countNodes(ctx, p, diags)
	class := config.VMClass
	if p.controlPlane != nil && !p.controlPlane.VMClass.IsNull() {
		class = p.controlPlane.VMClass
	}
	if message := smallControlPlane(class, n.workers); message != "" {
		diags.AddAttributeWarning(atControlPlane, "Control plane is small for its workers", message)
	}
}

// warnOfPods compares how many pods a kubelet may run with how many addresses
// its node has.
func warnOfPods(ctx context.Context, config model, p parts, diags *diag.Diagnostics) {
	name, known := config.chosenCNI(ctx, diags)
	if !known || name == cniCalico || len(list(p.network.Pods)) != 1 {
		return // Calico takes another block
	}
	warn := func(at path.Path, text string) {
		variables, _ := decodeObject(text)
		asked, ok := asFloat(member(variables, "kubernetes", "kubeletConfiguration", "maxPods"))
		if ok && asked > podsOfBlock {
			diags.AddAttributeWarning(at.AtName("variables"), "More pods than addresses",
				fmt.Sprintf("maxPods is %v, but each node has a /%d, with addresses for %d pods. Those beyond stay without one.", asked, podcidr.DefaultNodePrefix, podsOfBlock))
		}
	}
	warn(path.Empty(), config.Variables.ValueString())
	if p.controlPlane != nil {
		warn(atControlPlane, p.controlPlane.Variables.ValueString())
	}
	for _, pool := range slices.Sorted(maps.Keys(p.pools)) {
		warn(atPools.AtMapKey(pool), p.pools[pool].Variables.ValueString())
	}
}

func ranges(name string, cidrs []string) []podcidr.Named {
	var out []podcidr.Named
	for _, c := range cidrs {
		if r, err := podcidr.Parse(c); err == nil { // the attribute's validator says what is wrong
			out = append(out, podcidr.Named{Name: name, Range: r})
		}
	}
	return out
}

// checkSupervisor compares the network of a cluster that is to be made with what
// the Supervisor has taken. Only vCenter knows that: without it, or where it
// cannot be asked, the platform decides when the cluster is made.
func (r *Resource) checkSupervisor(ctx context.Context, plan model, diags *diag.Diagnostics) {
	network := object[networkModel](ctx, plan.Network, diags)
	if network == nil || !r.Configured {
		return
	}
	asking, cancel := context.WithTimeout(ctx, target.PlanTimeout)
	defer cancel()
	taken, err := r.Data.SupervisorRanges(asking)
	if err != nil {
		tflog.Debug(ctx, "the network of the cluster is not compared with the Supervisor's", map[string]any{"id": plan.key().String(), "error": err.Error()})
		return
	}
	var theirs []podcidr.Named
	for _, t := range taken {
		theirs = append(theirs, ranges(supervisors+t.Name, []string{t.CIDR})...)
	}
	for _, ours := range append(ranges("pods", list(network.Pods)), ranges("services", list(network.Services))...) {
		for _, overlap := range podcidr.Between(ours, theirs...) {
			reportOverlap(ours, overlap, diags)
		}
	}
}

// reportOverlap: addresses of services mean something inside of their cluster
// only, and many clusters share theirs with the Supervisor (its default lies in
// 10.96.0.0/12, which most examples use for clusters).
func reportOverlap(ours podcidr.Named, overlap podcidr.Overlap, diags *diag.Diagnostics) {
	at, summary := atNetwork.AtName(ours.Name), "CIDR overlaps the Supervisor's network"
	if ours.Name == "services" && overlap.B.Name == theirServices {
		diags.AddAttributeWarning(at, summary, overlap.String()+". Clusters work like that, as services have their addresses inside of the cluster only; but VKS 3.7 and later may refuse it. "+
			"Take a range that is free if you can. "+networkForever)
		return
	}
	diags.AddAttributeError(at, summary,
		overlap.String()+", which nodes and pods of the cluster could then not reach. Take a range that is free. "+networkForever)
}
