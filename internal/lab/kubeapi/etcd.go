package kubeapi

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"github.com/vksops/terraform-provider-vks/internal/lab/await"
	"github.com/vksops/terraform-provider-vks/internal/lab/netport"
	"github.com/vksops/terraform-provider-vks/internal/lab/process"
)

// Etcd is one etcd, which any number of API servers may share: each keeps to a
// key prefix of its own.
type Etcd struct {
	url     string
	process *process.Process
}

// StartEtcd starts etcd with its data and its log below dir.
func StartEtcd(ctx context.Context, binDir, dir string) (*Etcd, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("start etcd: %w", err)
	}
	client, err := netport.Address(ctx)
	if err != nil {
		return nil, fmt.Errorf("start etcd: %w", err)
	}
	peer, err := netport.Address(ctx)
	if err != nil {
		return nil, fmt.Errorf("start etcd: %w", err)
	}
	e := &Etcd{url: "http://" + client}
	e.process, err = process.Start(ctx, process.Spec{
		Name:    "etcd",
		Path:    filepath.Join(binDir, "etcd"),
		Args:    etcdArgs(filepath.Join(dir, "data"), e.url, "http://"+peer),
		LogFile: filepath.Join(dir, "etcd.log"),
	})
	if err != nil {
		return nil, err
	}
	err = await.OKUnless(ctx, "etcd to be healthy", e.process.Exited(), e.process.Err, func(ctx context.Context) error {
		return httpOK(ctx, http.DefaultClient, e.url+"/health")
	})
	if err != nil {
		e.Stop()
		return nil, err
	}
	return e, nil
}

// etcdArgs trades safety for speed: nothing in a lab survives it.
func etcdArgs(data, client, peer string) []string {
	return []string{
		"--name=lab",
		"--data-dir=" + data,
		"--listen-client-urls=" + client,
		"--advertise-client-urls=" + client,
		"--listen-peer-urls=" + peer,
		"--initial-advertise-peer-urls=" + peer,
		"--initial-cluster=lab=" + peer,
		"--unsafe-no-fsync",
		"--log-level=warn",
		"--quota-backend-bytes=4294967296",
		"--auto-compaction-mode=periodic",
		"--auto-compaction-retention=10m",
		"--max-concurrent-streams=10000",
	}
}

// URL is where API servers find it.
func (e *Etcd) URL() string { return e.url }

// Err is nil while it runs.
func (e *Etcd) Err() error { return e.process.Err() }

// Stop ends it. The API servers that use it should be stopped first.
func (e *Etcd) Stop() { stop(e.process) }

// stop ends a process with its grace; what it could not end is in its log.
func stop(p *process.Process) {
	if p != nil {
		_ = p.Stop(context.Background())
	}
}

func httpOK(ctx context.Context, client *http.Client, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, response.Status)
	}
	return nil
}
