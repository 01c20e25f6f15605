package objectstore

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// Client is the owner's client of the store, past the seam, so that what a
// test looks up is not in the log of requests.
func (s *Store) Client() (*minio.Client, error) { return s.client(s.gatewayURL.Host) }

func (s *Store) client(host string) (*minio.Client, error) {
	return minio.New(host, &minio.Options{
		Creds:  credentials.NewStaticV4(s.root.Access, s.root.Secret, ""),
		Region: Region,
	})
}

// Objects lists the keys of a bucket that start with prefix.
func (s *Store) Objects(ctx context.Context, bucket, prefix string) ([]string, error) {
	client, err := s.Client()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx) // ends the listing when it is left early
	defer cancel()
	var keys []string
	for object := range client.ListObjects(ctx, bucket, minio.ListObjectsOptions{Prefix: prefix, Recursive: true}) {
		if object.Err != nil {
			return nil, fmt.Errorf("list objects of bucket %s: %w", bucket, object.Err)
		}
		keys = append(keys, object.Key)
	}
	return keys, nil
}

// CreateUser adds a user who may use every bucket.
func (s *Store) CreateUser(ctx context.Context, keys Keys) error {
	return s.admin(ctx, "create-user", "--access", keys.Access, "--secret", keys.Secret, "--role", "admin")
}

// DeleteUser makes the keys of a user invalid at once.
func (s *Store) DeleteUser(ctx context.Context, accessKey string) error {
	return s.admin(ctx, "delete-user", "--access", accessKey)
}

// admin uses the gateway's own command line: its admin API has no Go client.
// The owner's keys go by the environment; the new user's can only be arguments.
func (s *Store) admin(ctx context.Context, command string, args ...string) error {
	cmd := exec.CommandContext(ctx, filepath.Join(s.options.BinDir, "versitygw"),
		append([]string{"admin", "--endpoint-url", s.gatewayURL.String(), command}, args...)...)
	cmd.Env = append(os.Environ(),
		"ADMIN_ACCESS_KEY_ID="+s.root.Access, "ADMIN_SECRET_ACCESS_KEY="+s.root.Secret, "ADMIN_REGION="+Region)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("versitygw admin %s: %w: %s", command, err, strings.TrimSpace(string(out)))
	}
	return nil
}
