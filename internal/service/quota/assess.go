package quota

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/vksops/terraform-provider-vks/internal/domain/quota"
)

// assess judges what was read and writes the answer into the model.
func (m *model) assess(ctx context.Context, f *facts, to *diag.Diagnostics) {
	options := quota.Options{WarningPercent: m.Warning.ValueInt64(), CriticalPercent: m.Critical.ValueInt64(), Rates: m.rates(ctx, to), Unknown: f.unknown("")}
	list, all := make([]quota.Namespace, 0, len(f.namespaces)), map[string]joined{}
	for _, n := range f.namespaces {
		j := join(n, f)
		all[n.Name] = j
		list = append(list, j.Namespace)
	}
	report, err := quota.Assess(list, options)
	if err != nil {
		to.AddError(summary, who+"\n\n"+err.Error())
		return
	}
	m.ID = types.StringValue(f.id)
	m.Namespaces = make(map[string]namespaceModel, len(all))
	for name, j := range all {
		m.Namespaces[name] = j.flatten(report.Namespaces[name])
	}
	m.Status = types.StringValue(string(report.Status))
	m.Reasons = append([]string{}, report.Reasons...)
}

func (m *model) rates(ctx context.Context, to *diag.Diagnostics) *quota.Rates {
	if m.Rates.IsNull() {
		return nil
	}
	var r ratesModel
	to.Append(m.Rates.As(ctx, &r, basetypes.ObjectAsOptions{})...)
	return &quota.Rates{
		CPUGHzHour: r.CPU.ValueFloat64(), MemoryGiBHour: r.Memory.ValueFloat64(), StorageGiBMonth: r.Storage.ValueFloat64(),
		Hours: float64(m.Hours.ValueInt64()),
	}
}

func (j *joined) flatten(r quota.NamespaceReport) namespaceModel {
	n := namespaceModel{
		CPU:             flattenMachines(r.CPU, true, j.cpu, j.consumed),
		Memory:          flattenMachines(r.Memory, true, j.memory, j.consumed),
		Storage:         flattenAmount(r.Storage, true, j.storage),
		StoragePolicies: make(map[string]amountModel, len(r.StoragePolicies)),
		Objects:         make(map[string]objectModel, len(r.Objects)),
		Zones:           make(map[string]zoneModel, len(r.Zones)),
		Status:          string(r.Status),
		Reasons:         append([]string{}, r.Reasons...),
	}
	if !j.max {
		n.CPU.Max, n.Memory.Max = nil, nil
	}
	for name, a := range r.StoragePolicies {
		n.StoragePolicies[name] = flattenAmount(a, j.storage, j.storage)
	}
	for name, o := range r.Objects {
		n.Objects[name] = objectModel{Limit: o.Limit, Used: when(j.objects[name], o.Used)}
	}
	for name, z := range r.Zones {
		consumed := j.zonesConsumed[name]
		zone := zoneModel{CPU: flattenMachines(z.CPU, false, j.cpu && j.zoned, consumed), Memory: flattenMachines(z.Memory, false, j.memory && j.zoned, consumed)}
		// The autoscalers do not say in which zone they will add machines.
		zone.CPU.Max, zone.Memory.Max = nil, nil
		share := j.zoneShares[name]
		zone.CPU.Reserved, zone.Memory.Reserved = share.CPUReservationMHz, share.MemoryReservationMiB
		n.Zones[name] = zone
	}
	if c := r.Cost; c != nil {
		n.Cost = &costModel{
			CPU: when(j.cpu, c.CPU), Memory: when(j.memory, c.Memory), Storage: when(j.storage, c.Storage),
			Total: when(j.cpu && j.memory && j.storage, c.Total),
		}
	}
	if j.machines {
		n.Blocked = r.AutoscalerHeadroomBlocked
		n.Clusters = make(map[string]clusterModel, len(r.Clusters))
		for name, c := range r.Clusters {
			n.Clusters[name] = clusterModel{
				ControlPlaneNodes: c.ControlPlaneNodes, WorkerNodes: c.WorkerNodes, MaxWorkerNodes: c.MaxWorkerNodes,
				VCPUs: when(!j.unsized[name], c.VCPUs), MemoryMiB: when(!j.unsized[name], c.MemoryMiB), StorageMiB: c.StorageMiB,
			}
		}
	}
	return n
}

// flattenAmount leaves out what is not known: used, or what is allocated.
func flattenAmount(a quota.Amount, used, allocated bool) amountModel {
	m := amountModel{Limit: a.Limit}
	if used {
		m.Used, m.Free, m.UsedPercent = &a.Used, a.Free, a.UsedPercent
	}
	if allocated {
		m.Allocated, m.Reserved, m.Max, m.AllocatedPercent = &a.Allocated, &a.Reserved, &a.Max, a.AllocatedPercent
	}
	return m
}

func flattenMachines(a quota.Amount, used, allocated, consumed bool) machineModel {
	return machineModel{amountModel: flattenAmount(a, used, allocated), Consumed: when(consumed, a.Consumed)}
}

func when[T any](known bool, value T) *T {
	if !known {
		return nil
	}
	return &value
}
