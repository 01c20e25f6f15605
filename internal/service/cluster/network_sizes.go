package cluster

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

// size is of a virtual machine.
type size struct {
	cpus      int64
	memoryMiB int64
}

// defaultClasses are the sizes of the VM classes that vSphere brings, by the end
// of their names: best-effort-medium and guaranteed-medium are of one size.
// Classes can be changed, and others made: those are not judged.
var defaultClasses = map[string]size{
	"xsmall": {2, 2 << 10}, "small": {2, 4 << 10}, "medium": {2, 8 << 10}, "large": {4, 16 << 10},
	"xlarge": {4, 32 << 10}, "2xlarge": {8, 64 << 10}, "4xlarge": {16, 128 << 10}, "8xlarge": {32, 128 << 10},
}

// controlPlaneSizes are what VMware recommends for each control plane node by
// the number of workers. The table says 3.75, 7.5, 15 and 30 GB.
//
// https://docs.vmware.com/en/VMware-Tanzu-Kubernetes-Grid-Integrated-Edition/1.19/tkgi/GUID-vm-sizing.html
var controlPlaneSizes = []struct {
	workers int64
	size    size
	class   string
}{
	{5, size{1, 3840}, "small"},
	{10, size{2, 7680}, "medium"},
	{100, size{4, 15360}, "large"},
	{250, size{8, 30720}, "2xlarge"},
}

// smallControlPlane says that a control plane of that class is smaller than
// recommended for so many workers; "" for one that is not, or not known.
func smallControlPlane(class types.String, workers int64) string {
	if class.IsNull() || class.IsUnknown() {
		return ""
	}
	kind, name, _ := strings.Cut(class.ValueString(), "-")
	if rest, ok := strings.CutPrefix(class.ValueString(), "best-effort-"); ok {
		kind, name = "best-effort", rest
	}
	have, ok := defaultClasses[name]
	if !ok || kind != "best-effort" && kind != "guaranteed" {
		return ""
	}
	for _, row := range controlPlaneSizes {
		if workers > row.workers {
			continue
		}
		if have.cpus >= row.size.cpus && have.memoryMiB >= row.size.memoryMiB {
			return ""
		}
		return fmt.Sprintf("%s has %d CPUs and %d GiB of memory. For up to %d workers, and the cluster can get %d, VMware recommends control plane nodes with at least %d CPUs and %.3g GB: guaranteed-%s or larger. "+
			"Set control_plane.vm_class.", class.ValueString(), have.cpus, have.memoryMiB>>10, row.workers, workers, row.size.cpus, float64(row.size.memoryMiB)/1024, row.class)
	}
	return ""
}
