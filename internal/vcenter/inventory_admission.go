package vcenter

import "github.com/vmware/govmomi/vim25/types"

// The policies of HA admission control.
const (
	AdmissionOff       = "disabled"
	AdmissionHosts     = "host_failures"
	AdmissionPercent   = "percentage"
	AdmissionDedicated = "dedicated_hosts"
)

// Admission is what a cluster's HA admission control keeps free.
type Admission struct {
	// HA tells whether vSphere HA is on: without it no machine is restarted.
	HA bool
	// Policy is one of the Admission constants.
	Policy string
	// HostFailures is for how many failed hosts room is kept; nil = not said.
	HostFailures *int64
	// CPUPercent and MemoryPercent are kept free; nil = not said.
	CPUPercent, MemoryPercent *int64
}

// admissionOf reads a ClusterConfigInfoEx, see
// https://developer.broadcom.com/xapis/vsphere-web-services-api/latest/vim.cluster.DasConfigInfo.html.
func admissionOf(configuration any) Admission {
	var das types.ClusterDasConfigInfo
	switch c := configuration.(type) {
	case types.ClusterConfigInfoEx:
		das = c.DasConfig
	case *types.ClusterConfigInfoEx:
		das = c.DasConfig
	}
	a := Admission{HA: das.Enabled != nil && *das.Enabled, Policy: AdmissionOff}
	if !a.HA || das.AdmissionControlEnabled == nil || !*das.AdmissionControlEnabled {
		return a
	}
	count := func(n int32) *int64 {
		if n <= 0 {
			return nil
		}
		value := int64(n)
		return &value
	}
	switch p := das.AdmissionControlPolicy.(type) {
	case *types.ClusterFailoverLevelAdmissionControlPolicy:
		a.Policy, a.HostFailures = AdmissionHosts, count(p.FailoverLevel)
	case *types.ClusterFailoverResourcesAdmissionControlPolicy:
		a.Policy, a.HostFailures = AdmissionPercent, count(p.FailoverLevel)
		a.CPUPercent, a.MemoryPercent = count(p.CpuFailoverResourcesPercent), count(p.MemoryFailoverResourcesPercent)
	case *types.ClusterFailoverHostAdmissionControlPolicy:
		a.Policy, a.HostFailures = AdmissionDedicated, count(p.FailoverLevel)
	case nil: // as old vCenters have it
		a.Policy, a.HostFailures = AdmissionHosts, count(das.FailoverLevel)
	}
	return a
}
