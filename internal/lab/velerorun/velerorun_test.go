package velerorun_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/vksops/terraform-provider-vks/internal/lab/await"
	"github.com/vksops/terraform-provider-vks/internal/lab/kubeapi"
	"github.com/vksops/terraform-provider-vks/internal/lab/labtest"
	"github.com/vksops/terraform-provider-vks/internal/lab/objectstore"
	"github.com/vksops/terraform-provider-vks/internal/lab/pki"
	"github.com/vksops/terraform-provider-vks/internal/lab/velerorun"
)

type bench struct {
	client.Client
	store  *objectstore.Store
	server *kubeapi.Server
}

func newBench(ctx context.Context, t *testing.T) *bench {
	t.Helper()
	bin := labtest.Bin(t, "etcd", "kube-apiserver", "kube-controller-manager", "velero", "versitygw")
	plugins := filepath.Join(bin, "..", "velero-plugins")
	if _, err := os.Stat(filepath.Join(plugins, "velero-plugin-for-aws")); err != nil {
		t.Skip("velero-plugin-for-aws is not built: run make setup")
	}
	dir := t.TempDir()
	ca, err := pki.NewCA("test")
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{}
	if b.store, err = objectstore.Start(ctx, objectstore.Options{BinDir: bin, Dir: filepath.Join(dir, "s3"), CA: ca}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.store.Stop)
	b.server, err = kubeapi.Start(ctx, kubeapi.Options{Name: "w", BinDir: bin, Dir: filepath.Join(dir, "api"), ControllerManager: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.server.Stop)
	runner, err := velerorun.Start(ctx, velerorun.Options{
		BinDir: bin, PluginDir: plugins, Dir: filepath.Join(dir, "velero"), LogDir: filepath.Join(dir, "logs"),
	}, velerorun.Cluster{Name: "w", Config: b.server.Config(), Kubeconfig: b.server.Kubeconfig, Nodes: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(runner.Stop)
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), velerov1.AddToScheme(scheme)); err != nil {
		t.Fatal(err)
	}
	if b.Client, err = client.New(b.server.Config(), client.Options{Scheme: scheme}); err != nil {
		t.Fatal(err)
	}
	return b
}

// TestVelero takes one installation through its life: two of them at once would
// only slow each other down.
func TestVelero(t *testing.T) {
	t.Parallel()
	ctx := labtest.Context(t)
	b := newBench(ctx, t)
	err := velerorun.Install(ctx, b.server.Config(), velerorun.Installation{
		Namespace: "velero", Bucket: "velero", Prefix: "w", S3URL: b.store.URL(),
		AccessKey: b.store.Root().Access, SecretKey: b.store.Root().Secret,
	})
	if err != nil {
		t.Fatal(err)
	}
	b.checkDaemonSet(ctx, t)
	b.checkBackupAndRestore(ctx, t)
	b.checkMissingImage(ctx, t)
}

func (b *bench) checkDaemonSet(ctx context.Context, t *testing.T) {
	t.Helper()
	b.await(ctx, t, "the node agent", func(ctx context.Context) error {
		var d appsv1.DaemonSet
		if err := b.Get(ctx, client.ObjectKey{Namespace: "velero", Name: "node-agent"}, &d); err != nil {
			return err
		}
		if d.Status.NumberReady != 2 || d.Status.ObservedGeneration != d.Generation {
			return fmt.Errorf("status %+v", d.Status)
		}
		return nil
	})
}

func (b *bench) checkBackupAndRestore(ctx context.Context, t *testing.T) {
	t.Helper()
	b.create(ctx, t,
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "tenant"}},
		&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "tenant", Name: "precious"}, Data: map[string]string{"a": "b"}},
		&velerov1.Backup{ObjectMeta: metav1.ObjectMeta{Namespace: "velero", Name: "one"}, Spec: velerov1.BackupSpec{IncludedNamespaces: []string{"tenant"}}},
	)
	b.await(ctx, t, "the backup", func(ctx context.Context) error {
		var backup velerov1.Backup
		if err := b.Get(ctx, client.ObjectKey{Namespace: "velero", Name: "one"}, &backup); err != nil {
			return err
		}
		if backup.Status.Phase != velerov1.BackupPhaseCompleted {
			return fmt.Errorf("status %+v", backup.Status)
		}
		return nil
	})
	objects, err := b.store.Objects(ctx, "velero", "w/backups/one/")
	if err != nil || len(objects) == 0 {
		t.Errorf("objects in the store: %v, %v", objects, err)
	}
	b.create(ctx, t, &velerov1.Restore{ObjectMeta: metav1.ObjectMeta{Namespace: "velero", Name: "one"}, Spec: velerov1.RestoreSpec{
		BackupName: "one", NamespaceMapping: map[string]string{"tenant": "drill"},
	}})
	b.await(ctx, t, "the restored object", func(ctx context.Context) error {
		return b.Get(ctx, client.ObjectKey{Namespace: "drill", Name: "precious"}, &corev1.ConfigMap{})
	})
}

