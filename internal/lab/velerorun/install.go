package velerorun

import (
	"context"
	"errors"
	"fmt"

	"github.com/vmware-tanzu/velero/pkg/install"
	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/vksops/terraform-provider-vks/internal/lab/await"
)

// The images that the lab's own installation names; none is ever pulled.
const (
	veleroImage = "velero/velero:v1.18.3"
	pluginImage = "velero/velero-plugin-for-aws:v1.14.3"
)

// Installation says with what Velero is installed in a cluster that has it
// from the start.
type Installation struct {
	Namespace            string
	Bucket, Prefix       string
	S3URL                string
	AccessKey, SecretKey string
}

// Install does what `velero install` does, with Velero's own code for the
// objects, and waits until the default location is available.
func Install(ctx context.Context, config *rest.Config, in Installation) error {
	objects := install.AllResources(&install.VeleroOptions{
		Namespace: in.Namespace, Image: veleroImage, Plugins: []string{pluginImage},
		ProviderName: "aws", Bucket: in.Bucket, Prefix: in.Prefix,
		BSLConfig: map[string]string{
			"region": "us-east-1", "s3ForcePathStyle": "true", "s3Url": in.S3URL,
		},
		SecretData: fmt.Appendf(nil, "[default]\naws_access_key_id=%s\naws_secret_access_key=%s\n",
			in.AccessKey, in.SecretKey),
		UploaderType: "kopia", UseNodeAgent: true,
	})
	c, err := client.New(config, client.Options{})
	if err != nil {
		return fmt.Errorf("install Velero: %w", err)
	}
	for i := range objects.Items {
		object := &objects.Items[i]
		// A new type takes a moment to be served.
		err := await.OK(ctx, object.GetKind()+" "+object.GetName(), func(ctx context.Context) error {
			err := c.Create(ctx, object)
			if apierrors.IsAlreadyExists(err) {
				return nil
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("install Velero: %w", err)
		}
	}
	return awaitAvailable(ctx, c, in.Namespace)
}

func awaitAvailable(ctx context.Context, c client.Client, namespace string) error {
	return await.OK(ctx, "Velero to be available", func(ctx context.Context) error {
		var d appsv1.Deployment
		if err := c.Get(ctx, client.ObjectKey{Namespace: namespace, Name: deploymentName}, &d); err != nil {
			return err
		}
		if d.Status.AvailableReplicas == 0 {
			return errors.New("its Deployment has no available replica")
		}
		location := &unstructured.Unstructured{}
		location.SetAPIVersion("velero.io/v1")
		location.SetKind("BackupStorageLocation")
		if err := c.Get(ctx, client.ObjectKey{Namespace: namespace, Name: "default"}, location); err != nil {
			return err
		}
		phase, _, _ := unstructured.NestedString(location.Object, "status", "phase")
		message, _, _ := unstructured.NestedString(location.Object, "status", "message")
		if phase != "Available" {
			return fmt.Errorf("its default location is %q: %s", phase, message)
		}
		return nil
	})
}
