package kube

import (
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/vksops/terraform-provider-vks/internal/fault"
)

// discoveryTTL is short: a CRD may be installed in the same apply.
const discoveryTTL = 10 * time.Second

// Serves reports whether the server has the resource in this group and
// version, such as ("cluster.x-k8s.io/v1beta2", "clusters"). Answers are kept:
// a yes for the life of the client, a no for some seconds.
func (c *Client) Serves(ctx context.Context, groupVersion, resource string) (bool, error) {
	group, err := c.servedGroup(ctx, groupVersion)
	if fault.IsNotFound(err) || fault.KindOf(err) == fault.RouteAbsent {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for _, r := range group {
		if r.Name == resource {
			return true, nil
		}
	}
	return false, nil
}

func (c *Client) servedGroup(ctx context.Context, groupVersion string) ([]metav1.APIResource, error) {
	c.mu.Lock()
	known, ok := c.served[groupVersion]
	c.mu.Unlock()
	if ok && (known.err == nil || c.clock.Since(known.asked) < discoveryTTL) {
		return known.resources, known.err
	}
	answer := servedGroup{asked: c.clock.Now()}
	list := &metav1.APIResourceList{}
	err := c.discovery.RESTClient().Get().AbsPath("/apis/" + groupVersion).Do(ctx).Into(list)
	if err != nil {
		answer.err = c.fault("discover "+groupVersion, err)
	} else {
		answer.resources = list.APIResources
	}
	c.mu.Lock()
	c.served[groupVersion] = answer
	c.mu.Unlock()
	return answer.resources, answer.err
}

// Version is the server's Kubernetes version, such as "v1.33.1".
func (c *Client) Version(ctx context.Context) (string, error) {
	version := struct {
		GitVersion string `json:"gitVersion"`
	}{}
	raw, err := c.discovery.RESTClient().Get().AbsPath("/version").Do(ctx).Raw()
	if err != nil {
		return "", c.fault("read version", err)
	}
	return version.GitVersion, decode(raw, &version)
}
