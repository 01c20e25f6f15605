package workload

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/kubernetes"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/vksops/terraform-provider-vks/internal/lab/kubeapi"
)

// Nodes is how many Node objects each cluster has. They stand for the
// cluster's machines; nothing runs on them.
const Nodes = 3

// storageClasses are those that the platform syncs into every cluster; the
// first is the default.
var storageClasses = []string{"vsan-default-storage-policy", "vsan-default-storage-policy-latebinding"}

// seed makes what a user finds in a new VKS cluster.
func (c *Cluster) seed(ctx context.Context, server *kubeapi.Server) error {
	api, err := kubernetes.NewForConfig(server.Config())
	if err != nil {
		return err
	}
	for i, name := range storageClasses {
		class := newStorageClass(name, i == 0)
		if _, err := api.StorageV1().StorageClasses().Create(ctx, class, metav1.CreateOptions{}); err != nil {
			return fmt.Errorf("storage class %s: %w", name, err)
		}
	}
	for i := range Nodes {
		node := newNode(fmt.Sprintf("%s-node-%d", c.Name, i+1))
		made, err := api.CoreV1().Nodes().Create(ctx, node, metav1.CreateOptions{})
		if err != nil {
			return fmt.Errorf("node %s: %w", node.Name, err)
		}
		made.Status = node.Status
		if _, err := api.CoreV1().Nodes().UpdateStatus(ctx, made, metav1.UpdateOptions{}); err != nil {
			return fmt.Errorf("status of node %s: %w", node.Name, err)
		}
	}
	return c.seedSnapshots(server)
}

// seedSnapshots makes the types of CSI snapshots and the class that VKS brings along.
func (c *Cluster) seedSnapshots(server *kubeapi.Server) error {
	if c.fleet.options.SnapshotCRDs == "" {
		return nil
	}
	_, err := envtest.InstallCRDs(server.Config(), envtest.CRDInstallOptions{
		Paths: []string{c.fleet.options.SnapshotCRDs}, ErrorIfPathMissing: true,
	})
	if err != nil {
		return fmt.Errorf("snapshot CRDs: %w", err)
	}
	api, err := client.New(server.Config(), client.Options{})
	if err != nil {
		return err
	}
	class := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "snapshot.storage.k8s.io/v1", "kind": "VolumeSnapshotClass",
		"metadata": map[string]any{"name": "volumesnapshotclass-delete"},
		"driver":   "csi.vsphere.vmware.com", "deletionPolicy": "Delete",
	}}
	if err := api.Create(c.fleet.run, class); err != nil {
		return fmt.Errorf("snapshot class: %w", err)
	}
	return nil
}

func newStorageClass(name string, isDefault bool) *storagev1.StorageClass {
	class := &storagev1.StorageClass{
		ObjectMeta:           metav1.ObjectMeta{Name: name},
		Provisioner:          "csi.vsphere.vmware.com",
		Parameters:           map[string]string{"svStorageClass": storageClasses[0]},
		ReclaimPolicy:        ptr.To(corev1.PersistentVolumeReclaimDelete),
		AllowVolumeExpansion: ptr.To(true),
		VolumeBindingMode:    ptr.To(storagev1.VolumeBindingImmediate),
	}
	if isDefault {
		class.Annotations = map[string]string{"storageclass.kubernetes.io/is-default-class": "true"}
	} else {
		class.VolumeBindingMode = ptr.To(storagev1.VolumeBindingWaitForFirstConsumer)
	}
	return class
}

func newNode(name string) *corev1.Node {
	now := metav1.NewTime(time.Now())
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{
			corev1.LabelHostname: name, corev1.LabelOSStable: "linux", corev1.LabelArchStable: "amd64",
		}},
		Status: corev1.NodeStatus{Conditions: []corev1.NodeCondition{{
			Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "KubeletReady",
			Message: "kubelet is posting ready status", LastHeartbeatTime: now, LastTransitionTime: now,
		}}},
	}
}
