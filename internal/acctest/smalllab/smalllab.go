// Package smalllab gives a test a vCenter of its own, of a version, a size and
// contents that no other test depends on: for what a platform that others use
// cannot do. It looks at it, and changes it, with plain HTTP requests: the hand
// of somebody else. It must not import a service or a client package.
package smalllab

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
	"github.com/vksops/terraform-provider-vks/internal/lab/contract"
	"github.com/vksops/terraform-provider-vks/internal/lab/pki"
	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
	"github.com/vksops/terraform-provider-vks/internal/lab/vcenter"
)

// The lab's administrator.
const (
	Admin    = "administrator@vsphere.local"
	Password = "VMware1!"
)

// Lab is a vCenter that lives as long as its test.
type Lab struct {
	*vcenter.VCenter
	Seam   *traffic.Seam
	CAFile string
	CAPEM  []byte

	http  *http.Client
	token string
}

// New starts one. When the test ends, every request and reply that broke the
// API's description of the release fails it.
func New(t *testing.T, o vcenter.Options) *Lab {
	t.Helper()
	acctest.Env(t)
	ca, err := pki.NewCA("test")
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := ca.TLS("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	l := &Lab{Seam: traffic.New(), CAFile: filepath.Join(t.TempDir(), "ca.pem"), CAPEM: ca.CertPEM()}
	if err := os.WriteFile(l.CAFile, l.CAPEM, 0o600); err != nil {
		t.Fatal(err)
	}
	if o.Schemas, err = contract.FromEnv(); err != nil {
		t.Fatal(err)
	}
	o.TLS, o.Seam = &certificate, l.Seam
	if l.VCenter, err = vcenter.Start(context.WithoutCancel(t.Context()), o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		l.Stop()
		for _, v := range l.Seam.Violations() {
			t.Errorf("the contract of vCenter %s was broken: %s", o.Version, v)
		}
	})
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(l.CAPEM)
	l.http = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}}
	t.Cleanup(l.http.CloseIdleConnections)
	return l
}
