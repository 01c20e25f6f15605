package velero

import (
	"context"

	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
)

// Location reads a BackupStorageLocation.
func (c *Client) Location(ctx context.Context, namespace, name string) (*velerov1.BackupStorageLocation, error) {
	return get[velerov1.BackupStorageLocation](ctx, c, locationRef.In(namespace, name))
}

// Locations reads all BackupStorageLocations of the Velero in namespace.
func (c *Client) Locations(ctx context.Context, namespace string) ([]velerov1.BackupStorageLocation, error) {
	return list[velerov1.BackupStorageLocation](ctx, c, locationRef.In(namespace, ""))
}

// ApplyLocation makes the location's spec be what l says, and gives what is stored.
func (c *Client) ApplyLocation(ctx context.Context, l *velerov1.BackupStorageLocation) (*velerov1.BackupStorageLocation, error) {
	return apply(ctx, c, locationRef.In(l.Namespace, l.Name), l)
}

// FinishLocation says that the creation of the location has come to its end.
func (c *Client) FinishLocation(ctx context.Context, namespace, name string) error {
	return c.finish(ctx, locationRef.In(namespace, name))
}

// RevalidateLocation asks Velero to validate the location anew, within some ten
// seconds. Velero does that for any location whose lastValidationTime is empty,
// whatever its validationFrequency (velero internal/storage/storagelocation.go,
// IsReadyToValidate); an annotation or a changed Secret does not make it look.
func (c *Client) RevalidateLocation(ctx context.Context, namespace, name string) (*velerov1.BackupStorageLocation, error) {
	obj, err := c.kube.MergePatch(ctx, locationRef.In(namespace, name), []byte(`{"status":{"lastValidationTime":null}}`))
	if err != nil {
		return nil, c.explain(err)
	}
	return typed[velerov1.BackupStorageLocation](obj)
}

// FollowLocation watches the location until ctx ends: changes tells when it is
// worth to look, look gives the latest state.
func (c *Client) FollowLocation(ctx context.Context, namespace, name string) (changes <-chan struct{}, look func(context.Context) (*velerov1.BackupStorageLocation, error)) {
	return follow[velerov1.BackupStorageLocation](ctx, c, locationRef.In(namespace, name))
}

// DeleteLocation deletes the location; backups in its bucket remain.
func (c *Client) DeleteLocation(ctx context.Context, namespace, name string) error {
	return c.remove(ctx, locationRef.In(namespace, name))
}
