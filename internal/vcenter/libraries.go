package vcenter

import (
	"context"
	"net/url"

	"golang.org/x/sync/errgroup"

	"github.com/vksops/terraform-provider-vks/internal/fault"
)

const (
	librariesPath = "/api/content/library"
	// librariesAtOnce bounds the requests that run beside each other.
	librariesAtOnce = 8
)

// ContentLibrary is a content library of vCenter. Names need not be unique.
type ContentLibrary struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// ContentLibraries gives all content libraries, local and subscribed: a request
// for the list of ids and one for each library, for the life of the client. A
// search by name would be a POST, which accounts that only read may not do.
//
// https://developer.broadcom.com/xapis/vsphere-automation-api/latest/content/library/get/
func (c *Client) ContentLibraries(ctx context.Context) ([]ContentLibrary, error) {
	return c.libraries.get(ctx, c.listLibraries)
}

func (c *Client) listLibraries(ctx context.Context) ([]ContentLibrary, error) {
	var ids []string
	if err := c.get(ctx, "list content libraries", librariesPath, &ids); err != nil {
		return nil, err
	}
	found := make([]ContentLibrary, len(ids))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(librariesAtOnce)
	for i, id := range ids {
		g.Go(func() error {
			err := c.get(ctx, "read content library "+id, librariesPath+"/"+url.PathEscape(id), &found[i])
			if fault.IsNotFound(err) {
				return nil // removed since it was listed
			}
			found[i].ID = id
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	list := make([]ContentLibrary, 0, len(found))
	for _, library := range found {
		if library.ID != "" {
			list = append(list, library)
		}
	}
	return list, nil
}
