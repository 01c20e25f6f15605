package quota

import (
	"cmp"
	"maps"
	"slices"

	"github.com/vksops/terraform-provider-vks/internal/domain/quota"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// rootDiskMiB is the first disk of a node: the images of VKS have 20 GiB, and
// nothing in the API says so.
const rootDiskMiB = 20 << 10

// objectLimits are the limits on objects by the names that we give them.
var objectLimits = map[string]vcenter.Limit{
	"pods": vcenter.PodCount, "services": vcenter.ServiceCount, "deployments": vcenter.DeploymentCount,
	"daemon_sets": vcenter.DaemonSetCount, "replica_sets": vcenter.ReplicaSetCount,
	"replication_controllers": vcenter.ReplicationControllerCount, "stateful_sets": vcenter.StatefulSetCount,
	"config_maps": vcenter.ConfigMapCount, "secrets": vcenter.SecretCount,
	"persistent_volume_claims": vcenter.PersistentVolumeClaimCount, "jobs": vcenter.JobCount,
}

// joined is a namespace to judge, with what is known of it: numbers that are
// not known are zero to the judgement, and null in the answer.
type joined struct {
	quota.Namespace
	// machines tells whether those are known, cpu and memory whether what all of
	// them are sized for is, and storage what policies hold.
	machines, cpu, memory, storage bool
	// max tells whether it is known what autoscalers may add, and zoned in which
	// zone each machine is.
	max, zoned bool
	// unsized are clusters with machines of a VM class that nothing knows.
	unsized map[string]bool
	// consumed tells whether that is known, and of which zones.
	consumed      bool
	zonesConsumed map[string]bool
	objects       map[string]bool
	zoneShares    map[string]supervisor.ZoneUsage
}

// join puts vCenter's side and the Supervisor's side of a namespace together.
func join(n *vcenter.Namespace, f *facts) joined {
	in := f.of(n.Name)
	j := joined{Namespace: quota.Namespace{
		Name:    n.Name,
		CPU:     quota.Usage{Limit: limit(n, vcenter.CPULimit), Used: n.Stats.CPUUsed},
		Memory:  quota.Usage{Limit: limit(n, vcenter.MemoryLimit), Used: n.Stats.MemoryUsed},
		Storage: quota.Usage{Limit: limit(n, vcenter.StorageLimit), Used: n.Stats.StorageUsed},
		Zones:   map[string]quota.ZoneUsage{}, Unknown: f.unknown(n.Name), LimitsUnknown: f.unlimited[n.Name],
	}, zonesConsumed: map[string]bool{}, unsized: map[string]bool{}}
	for _, z := range n.Zones {
		j.Zones[z.Name] = quota.ZoneUsage{}
	}
	if in == nil {
		in = &supervisor.NamespaceUsage{}
	} else {
		j.machines, j.storage = f.usage.Machines, in.StorageKnown
	}
	j.addStorage(n, in, f.policies)
	j.addObjects(n, in)
	j.addZones(n, in)
	j.addConsumed(f.pools(n.Name), f.zones)
	if j.machines {
		j.addMachines(in, f)
	}
	j.cpu = j.memory && f.coreMHz > 0
	j.CPU.Partial, j.Memory.Partial = !j.cpu, !j.memory
	return j
}

func limit(n *vcenter.Namespace, name vcenter.Limit) *int64 {
	if value, ok := n.Limits[name]; ok {
		return &value
	}
	return nil
}

// addStorage joins the policies of vCenter with what the Supervisor counts for
// them. A quota reserves while an operation runs, and counts as used after it.
func (j *joined) addStorage(n *vcenter.Namespace, in *supervisor.NamespaceUsage, policies map[string]string) {
	j.StoragePolicies, j.Storage.Partial = map[string]quota.Usage{}, !j.storage
	for _, s := range n.StoragePolicies {
		j.StoragePolicies[nameOf(s.Policy, policies)] = quota.Usage{Limit: s.Limit, Partial: !j.storage}
	}
	for _, s := range in.Storage {
		name := j.policyOf(s, policies)
		u := j.StoragePolicies[name]
		if u.Limit == nil {
			u.Limit = s.LimitMiB
		}
		u.Used += s.UsedMiB
		u.Reserved += s.ReservedMiB
		u.Allocated += s.UsedMiB + s.ReservedMiB
		j.StoragePolicies[name] = u
		j.Storage.Allocated += s.UsedMiB + s.ReservedMiB
		j.Storage.Reserved += s.ReservedMiB
	}
}

// policyOf names the policy of a quota: by its id, or by its class where only
// the old quota objects are there.
func (j *joined) policyOf(s supervisor.StorageUsage, policies map[string]string) string {
	if s.PolicyID != "" {
		return nameOf(s.PolicyID, policies)
	}
	for _, name := range slices.Concat(slices.Sorted(maps.Keys(j.StoragePolicies)), slices.Sorted(maps.Values(policies))) {
		if vcenter.StorageClassName(name) == s.StorageClass {
			return name
		}
	}
	return s.StorageClass
}

func nameOf(policy string, policies map[string]string) string {
	if name := policies[policy]; name != "" {
		return name
	}
	return policy
}

func (j *joined) addObjects(n *vcenter.Namespace, in *supervisor.NamespaceUsage) {
	j.Objects, j.objects = map[string]quota.ObjectUsage{}, map[string]bool{}
	for name, key := range objectLimits {
		counted, have := in.Objects[name]
		u := quota.ObjectUsage{Limit: limit(n, key)}
		if u.Limit == nil {
			u.Limit = counted.Limit
		}
		if u.Limit == nil && !have {
			continue
		}
		if counted.Used != nil {
			u.Used, j.objects[name] = *counted.Used, true
		}
		j.Objects[name] = u
	}
}

// addZones adds the limits of zones. What a zone reserves is shown and not
// judged: it is a guarantee to the namespace, and not a use of its limit. A
// namespace without a limit of its own has that of its zones, where each has one.
func (j *joined) addZones(n *vcenter.Namespace, in *supervisor.NamespaceUsage) {
	j.zoneShares = in.Zones
	for name, z := range in.Zones {
		j.Zones[name] = quota.ZoneUsage{CPU: quota.Usage{Limit: z.CPULimitMHz}, Memory: quota.Usage{Limit: z.MemoryLimitMiB}}
	}
	if j.LimitsUnknown {
		return
	}
	cpu, memory := zoneLimits(in, n.Zones)
	j.CPU.Limit, j.Memory.Limit = cmp.Or(j.CPU.Limit, cpu), cmp.Or(j.Memory.Limit, memory)
}

// addConsumed adds what machines consume, by the zone of each pool's cluster.
func (j *joined) addConsumed(pools []vcenter.PoolShare, zones map[string]string) {
	cpu := sum(pools, func(s vcenter.PoolShare) *int64 { return s.CPUConsumedMHz })
	memory := sum(pools, func(s vcenter.PoolShare) *int64 { return s.MemoryConsumedMiB })
	if cpu == nil || memory == nil {
		return
	}
	j.consumed, j.CPU.Consumed, j.Memory.Consumed = true, *cpu, *memory
	for _, pool := range pools {
		name := zones[pool.Cluster]
		if name == "" {
			continue
		}
		zone := j.Zones[name]
		zone.CPU.Consumed += *pool.CPUConsumedMHz
		zone.Memory.Consumed += *pool.MemoryConsumedMiB
		j.Zones[name], j.zonesConsumed[name] = zone, true
	}
}
