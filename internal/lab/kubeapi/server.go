// Package kubeapi runs Kubernetes API servers for the lab: kube-apiserver with
// etcd, and the few controllers of kube-controller-manager without which
// namespaces never go away and owner references mean nothing. No kubelet, no
// scheduler: nothing runs in these clusters.
//
// The programs are started directly and not through envtest, which has an etcd
// of its own for each server, no logs, and leaves both behind when it is killed.
package kubeapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/vksops/terraform-provider-vks/internal/lab/await"
	"github.com/vksops/terraform-provider-vks/internal/lab/netport"
	"github.com/vksops/terraform-provider-vks/internal/lab/pki"
	"github.com/vksops/terraform-provider-vks/internal/lab/process"
)

// attempts covers the rare case that a port found free is taken before use.
const attempts = 3

// Options says what API server to run.
type Options struct {
	// Name is the cluster's name in kubeconfigs, in log file names and below
	// which it keeps its keys in a shared etcd.
	Name string
	// BinDir holds etcd, kube-apiserver and kube-controller-manager.
	BinDir string
	// Dir receives certificates, and logs unless LogDir is set.
	Dir    string
	LogDir string
	// Etcd is shared with other servers; nil starts one for this server alone.
	Etcd *Etcd
	// ControllerManager starts the controllers beside the server.
	ControllerManager bool
	// ServiceCIDR is the range of service addresses.
	ServiceCIDR string
	// ExtraArgs replace or add kube-apiserver flags, named without the dashes.
	// A nil value drops a default.
	ExtraArgs map[string][]string
}

// Server is a running API server.
type Server struct {
	options Options
	url     string
	// ca signs servers and users; proxyCA signs nobody but the front proxy.
	ca, proxyCA *pki.CA
	config      *rest.Config

	ownEtcd     *Etcd
	api         *process.Process
	controllers *process.Process
	stopOnce    sync.Once
}

// Start starts the server and returns when it answers and its built-in objects exist.
func Start(ctx context.Context, o Options) (*Server, error) {
	s := &Server{options: o}
	if err := s.start(ctx); err != nil {
		s.Stop()
		return nil, fmt.Errorf("start API server %s: %w", o.Name, err)
	}
	return s, nil
}

func (s *Server) start(ctx context.Context) (err error) {
	if err := s.prepare(); err != nil {
		return err
	}
	if s.options.Etcd == nil {
		s.ownEtcd, err = StartEtcd(ctx, s.options.BinDir, filepath.Join(s.options.Dir, "etcd"))
		if err != nil {
			return err
		}
		s.options.Etcd = s.ownEtcd
	}
	for attempt := 1; ; attempt++ {
		err = s.startAPI(ctx)
		if err == nil {
			break
		}
		if attempt == attempts || !strings.Contains(err.Error(), "address already in use") {
			return err
		}
	}
	if s.options.ControllerManager {
		return s.startControllers(ctx)
	}
	return nil
}

// prepare makes the certificates and the directories.
func (s *Server) prepare() (err error) {
	if s.options.LogDir == "" {
		s.options.LogDir = s.options.Dir
	}
	if s.options.ServiceCIDR == "" {
		s.options.ServiceCIDR = "10.96.0.0/16"
	}
	if err := os.MkdirAll(s.options.Dir, 0o755); err != nil {
		return err
	}
	if s.ca, err = pki.NewCA(s.options.Name + "-ca"); err != nil {
		return err
	}
	if s.proxyCA, err = pki.NewCA(s.options.Name + "-front-proxy-ca"); err != nil {
		return err
	}
	return s.writeCertificates()
}

