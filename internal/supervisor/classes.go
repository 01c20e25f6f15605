package supervisor

import (
	"context"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

const (
	// PublicNamespace holds the ClusterClasses of VKS 3.4 and later.
	PublicNamespace = "vmware-system-vks-public"
	// builtinPrefix is of the classes that VKS brings.
	builtinPrefix = "builtin-generic-"

	minVersionKey = "kubernetes.vmware.com/min-version-supported"
	maxVersionKey = "kubernetes.vmware.com/max-version-supported"
)

// Class is one of the built-in ClusterClasses, with the versions of Kubernetes
// that it takes. An end that is not told is empty.
type Class struct{ Name, Lowest, Highest string }

// Classes lists the built-in ClusterClasses.
func (c *Client) Classes(ctx context.Context) ([]Class, error) {
	objects, err := c.classObjects(ctx, PublicNamespace)
	if err != nil {
		return nil, err
	}
	var classes []Class
	for i := range objects {
		if name := objects[i].GetName(); strings.HasPrefix(name, builtinPrefix) {
			lowest, highest := window(&objects[i])
			classes = append(classes, Class{Name: name, Lowest: lowest, Highest: highest})
		}
	}
	return classes, nil
}

// classObjects are the ClusterClasses of a namespace, in the version of the
// Cluster API that is served.
func (c *Client) classObjects(ctx context.Context, namespace string) ([]unstructured.Unstructured, error) {
	d, ref, err := c.clusters(ctx)
	if err != nil {
		return nil, err
	}
	gv, err := schema.ParseGroupVersion(string(d))
	if err != nil {
		return nil, err
	}
	ref.GVR, ref.Kind = gv.WithResource("clusterclasses"), "ClusterClass"
	list, err := c.kube.List(ctx, ref.In(namespace, ""), "")
	if err != nil {
		return nil, err
	}
	return list.Items, nil
}

// window gives the lowest and highest version that a class takes.
func window(class *unstructured.Unstructured) (lowest, highest string) {
	about := class.GetLabels()
	if about[minVersionKey] == "" && about[maxVersionKey] == "" {
		about = class.GetAnnotations()
	}
	return about[minVersionKey], about[maxVersionKey]
}
