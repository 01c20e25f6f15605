package clients

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/vksops/terraform-provider-vks/internal/domain/ids"
	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/kube"
	"github.com/vksops/terraform-provider-vks/internal/lazy"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
	"github.com/vksops/terraform-provider-vks/internal/velero"
)

// Set holds the connections of one configured provider.
type Set struct {
	config     Config
	vcenter    lazy.Value[*vcenter.Client]
	supervisor lazy.Value[*supervisor.Client]
	ranges     lazy.Value[askedRanges]
	inState    Names
	away       Away
	inventory  Away
	installing Names
	releases   lazy.Value[[]supervisor.Release]
	images     lazy.Value[[]supervisor.OSImage]
	classes    lazy.Value[[]supervisor.Class]

	mu        sync.Mutex
	workloads map[ids.Cluster]*lazy.Value[*kube.Client]
}

// New makes a set. It opens nothing.
func New(config Config) *Set {
	limit := config.limits().Longest()
	return &Set{
		config:     config,
		vcenter:    lazy.Value[*vcenter.Client]{Op: "connect", Where: strings.TrimSpace("vCenter " + config.VCenter.Server), Limit: limit},
		supervisor: lazy.Value[*supervisor.Client]{Op: "connect", Where: "the Supervisor", Limit: limit},
		releases:   lazy.Value[[]supervisor.Release]{Op: "list releases", Where: "the Supervisor", Limit: limit},
		images:     lazy.Value[[]supervisor.OSImage]{Op: "list OS images", Where: "the Supervisor", Limit: limit},
		classes:    lazy.Value[[]supervisor.Class]{Op: "list ClusterClasses", Where: "the Supervisor", Limit: limit},
		ranges:     lazy.Value[askedRanges]{Op: "read the networks of the Supervisor", Where: strings.TrimSpace("vCenter " + config.VCenter.Server), Limit: limit},
		workloads:  map[ids.Cluster]*lazy.Value[*kube.Client]{},
	}
}

// Config gives what the provider block says.
func (s *Set) Config() Config { return s.config }

// InState are the vSphere Namespaces that this process found in a state.
func (s *Set) InState() *Names { return &s.inState }

// SupervisorAway is whether the Supervisor was found to be away.
func (s *Set) SupervisorAway() *Away { return &s.away }

// InventoryAway is whether vCenter's inventory was found to be away, which is
// another part of it than its API.
func (s *Set) InventoryAway() *Away { return &s.inventory }

// Installing are the clusters that this plan installs Velero on.
func (s *Set) Installing() *Names { return &s.installing }

// VCenter gives the client of vCenter.
func (s *Set) VCenter(ctx context.Context) (*vcenter.Client, error) {
	return s.vcenter.Get(ctx, func(context.Context) (*vcenter.Client, error) {
		c := s.config.VCenter
		if err := notKnownYet("vCenter", c.Unknown); err != nil {
			return nil, err
		}
		if c.Server == "" {
			return nil, notConfigured("vCenter", "vcenter.server", "VKS_VCENTER_SERVER")
		}
		if c.Username == "" || c.Password == "" {
			return nil, notConfigured("vCenter", "vcenter.username and vcenter.password", "VKS_USERNAME and VKS_PASSWORD")
		}
		return vcenter.New(vcenter.Config{
			Server: c.Server, Username: c.Username, Password: c.Password, CAPEM: c.CAPEM, Insecure: c.Insecure,
			Timeout: s.config.RequestTimeout, MaxRetries: s.config.MaxRetries,
			RequestsPerSecond: s.config.RequestsPerSecond, UserAgent: s.config.UserAgent,
		})
	})
}

// Supervisor gives the client of the Supervisor's Kubernetes API. Where the
// provider block names no address, vCenter is asked for it.
func (s *Set) Supervisor(ctx context.Context) (*supervisor.Client, error) {
	if err := s.refused(ctx); err != nil {
		return nil, err
	}
	return s.supervisor.Get(ctx, func(ctx context.Context) (*supervisor.Client, error) {
		c := s.config.Supervisor
		unknown := c.Unknown
		if c.logsIn() {
			unknown = slices.Concat(unknown, s.config.VCenter.Unknown)
		}
		if err := notKnownYet("the Supervisor", unknown); err != nil {
			return nil, err
		}
		server := c.Server
		if server == "" && c.KubeconfigFile == "" {
			found, err := s.supervisorEndpoint(ctx)
			if err != nil {
				return nil, err
			}
			server = found
		}
		return supervisor.New(supervisor.Config{
			Server: server, CAPEM: c.CAPEM, Insecure: c.Insecure,
			Username: s.config.VCenter.Username, Password: s.config.VCenter.Password,
			Token: c.Token, TokenFile: c.TokenFile,
			KubeconfigFile: c.KubeconfigFile, KubeconfigContext: c.KubeconfigContext,
			Timeout: s.config.RequestTimeout, MaxRetries: s.config.MaxRetries,
			RequestsPerSecond: s.config.RequestsPerSecond, UserAgent: s.config.UserAgent,
		})
	})
}

