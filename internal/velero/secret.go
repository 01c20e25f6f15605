package velero

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Secret reads a Secret of Velero's namespace.
func (c *Client) Secret(ctx context.Context, namespace, name string) (*corev1.Secret, error) {
	obj, err := c.kube.Get(ctx, secretRef.In(namespace, name))
	if err != nil {
		return nil, err
	}
	return typed[corev1.Secret](obj)
}

// ApplySecret writes a Secret that this provider owns: data is all that it holds.
func (c *Client) ApplySecret(ctx context.Context, namespace, name string, data map[string][]byte) error {
	ref := secretRef.In(namespace, name)
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}, Type: corev1.SecretTypeOpaque, Data: data}
	obj, err := untyped(ref, secret)
	if err != nil {
		return err
	}
	_, err = c.kube.Apply(ctx, ref, obj, applyForce)
	return c.explainWrite(namespace, err)
}

// DeleteSecret deletes a Secret.
func (c *Client) DeleteSecret(ctx context.Context, namespace, name string) error {
	return c.remove(ctx, secretRef.In(namespace, name))
}

// Owned reports whether this provider made the Secret.
func Owned(labels map[string]string) bool { return labels[managedByLabel] == managedBy }
