// Package objectstore is the lab's S3: versitygw on loopback, behind a door of
// our own that the traffic seam watches. The same objects are served over HTTP
// and, with a certificate of the lab's CA, over HTTPS.
package objectstore

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/vksops/terraform-provider-vks/internal/lab/await"
	"github.com/vksops/terraform-provider-vks/internal/lab/netport"
	"github.com/vksops/terraform-provider-vks/internal/lab/pki"
	"github.com/vksops/terraform-provider-vks/internal/lab/process"
	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
)

// Region is the only one there is.
const Region = "us-east-1"

// Options say what store to run. BinDir, Dir and CA are required.
type Options struct {
	BinDir string
	// Dir receives the objects, and the log unless LogDir is set.
	Dir    string
	LogDir string
	CA     *pki.CA
	Seam   *traffic.Seam // nil: no request log, no faults
	// Buckets are made at the start; nil means "velero".
	Buckets []string
}

// Keys are one user's.
type Keys struct{ Access, Secret string }

// Store is a running object store.
type Store struct {
	options      Options
	root, second Keys

	gateway     *process.Process
	gatewayURL  *url.URL
	doors       []*http.Server
	url, tlsURL string
	transport   *http.Transport
}

// Start starts the store and returns when its buckets and users are there.
func Start(ctx context.Context, o Options) (*Store, error) {
	if o.LogDir == "" {
		o.LogDir = o.Dir
	}
	if o.Buckets == nil {
		o.Buckets = []string{"velero"}
	}
	s := &Store{options: o, root: newKeys(), second: newKeys()}
	if err := s.start(ctx); err != nil {
		s.Stop()
		return nil, fmt.Errorf("start object store: %w", err)
	}
	return s, nil
}

func (s *Store) start(ctx context.Context) error {
	if err := s.startGateway(ctx); err != nil {
		return err
	}
	if err := s.openDoors(ctx); err != nil {
		return err
	}
	client, err := s.client(s.gatewayURL.Host)
	if err != nil {
		return err
	}
	for _, bucket := range s.options.Buckets {
		err := await.OKUnless(ctx, "bucket "+bucket, s.gateway.Exited(), s.gateway.Err, func(ctx context.Context) error {
			return makeBucket(ctx, client, bucket)
		})
		if err != nil {
			return err
		}
	}
	return s.CreateUser(ctx, s.second)
}

func (s *Store) startGateway(ctx context.Context) error {
	data, iam := filepath.Join(s.options.Dir, "objects"), filepath.Join(s.options.Dir, "iam")
	for _, dir := range []string{data, iam} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	address, err := netport.Address(ctx)
	if err != nil {
		return err
	}
	s.gatewayURL = &url.URL{Scheme: "http", Host: address}
	s.gateway, err = process.Start(ctx, process.Spec{
		Name: "versitygw",
		Path: filepath.Join(s.options.BinDir, "versitygw"),
		// Without the IAM cache a revoked key is refused at once.
		Args: []string{
			"--port", address, "--region", Region, "--quiet", "--keep-alive",
			"--iam-dir", iam, "--iam-cache-disable", "posix", data,
		},
		Env:     []string{"ROOT_ACCESS_KEY=" + s.root.Access, "ROOT_SECRET_KEY=" + s.root.Secret},
		LogFile: filepath.Join(s.options.LogDir, "versitygw.log"),
	})
	return err
}

// openDoors keeps the Host header as the client sent it: it is signed.
func (s *Store) openDoors(ctx context.Context) error {
	file, err := process.OpenLog(filepath.Join(s.options.LogDir, "s3-doors.log"))
	if err != nil {
		return err
	}
	errorLog := log.New(file, "", log.LstdFlags)
	s.transport = &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}
	proxy := &httputil.ReverseProxy{
		Transport: s.transport,
		ErrorLog:  errorLog,
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(s.gatewayURL)
			p.Out.Host = p.In.Host
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, err.Error(), http.StatusBadGateway)
		},
	}
	var handler http.Handler = proxy
	if s.options.Seam != nil {
		handler = s.options.Seam.Wrap("s3", proxy)
	}
	certificate, err := s.options.CA.TLS("127.0.0.1", "localhost")
	if err != nil {
		return err
	}
	plain, err := s.openDoor(ctx, handler, errorLog, nil)
	if err != nil {
		return err
	}
	secure, err := s.openDoor(ctx, handler, errorLog, &tls.Config{Certificates: []tls.Certificate{certificate}})
	if err != nil {
		return err
	}
	s.url, s.tlsURL = "http://"+plain, "https://"+secure
	return nil
}

func (s *Store) openDoor(ctx context.Context, handler http.Handler, errorLog *log.Logger, secure *tls.Config) (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	address := listener.Addr().String()
	if secure != nil {
		listener = tls.NewListener(listener, secure)
	}
	door := &http.Server{Handler: handler, ErrorLog: errorLog, ReadHeaderTimeout: time.Minute}
	s.doors = append(s.doors, door)
	go func() { _ = door.Serve(listener) }()
	return address, nil
}

func makeBucket(ctx context.Context, client *minio.Client, bucket string) error {
	err := client.MakeBucket(ctx, bucket, minio.MakeBucketOptions{Region: Region})
	var answer minio.ErrorResponse
	if errors.As(err, &answer) && answer.Code == "BucketAlreadyOwnedByYou" {
		return nil
	}
	return err
}

// URL is the store over HTTP.
func (s *Store) URL() string { return s.url }

// TLSURL is the store over HTTPS, with a certificate of the lab's CA.
func (s *Store) TLSURL() string { return s.tlsURL }

// Buckets are those made at the start.
func (s *Store) Buckets() []string { return append([]string(nil), s.options.Buckets...) }

// Root are the keys of the store's owner.
func (s *Store) Root() Keys { return s.root }

// Second are the keys of another user, who may use every bucket too: what a
// rotation of credentials changes to.
func (s *Store) Second() Keys { return s.second }

// Err is nil while the store runs.
func (s *Store) Err() error { return s.gateway.Err() }

// Stop ends the store.
func (s *Store) Stop() {
	for _, door := range s.doors {
		_ = door.Close()
	}
	if s.transport != nil {
		s.transport.CloseIdleConnections()
	}
	if s.gateway != nil {
		_ = s.gateway.Stop(context.Background())
	}
}

func newKeys() Keys {
	return Keys{Access: "LAB" + randomHex(8), Secret: randomHex(20)}
}

func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // it never fails
	return hex.EncodeToString(b)
}