func (s *Server) writeCertificates() error {
	if _, _, err := s.ca.WriteServer(s.options.Dir, "localhost", "127.0.0.1", "kubernetes.default.svc"); err != nil {
		return err
	}
	// The key that signs service account tokens needs no certificate, only the pair.
	_, key, err := s.ca.Client("service-accounts")
	if err != nil {
		return err
	}
	for name, data := range map[string][]byte{
		"ca.crt": s.ca.CertPEM(), "front-proxy-ca.crt": s.proxyCA.CertPEM(), "sa.key": key,
	} {
		if err := os.WriteFile(s.path(name), data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) startAPI(ctx context.Context) error {
	port, err := netport.Free(ctx)
	if err != nil {
		return err
	}
	s.url = fmt.Sprintf("https://127.0.0.1:%d", port)
	if s.config, err = s.clientConfig("kubernetes-admin", "system:masters"); err != nil {
		return err
	}
	s.api, err = process.Start(ctx, process.Spec{
		Name:    "kube-apiserver of " + s.options.Name,
		Path:    filepath.Join(s.options.BinDir, "kube-apiserver"),
		Args:    s.apiArgs(port),
		Env:     frugal,
		LogFile: filepath.Join(s.options.LogDir, s.options.Name+"-kube-apiserver.log"),
	})
	if err != nil {
		return err
	}
	return s.awaitAPI(ctx)
}

// awaitAPI waits for the health check, and for the namespaces that the server
// makes in the background after it.
func (s *Server) awaitAPI(ctx context.Context) error {
	client, err := rest.HTTPClientFor(s.config)
	if err != nil {
		return err
	}
	err = await.OKUnless(ctx, "/readyz", s.api.Exited(), s.api.Err, func(ctx context.Context) error {
		return httpOK(ctx, client, s.url+"/readyz")
	})
	if err != nil {
		return err
	}
	api, err := kubernetes.NewForConfigAndClient(s.config, client)
	if err != nil {
		return err
	}
	for _, name := range []string{metav1.NamespaceDefault, metav1.NamespaceSystem} {
		err := await.OKUnless(ctx, "namespace "+name, s.api.Exited(), s.api.Err, func(ctx context.Context) error {
			_, err := api.CoreV1().Namespaces().Get(ctx, name, metav1.GetOptions{})
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) startControllers(ctx context.Context) error {
	kubeconfig, err := s.Kubeconfig("system:kube-controller-manager", "system:masters")
	if err != nil {
		return err
	}
	if err := os.WriteFile(s.path("controllers.kubeconfig"), kubeconfig, 0o600); err != nil {
		return err
	}
	s.controllers, err = process.Start(ctx, process.Spec{
		Name:    "kube-controller-manager of " + s.options.Name,
		Path:    filepath.Join(s.options.BinDir, "kube-controller-manager"),
		Args:    s.controllerArgs(),
		Env:     frugal,
		LogFile: filepath.Join(s.options.LogDir, s.options.Name+"-kube-controller-manager.log"),
	})
	if err != nil {
		return err
	}
	api, err := kubernetes.NewForConfig(s.config)
	if err != nil {
		return err
	}
	// The default service account is what the controllers make first.
	return await.OKUnless(ctx, "the controllers to work", s.controllers.Exited(), s.controllers.Err, func(ctx context.Context) error {
		_, err := api.CoreV1().ServiceAccounts(corev1.NamespaceDefault).Get(ctx, "default", metav1.GetOptions{})
		return err
	})
}

// URL is the server's own address, without any front door.
func (s *Server) URL() string { return s.url }

// Config is the administrator's, without client-side limits to speak of. It is a copy.
func (s *Server) Config() *rest.Config { return rest.CopyConfig(s.config) }

// Err is nil while the server, its controllers and its own etcd run.
func (s *Server) Err() error {
	errs := []error{s.api.Err()}
	if s.ownEtcd != nil {
		errs = append(errs, s.ownEtcd.Err())
	}
	if s.controllers != nil {
		errs = append(errs, s.controllers.Err())
	}
	return errors.Join(errs...)
}

// Kubeconfig is a file for a user with a client certificate of this server's CA.
func (s *Server) Kubeconfig(user string, groups ...string) ([]byte, error) {
	config, err := s.clientConfig(user, groups...)
	if err != nil {
		return nil, err
	}
	name := s.options.Name
	return clientcmd.Write(clientcmdapi.Config{
		Clusters: map[string]*clientcmdapi.Cluster{name: {
			Server: config.Host, CertificateAuthorityData: config.CAData,
		}},
		AuthInfos: map[string]*clientcmdapi.AuthInfo{user: {
			ClientCertificateData: config.CertData, ClientKeyData: config.KeyData,
		}},
		Contexts:       map[string]*clientcmdapi.Context{name: {Cluster: name, AuthInfo: user}},
		CurrentContext: name,
	})
}

// FrontProxy is a connection over which X-Remote-User and X-Remote-Group say
// who asks, for front doors that have authenticated the caller themselves.
func (s *Server) FrontProxy() (http.RoundTripper, *url.URL, error) {
	cert, key, err := s.proxyCA.Client("front-proxy")
	if err != nil {
		return nil, nil, err
	}
	config := &rest.Config{Host: s.url, TLSClientConfig: rest.TLSClientConfig{
		CAData: s.ca.CertPEM(), CertData: cert, KeyData: key,
	}}
	transport, err := rest.TransportFor(config)
	if err != nil {
		return nil, nil, err
	}
	target, err := url.Parse(s.url)
	return transport, target, err
}

// Anonymous is a connection that says nothing of who asks: what the caller
// sends along, a service account's token, decides.
func (s *Server) Anonymous() (http.RoundTripper, error) {
	return rest.TransportFor(&rest.Config{TLSClientConfig: rest.TLSClientConfig{CAData: s.ca.CertPEM()}})
}

// Stop ends the server, its controllers, and its etcd when that is its own.
func (s *Server) Stop() {
	s.stopOnce.Do(func() {
		stop(s.controllers)
		stop(s.api)
		if s.ownEtcd != nil {
			s.ownEtcd.Stop()
		}
	})
}

func (s *Server) clientConfig(user string, groups ...string) (*rest.Config, error) {
	cert, key, err := s.ca.Client(user, groups...)
	if err != nil {
		return nil, err
	}
	return &rest.Config{
		Host:            s.url,
		QPS:             1000,
		Burst:           2000,
		TLSClientConfig: rest.TLSClientConfig{CAData: s.ca.CertPEM(), CertData: cert, KeyData: key},
	}, nil
}

func (s *Server) path(name string) string { return filepath.Join(s.options.Dir, name) }