// checkMissingImage also sees the server stop: the Deployment says that nothing is available.
func (b *bench) checkMissingImage(ctx context.Context, t *testing.T) {
	t.Helper()
	key := client.ObjectKey{Namespace: "velero", Name: "velero"}
	var d appsv1.Deployment
	if err := b.Get(ctx, key, &d); err != nil {
		t.Fatal(err)
	}
	changed := d.DeepCopy()
	changed.Spec.Template.Spec.Containers[0].Image = "registry.example.com/velero:does-not-exist"
	seconds := int32(1)
	changed.Spec.ProgressDeadlineSeconds = &seconds
	if err := b.Patch(ctx, changed, client.MergeFrom(&d)); err != nil {
		t.Fatal(err)
	}
	b.await(ctx, t, "the deadline to pass", func(ctx context.Context) error {
		if err := b.Get(ctx, key, &d); err != nil {
			return err
		}
		for _, c := range d.Status.Conditions {
			if c.Reason == "ProgressDeadlineExceeded" && d.Status.AvailableReplicas == 0 {
				return nil
			}
		}
		return fmt.Errorf("status %+v", d.Status)
	})
}

// TestNoServiceAccount has a Deployment whose pods nobody would create.
func TestNoServiceAccount(t *testing.T) {
	t.Parallel()
	ctx := labtest.Context(t)
	b := newBench(ctx, t)
	labels := map[string]string{"deploy": "velero"}
	b.create(ctx, t,
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "velero"}},
		&appsv1.Deployment{
			ObjectMeta: metav1.ObjectMeta{Namespace: "velero", Name: "velero"},
			Spec: appsv1.DeploymentSpec{
				Selector: &metav1.LabelSelector{MatchLabels: labels},
				Template: corev1.PodTemplateSpec{
					ObjectMeta: metav1.ObjectMeta{Labels: labels},
					Spec: corev1.PodSpec{
						ServiceAccountName: "absent",
						Containers:         []corev1.Container{{Name: "velero", Image: "velero/velero", Args: []string{"server"}}},
					},
				},
			},
		})
	b.await(ctx, t, "the failure", func(ctx context.Context) error {
		var d appsv1.Deployment
		if err := b.Get(ctx, client.ObjectKey{Namespace: "velero", Name: "velero"}, &d); err != nil {
			return err
		}
		for _, c := range d.Status.Conditions {
			if c.Type == appsv1.DeploymentReplicaFailure && strings.Contains(c.Message, `"absent" not found`) {
				return nil
			}
		}
		return fmt.Errorf("status %+v", d.Status)
	})
}

func (b *bench) create(ctx context.Context, t *testing.T, objects ...client.Object) {
	t.Helper()
	for _, object := range objects {
		if err := b.Create(ctx, object); err != nil {
			t.Fatal(err)
		}
	}
}

func (b *bench) await(ctx context.Context, t *testing.T, what string, try func(context.Context) error) {
	t.Helper()
	if err := await.OK(ctx, what, try); err != nil {
		t.Fatal(err)
	}
}
