package workload

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/vksops/terraform-provider-vks/internal/lab/kubeapi"
	"github.com/vksops/terraform-provider-vks/internal/lab/pki"
)

// startTimeout is for one API server on a machine that is busy with others.
const startTimeout = 3 * time.Minute

// incarnations tells a cluster from an earlier one of the same name, whose
// keys are still in the shared etcd.
var incarnations atomic.Int64

// Cluster is one workload cluster.
type Cluster struct {
	Namespace, Name string

	fleet      *Fleet
	id         string
	uid        string // the Supervisor's, of the Cluster; empty when it has none
	host       string
	url        string
	ca         *pki.CA
	kubeconfig []byte
	door       *http.Server

	mu     sync.Mutex
	start  *start
	closed bool
}

// start is one attempt to bring the API server up, which many requests await.
type start struct {
	done   chan struct{}
	server *kubeapi.Server
	proxy  http.Handler
	extras func()
	err    error
}

func (f *Fleet) open(ctx context.Context, namespace, name string) (*Cluster, error) {
	c := &Cluster{Namespace: namespace, Name: name, fleet: f}
	c.id = fmt.Sprintf("%s.%s.%d", namespace, name, incarnations.Add(1))
	if namespace == AttachedNamespace {
		c.id = name
	}
	listener, err := listen(ctx)
	if err != nil {
		return nil, err
	}
	c.host, _, _ = net.SplitHostPort(listener.Addr().String()) // a listener's address is well formed
	c.url = "https://" + listener.Addr().String()
	if c.ca, err = pki.NewCA(name + "-ca"); err == nil {
		c.kubeconfig, err = c.newKubeconfig()
	}
	if err == nil {
		err = c.openDoor(listener)
	}
	if err != nil {
		_ = listener.Close()
		return nil, err
	}
	return c, nil
}

// newKubeconfig names things as Cluster API does in the Secret of a cluster.
func (c *Cluster) newKubeconfig() ([]byte, error) {
	cert, certKey, err := c.ca.Client("kubernetes-admin", "system:masters")
	if err != nil {
		return nil, err
	}
	user := c.Name + "-admin"
	return clientcmd.Write(clientcmdapi.Config{
		Clusters:       map[string]*clientcmdapi.Cluster{c.Name: {Server: c.url, CertificateAuthorityData: c.ca.CertPEM()}},
		AuthInfos:      map[string]*clientcmdapi.AuthInfo{user: {ClientCertificateData: cert, ClientKeyData: certKey}},
		Contexts:       map[string]*clientcmdapi.Context{user + "@" + c.Name: {Cluster: c.Name, AuthInfo: user}},
		CurrentContext: user + "@" + c.Name,
	})
}

// Kubeconfig is the administrator's, through the front door.
func (c *Cluster) Kubeconfig() []byte { return append([]byte(nil), c.kubeconfig...) }

// ID tells the cluster from every other of this lab, earlier ones of the same
// name included.
func (c *Cluster) ID() string { return c.id }

// URL is the front door.
func (c *Cluster) URL() string { return c.url }

// Server is the API server behind the door, started when it is not there.
// After a failure the next call tries again.
func (c *Cluster) Server(ctx context.Context) (*kubeapi.Server, error) {
	s, err := c.ensure(ctx)
	if err != nil {
		return nil, err
	}
	return s.server, nil
}

func (c *Cluster) ensure(ctx context.Context) (*start, error) {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return nil, errors.New("the cluster is deleted")
	}
	if c.start == nil || c.start.failed() {
		c.start = &start{done: make(chan struct{})}
		go c.bringUp(c.start)
	}
	s := c.start
	c.mu.Unlock()
	select {
	case <-s.done:
		return s, s.err
	case <-ctx.Done():
		return nil, fmt.Errorf("the API server is still starting: %w", ctx.Err())
	}
}

func (s *start) failed() bool {
	select {
	case <-s.done:
		return s.err != nil
	default:
		return false
	}
}

// err says whether an API server that had come up has died.
func (c *Cluster) err() error {
	c.mu.Lock()
	s := c.start
	c.mu.Unlock()
	if s == nil {
		return nil
	}
	select {
	case <-s.done:
		if s.err == nil {
			return s.server.Err()
		}
		return nil // whoever asked for it was told
	default:
		return nil
	}
}

// bringUp belongs to no request: it goes on when the first one gives up.
func (c *Cluster) bringUp(s *start) {
	defer close(s.done)
	ctx, cancel := context.WithTimeout(c.fleet.run, startTimeout)
	defer cancel()
	select {
	case c.fleet.starting <- struct{}{}:
		defer func() { <-c.fleet.starting }()
	case <-ctx.Done():
		s.err = ctx.Err()
		return
	}
	if s.err = c.bringUpServer(ctx, s); s.err != nil && s.server != nil {
		s.server.Stop()
	}
}

func (c *Cluster) bringUpServer(ctx context.Context, s *start) (err error) {
	s.server, err = kubeapi.Start(ctx, kubeapi.Options{
		Name:              c.id,
		BinDir:            c.fleet.options.BinDir,
		Dir:               filepath.Join(c.fleet.options.Dir, c.id),
		LogDir:            c.fleet.options.LogDir,
		Etcd:              c.fleet.etcd,
		ControllerManager: true,
	})
	if err != nil {
		return err
	}
	if err := c.seed(ctx, s.server); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	if c.fleet.options.OnStart != nil {
		if s.extras, err = c.fleet.options.OnStart(c.fleet.run, c, s.server); err != nil {
			return err
		}
	}
	s.proxy, err = c.newProxy(s.server)
	return err
}

// stop closes the door, lets a start that is under way end, and stops the server.
func (c *Cluster) stop() {
	c.mu.Lock()
	c.closed = true
	s := c.start
	c.mu.Unlock()
	_ = c.door.Close()
	if s != nil {
		<-s.done
		if s.extras != nil {
			s.extras()
		}
		if s.server != nil {
			s.server.Stop()
		}
	}
	cleanUp(filepath.Join(c.fleet.options.Dir, c.id))
}

// apiPort is where VKS clusters listen, and where clients that only know an
// address look for them.
const apiPort = 6443

// listen takes a loopback address that nobody uses at the API port. All of
// 127.0.0.0/8 is there on Linux; elsewhere only 127.0.0.1 is, and then the port
// is any, which a login by password cannot find but a kubeconfig can.
func listen(ctx context.Context) (net.Listener, error) {
	var config net.ListenConfig
	var last error
	for range 50 {
		address := net.JoinHostPort(randomLoopback(), strconv.Itoa(apiPort))
		listener, err := config.Listen(ctx, "tcp", address)
		if err == nil {
			return listener, nil
		}
		last = err
	}
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(last, err)
	}
	return listener, nil
}
