package kube

import (
	"context"
	"errors"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/vksops/terraform-provider-vks/internal/fault"
)

// discoveryTTL is short: a CRD may be installed in the same apply.
const discoveryTTL = 10 * time.Second

// servedGroup is what is known of a group and version: its resources, none
// where it is not served.
type servedGroup struct {
	resources []metav1.APIResource
	asked     time.Time
}

// Serves reports whether the server has the resource in this group and
// version, such as ("cluster.x-k8s.io/v1beta2", "clusters"). Answers are kept:
// a yes for the life of the client, a no for some seconds. A no may end in the
// removal of something from state: it takes an API server to say it.
func (c *Client) Serves(ctx context.Context, groupVersion, resource string) (bool, error) {
	group, err := c.servedGroup(ctx, groupVersion)
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
	if ok && (len(known.resources) > 0 || c.clock.Since(known.asked) < discoveryTTL) {
		return known.resources, nil
	}
	asked, list := c.clock.Now(), &metav1.APIResourceList{}
	op := "discover " + groupVersion
	err := c.fault(op, c.rest.Get().AbsPath("/apis/"+groupVersion).Do(ctx).Into(list))
	if errors.Is(err, fault.RouteAbsent) {
		err = c.isAPIServer(ctx, op)
	}
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.served[groupVersion] = servedGroup{resources: list.APIResources, asked: asked}
	c.mu.Unlock()
	return list.APIResources, nil
}

// isAPIServer makes sure of who said that a page is not found: every server
// that is written in Go says it in the same words, proxies among them.
func (c *Client) isAPIServer(ctx context.Context, op string) error {
	groups := &metav1.APIGroupList{}
	err := c.fault(op, c.rest.Get().AbsPath("/apis").Do(ctx).Into(groups))
	var said *fault.Error
	if errors.As(err, &said) && said.Op != op {
		return err // a login that found no Supervisor says more
	}
	if errors.Is(err, fault.RouteAbsent) || err == nil && len(groups.Groups) == 0 {
		f := &fault.Error{Op: op, Where: c.where, Err: err}
		stranger(f, pageNotFound)
		return f
	}
	return err
}
