// Package attached is the hand of somebody else in tests: it looks at, changes
// and deletes objects of the lab's attached workload cluster, without the
// provider's own client. It must not import a service or a client package.
package attached

import (
	"context"
	"encoding/base64"
	"os"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
)

const variable = "VKS_WORKLOAD_KUBECONFIG"

// What tests look at.
var (
	Locations   = schema.GroupVersionResource{Group: "velero.io", Version: "v1", Resource: "backupstoragelocations"}
	Schedules   = schema.GroupVersionResource{Group: "velero.io", Version: "v1", Resource: "schedules"}
	Requests    = schema.GroupVersionResource{Group: "velero.io", Version: "v1", Resource: "serverstatusrequests"}
	Secrets     = schema.GroupVersionResource{Version: "v1", Resource: "secrets"}
	Namespaces  = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
	Deployments = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}
	DaemonSets  = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "daemonsets"}
)

// Cluster is the attached cluster.
type Cluster struct {
	dynamic.Interface
	t   *testing.T
	ctx context.Context // the test's, but it outlives the test for clean-up
}

// New reaches the cluster; it skips the test where there is none.
func New(t *testing.T) *Cluster {
	t.Helper()
	restConfig, err := clientcmd.BuildConfigFromFlags("", Kubeconfig(t))
	if err != nil {
		t.Fatal(err)
	}
	client, err := dynamic.NewForConfig(restConfig)
	if err != nil {
		t.Fatal(err)
	}
	return &Cluster{Interface: client, t: t, ctx: context.WithoutCancel(t.Context())}
}

var point sync.Once

// Kubeconfig is the file that reaches the cluster. The provider finds it in its
// environment: a configuration directory of a test cannot have a provider block.
func Kubeconfig(t *testing.T) string {
	t.Helper()
	acctest.Env(t)
	point.Do(func() {
		if file := os.Getenv("LAB_WORKLOAD_KUBECONFIG"); file != "" {
			_ = os.Setenv(variable, file) //nolint:usetesting // for all tests of the process, which run in parallel
		}
	})
	file := os.Getenv(variable)
	if file == "" {
		t.Skip("no attached workload cluster: set LAB_DIR or " + variable)
	}
	return file
}

// Store adds the variables of the lab's object store, and its keys, where they
// are not given.
func Store(more config.Variables) config.Variables {
	for key, name := range map[string]string{
		"url": "LAB_S3_URL", "bucket": "LAB_S3_BUCKET", "access_key": "LAB_S3_ACCESS_KEY", "secret_key": "LAB_S3_SECRET_KEY",
	} {
		if _, ok := more[key]; !ok {
			more[key] = config.StringVariable(os.Getenv(name))
		}
	}
	return more
}

// Get reads an object; nil when it is not there.
func (c *Cluster) Get(gvr schema.GroupVersionResource, namespace, name string) *unstructured.Unstructured {
	c.t.Helper()
	obj, err := c.Resource(gvr).Namespace(namespace).Get(c.ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		c.t.Fatal(err)
	}
	return obj
}

// Patch merges a patch into an object, as kubectl patch would.
func (c *Cluster) Patch(gvr schema.GroupVersionResource, namespace, name, patch string) {
	c.t.Helper()
	_, err := c.Resource(gvr).Namespace(namespace).Patch(c.ctx, name, types.MergePatchType, []byte(patch), metav1.PatchOptions{FieldManager: "kubectl-edit"})
	if err != nil {
		c.t.Fatal(err)
	}
}

// Create creates an object.
func (c *Cluster) Create(gvr schema.GroupVersionResource, obj map[string]any) {
	c.t.Helper()
	u := &unstructured.Unstructured{Object: obj}
	if _, err := c.Resource(gvr).Namespace(u.GetNamespace()).Create(c.ctx, u, metav1.CreateOptions{}); err != nil {
		c.t.Fatal(err)
	}
}

// Delete deletes an object.
func (c *Cluster) Delete(gvr schema.GroupVersionResource, namespace, name string) {
	c.t.Helper()
	err := c.Resource(gvr).Namespace(namespace).Delete(c.ctx, name, metav1.DeleteOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		c.t.Fatal(err)
	}
}

// SecretText gives the text under a key of a Secret, "" when it is not there.
func (c *Cluster) SecretText(namespace, name, key string) string {
	c.t.Helper()
	secret := c.Get(Secrets, namespace, name)
	if secret == nil {
		return ""
	}
	encoded, _, _ := unstructured.NestedString(secret.Object, "data", key)
	text, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		c.t.Fatal(err)
	}
	return string(text)
}

// Count gives how many objects there are.
func (c *Cluster) Count(gvr schema.GroupVersionResource, namespace string) int {
	c.t.Helper()
	list, err := c.Resource(gvr).Namespace(namespace).List(c.ctx, metav1.ListOptions{})
	if err != nil {
		c.t.Fatal(err)
	}
	return len(list.Items)
}
