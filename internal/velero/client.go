// Package velero is the client of the Velero on one workload cluster: its
// storage locations, schedules, credentials and the installation itself. It
// speaks Velero's own types. It must not import the plugin framework, govmomi
// or another client package.
package velero

import (
	"context"
	"errors"

	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/kube"
)

// DefaultNamespace is where Velero lives unless told otherwise.
const DefaultNamespace = "velero"

var (
	locationRef = kube.Ref{GVR: velerov1.SchemeGroupVersion.WithResource("backupstoragelocations"), Kind: "BackupStorageLocation"}
	scheduleRef = kube.Ref{GVR: velerov1.SchemeGroupVersion.WithResource("schedules"), Kind: "Schedule"}
	requestRef  = kube.Ref{GVR: velerov1.SchemeGroupVersion.WithResource("serverstatusrequests"), Kind: "ServerStatusRequest"}
	secretRef   = kube.Ref{GVR: schema.GroupVersionResource{Version: "v1", Resource: "secrets"}, Kind: "Secret"}
)

// Client talks to the Velero of one cluster. It is safe for concurrent use.
type Client struct {
	kube    *kube.Client
	cluster string
}

// New makes a client. clusterID names the cluster in messages: a vks_cluster
// id, or "-" or "" for the provider's workload cluster.
func New(k *kube.Client, clusterID string) *Client {
	if clusterID == "-" {
		clusterID = ""
	}
	return &Client{kube: k, cluster: clusterID}
}

// Where names the cluster as users know it.
func (c *Client) Where() string {
	if c.cluster == "" {
		return "the provider's workload cluster"
	}
	return "cluster " + c.cluster
}

// Served reports whether the cluster has Velero's API.
func (c *Client) Served(ctx context.Context) (bool, error) {
	return c.kube.Serves(ctx, velerov1.SchemeGroupVersion.String(), scheduleRef.GVR.Resource)
}

// explain says what is missing when an API of Velero is not served.
func (c *Client) explain(err error) error {
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.RouteAbsent {
		return err
	}
	told := *f
	told.Message = "the cluster does not have Velero's API: its CustomResourceDefinitions are missing"
	told.Advice = c.installAdvice()
	return &told
}

// explainWrite is explain for writes, where NotFound means that the namespace
// is not there: the object itself cannot be missing.
func (c *Client) explainWrite(namespace string, err error) error {
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.NotFound {
		return c.explain(err)
	}
	told := *f
	told.Kind = fault.RouteAbsent
	told.Message = "the cluster has no namespace " + namespace + ", so no Velero runs there"
	told.Advice = c.installAdvice()
	return &told
}

func (c *Client) installAdvice() string {
	return "Velero is not installed on " + c.Where() + ": add a vks_data_protection resource for it (and refer to it, or use depends_on, so that it comes first), or install the Velero add-on. Nothing was removed from state."
}
