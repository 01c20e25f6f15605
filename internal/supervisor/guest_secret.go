package supervisor

import (
	"context"
	"encoding/base64"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/kube"
)

var secrets = kube.Ref{GVR: schema.GroupVersionResource{Version: "v1", Resource: "secrets"}, Kind: "Secret"}

// guestSecret reads <cluster>-kubeconfig. It is there before the nodes are, and
// one of an earlier cluster of the name may be there as well: live, which is read
// where it is nil, tells.
func (c *Client) guestSecret(ctx context.Context, namespace, name string, live *Cluster) (*GuestAccess, error) {
	op := "read the kubeconfig of VKS cluster " + namespace + "/" + name
	secret, err := c.kube.Get(ctx, secrets.In(namespace, name+"-kubeconfig"))
	if fault.IsNotFound(err) {
		return nil, c.unreachable(ctx, op, namespace, name, err)
	}
	if err != nil {
		return nil, secretForbidden(namespace, err)
	}
	if live == nil {
		// Whoever may read the Secret, but no clusters, goes on without a look at its age.
		live, err = c.GetCluster(ctx, namespace, name)
		if err != nil && fault.KindOf(err) != fault.Forbidden {
			return nil, missing(namespace, name, err)
		}
	}
	if live != nil && !live.owns(secret) {
		f := c.fail(fault.Unsupported, op, "Secret %s/%s-kubeconfig is of an earlier cluster of this name", namespace, name)
		f.Advice = "It is replaced while the new control plane comes up: wait, then run the same command again. If it stays, delete that Secret, and the platform makes a new one; " +
			"better, give the cluster a name that was never used in the namespace."
		return nil, f
	}
	access, err := c.fromSecret(op, secret)
	if err == nil && !access.Expires.IsZero() && !c.clock.Now().Before(access.Expires) {
		f := c.fail(fault.Unsupported, op, "the certificate in Secret %s/%s-kubeconfig ended at %s", namespace, name, access.Expires.UTC().Format(time.RFC3339))
		f.Advice = "The platform renews it long before: look at the health of the Supervisor's controllers. The SSO login (workload.auth = \"login\") does not need it."
		return nil, f
	}
	return access, err
}

func (c *Client) fromSecret(op string, secret *unstructured.Unstructured) (*GuestAccess, error) {
	encoded, _, _ := unstructured.NestedString(secret.Object, "data", "value")
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(raw) == 0 {
		return nil, c.fail(fault.Unsupported, op, "Secret %s/%s has no kubeconfig under the key value", secret.GetNamespace(), secret.GetName())
	}
	config, err := clientcmd.RESTConfigFromKubeConfig(raw)
	if err != nil {
		// What the parser says may quote what it could not read.
		return nil, c.fail(fault.Unsupported, op, "what Secret %s/%s has under the key value is no kubeconfig", secret.GetNamespace(), secret.GetName())
	}
	return &GuestAccess{
		Server: config.Host, CAPEM: config.CAData, Token: config.BearerToken,
		ClientCertPEM: config.CertData, ClientKeyPEM: config.KeyData, Expires: certificateEnd(config.CertData),
	}, nil
}

// owns reports whether a Secret was made for this incarnation of the cluster. The
// controller of its control plane owns it, whose object has another name in each.
func (c *Cluster) owns(secret *unstructured.Unstructured) bool {
	told := false
	for _, owner := range secret.GetOwnerReferences() {
		switch owner.Kind {
		case clusterKind:
			if told = true; owner.UID == c.UID() {
				return true
			}
		case "KubeadmControlPlane":
			if told = true; owner.Name == node(c.object.Object).at("spec", "controlPlaneRef").text("name") {
				return true
			}
		}
	}
	made, since := secret.GetCreationTimestamp(), c.object.GetCreationTimestamp()
	return !told && !made.Before(&since)
}

// secretForbidden: who may read clusters may not read their Secrets by that.
func secretForbidden(namespace string, err error) error {
	return fault.Advise(err, fault.Forbidden, "The administrator's kubeconfig of a cluster is in a Secret of the vSphere Namespace "+namespace+": to read it takes EDIT or OWNER there (permissions of vks_namespace). "+
		"The SSO login (workload.auth = \"login\") needs less: what the user may do in the cluster is then the cluster's own RBAC.")
}
