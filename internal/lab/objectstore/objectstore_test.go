package objectstore_test

import (
	"crypto/tls"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/vksops/terraform-provider-vks/internal/lab/labtest"
	"github.com/vksops/terraform-provider-vks/internal/lab/objectstore"
	"github.com/vksops/terraform-provider-vks/internal/lab/pki"
	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
)

func start(t *testing.T) (*objectstore.Store, *pki.CA, *traffic.Seam) {
	t.Helper()
	bin := labtest.Bin(t, "versitygw")
	ca, err := pki.NewCA("test")
	if err != nil {
		t.Fatal(err)
	}
	seam := traffic.New()
	store, err := objectstore.Start(labtest.Context(t), objectstore.Options{BinDir: bin, Dir: t.TempDir(), CA: ca, Seam: seam})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Stop)
	return store, ca, seam
}

// client goes through the door, as Velero does.
func client(t *testing.T, store *objectstore.Store, keys objectstore.Keys, ca *pki.CA) *minio.Client {
	t.Helper()
	options := &minio.Options{Creds: credentials.NewStaticV4(keys.Access, keys.Secret, ""), Region: objectstore.Region}
	address := strings.TrimPrefix(store.URL(), "http://")
	if ca != nil {
		options.Secure = true
		options.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: ca.Pool()}}
		address = strings.TrimPrefix(store.TLSURL(), "https://")
	}
	c, err := minio.New(address, options)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestObjects(t *testing.T) {
	t.Parallel()
	store, ca, seam := start(t)
	ctx := labtest.Context(t)
	put := func(c *minio.Client, key string) error {
		_, err := c.PutObject(ctx, "velero", key, strings.NewReader(key), int64(len(key)), minio.PutObjectOptions{})
		return err
	}
	if err := put(client(t, store, store.Root(), nil), "backups/one"); err != nil {
		t.Fatal(err)
	}
	if err := put(client(t, store, store.Second(), ca), "backups/two"); err != nil {
		t.Fatal(err)
	}
	got, err := store.Objects(ctx, "velero", "backups/")
	if err != nil || strings.Join(got, " ") != "backups/one backups/two" {
		t.Errorf("objects %v, %v", got, err)
	}
	logged := seam.Requests(func(r traffic.Request) bool { return r.Target == "s3" && r.Method == http.MethodPut })
	if len(logged) != 2 {
		t.Errorf("%d uploads in the log", len(logged))
	}
}

func TestRevokedKeysAreRefused(t *testing.T) {
	t.Parallel()
	store, _, _ := start(t)
	ctx := labtest.Context(t)
	list := func(keys objectstore.Keys) error {
		_, err := client(t, store, keys, nil).ListBuckets(ctx)
		return err
	}
	if err := list(store.Second()); err != nil {
		t.Fatal(err)
	}
	if err := store.DeleteUser(ctx, store.Second().Access); err != nil {
		t.Fatal(err)
	}
	var answer minio.ErrorResponse
	if err := list(store.Second()); !errors.As(err, &answer) || answer.Code != "InvalidAccessKeyId" {
		t.Errorf("revoked keys: %v", err)
	}
	if err := store.CreateUser(ctx, store.Second()); err != nil {
		t.Fatal(err)
	}
	if err := list(store.Second()); err != nil {
		t.Errorf("keys given back: %v", err)
	}
}