// refused gives vCenter's no to the password that a Supervisor would get too:
// each refusal counts towards the lock of the account.
func (s *Set) refused(ctx context.Context) error {
	vc, opened := s.vcenter.Opened()
	if !opened || !s.config.Supervisor.logsIn() {
		return nil
	}
	return vc.Refused(ctx)
}

func (s *Set) supervisorEndpoint(ctx context.Context) (string, error) {
	vc, err := s.VCenter(ctx)
	if errors.Is(err, fault.NotConfigured) && s.config.VCenter.Server == "" && len(s.config.VCenter.Unknown) == 0 {
		return "", notConfigured("the Supervisor", "supervisor.server (or vcenter.server, which is asked for it)", "VKS_SUPERVISOR_SERVER")
	}
	if err != nil {
		return "", err
	}
	return vc.SupervisorEndpoint(ctx, s.config.Supervisor.Name)
}

// Workload gives the client of a workload cluster by its vks_cluster id; ""
// and "-" mean the cluster of the provider's workload block. A cluster that
// does not exist is fault.NotFound.
func (s *Set) Workload(ctx context.Context, clusterID string) (*kube.Client, error) {
	cluster, err := ids.ParseCluster(clusterID)
	if err != nil {
		return nil, &fault.Error{Kind: fault.Invalid, Op: "find workload cluster", Err: err}
	}
	if err := notKnownYet("workload clusters", s.config.Workload.Unknown); err != nil {
		return nil, err
	}
	s.mu.Lock()
	entry := s.workloads[cluster]
	if entry == nil {
		entry = &lazy.Value[*kube.Client]{Op: "connect", Where: "workload cluster " + cluster.String(), Limit: s.config.limits().Longest()}
		s.workloads[cluster] = entry
	}
	s.mu.Unlock()
	return entry.Get(ctx, func(ctx context.Context) (*kube.Client, error) {
		if cluster.IsAttached() {
			return s.attached()
		}
		return s.guest(ctx, cluster)
	})
}

// NamespaceChanged drops what is kept of the Supervisor's side of namespaces.
// The client of vCenter, which made the change, does so for its own.
func (s *Set) NamespaceChanged() {
	if c, ok := s.supervisor.Opened(); ok {
		c.ForgetZones()
	}
}

// Forget drops the connection to a workload cluster that was deleted or replaced.
func (s *Set) Forget(cluster ids.Cluster) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.workloads, cluster)
}

// Velero gives the client of the Velero on a workload cluster.
func (s *Set) Velero(ctx context.Context, clusterID string) (*velero.Client, error) {
	k, err := s.Workload(ctx, clusterID)
	if err != nil {
		return nil, err
	}
	return velero.New(k, clusterID), nil
}

func (s *Set) guest(ctx context.Context, cluster ids.Cluster) (*kube.Client, error) {
	sv, err := s.Supervisor(ctx)
	if err != nil {
		return nil, err
	}
	config, err := sv.GuestConfig(ctx, cluster.Namespace, cluster.Name, s.config.Workload.Auth)
	if err != nil {
		return nil, err
	}
	return kube.New(config, "workload cluster "+cluster.String())
}

func (s *Set) attached() (*kube.Client, error) {
	w := s.config.Workload
	if w.KubeconfigFile == "" {
		return nil, notConfigured("a workload cluster", "workload.kubeconfig_file, or cluster_id of the resource", "VKS_WORKLOAD_KUBECONFIG")
	}
	config, err := kube.LoadKubeconfig(w.KubeconfigFile, w.KubeconfigContext, s.config.limits())
	if err != nil {
		return nil, err
	}
	return kube.New(config, "workload cluster of "+w.KubeconfigFile)
}

// Close logs out of what was opened.
func (s *Set) Close(ctx context.Context) error {
	var errs []error
	if c, ok := s.supervisor.Opened(); ok {
		errs = append(errs, c.Close(ctx))
	}
	if c, ok := s.vcenter.Opened(); ok {
		errs = append(errs, c.Close(ctx))
	}
	return errors.Join(errs...)
}

func notConfigured(what, attribute, variable string) error {
	return &fault.Error{
		Kind: fault.NotConfigured, Op: "connect to " + what,
		Message: "the provider does not know how to reach it",
		Advice:  fmt.Sprintf("Set %s in the provider block, or the environment variable %s.", attribute, variable),
	}
}

// notKnownYet is the error of who needs a connection at plan that is only known
// after apply. It is made on use: most of a plan may do without.
func notKnownYet(what string, attributes []string) error {
	if len(attributes) == 0 {
		return nil
	}
	return &fault.Error{
		Kind: fault.NotConfigured, Op: "connect to " + what,
		Message: "unknown provider attribute: " + strings.Join(attributes, ", ") + " is only known after apply, and is needed to plan this",
		Advice:  "Use a value that is known, or apply what it comes from first (with -target).",
	}
}
