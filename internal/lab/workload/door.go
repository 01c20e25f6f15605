package workload

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/vksops/terraform-provider-vks/internal/lab/kubeapi"
	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
)

// Headers by which the API server believes the front door.
const (
	userHeader  = "X-Remote-User"
	groupHeader = "X-Remote-Group"
)

// randomLoopback avoids 127.0.x.x, where people and distributions put things.
func randomLoopback() string {
	return fmt.Sprintf("127.%d.%d.%d", 16+rand.IntN(200), rand.IntN(256), 1+rand.IntN(254))
}

func (c *Cluster) openDoor(listener net.Listener) error {
	certificate, err := c.ca.TLS(c.host, "localhost", "kubernetes", "kubernetes.default.svc")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.fleet.options.LogDir, 0o755); err != nil {
		return err
	}
	logFile, err := os.OpenFile(filepath.Join(c.fleet.options.LogDir, "workload-doors.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	var handler http.Handler = http.HandlerFunc(c.serve)
	if c.fleet.options.Seam != nil {
		handler = c.fleet.options.Seam.Wrap("workload/"+c.Namespace+"/"+c.Name, handler)
	}
	c.door = &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: time.Minute,
		ErrorLog:          log.New(logFile, c.id+": ", log.LstdFlags),
		TLSConfig: &tls.Config{
			Certificates: []tls.Certificate{certificate},
			ClientCAs:    c.ca.Pool(),
			ClientAuth:   tls.VerifyClientCertIfGiven,
			NextProtos:   []string{"h2", "http/1.1"},
			MinVersion:   tls.VersionTLS12,
		},
	}
	go func() {
		defer func() { _ = logFile.Close() }()
		_ = c.door.ServeTLS(listener, "", "")
	}()
	return nil
}

// serve passes a request to the API server, which it starts when it must.
func (c *Cluster) serve(w http.ResponseWriter, r *http.Request) {
	s, err := c.ensure(r.Context())
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	s.proxy.ServeHTTP(w, r)
}

// identity is who the front door itself knows a caller to be. An empty user is
// somebody the API server has to judge: a service account, or nobody.
type identity struct {
	user   string
	groups []string
}

// identify reads client certificates of the cluster and tokens of the
// Supervisor. As on the platform, who may edit the vSphere Namespace is the
// cluster's administrator; anybody else has what RBAC in the cluster gives to
// the name.
func (c *Cluster) identify(r *http.Request) identity {
	if r.TLS != nil && len(r.TLS.VerifiedChains) > 0 {
		subject := r.TLS.PeerCertificates[0].Subject
		return identity{subject.CommonName, subject.Organization}
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if c.fleet.options.Auth == nil || !strings.EqualFold(scheme, "Bearer") {
		return identity{}
	}
	user, groups, err := c.fleet.options.Auth.Authenticate(strings.TrimSpace(token))
	if err != nil {
		return identity{}
	}
	if edit, _ := c.fleet.options.Auth.GuestRole(r.Context(), user, groups, c.Namespace); edit {
		groups = append(groups[:len(groups):len(groups)], "system:masters")
	}
	traffic.SetUser(r.Context(), user)
	return identity{user, groups}
}

// newProxy has two ways to the server: over one the front door says who asks,
// over the other it says nothing.
func (c *Cluster) newProxy(server *kubeapi.Server) (http.Handler, error) {
	trusted, target, err := server.FrontProxy()
	if err != nil {
		return nil, err
	}
	anonymous, err := server.Anonymous()
	if err != nil {
		return nil, err
	}
	known, unknown := reverse(trusted, target), reverse(anonymous, target)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who := c.identify(r)
		r = r.Clone(r.Context())
		r.Header.Del(userHeader)
		r.Header.Del(groupHeader)
		if who.user == "" {
			unknown.ServeHTTP(w, r)
			return
		}
		r.Header.Del("Authorization")
		r.Header.Set(userHeader, who.user)
		for _, group := range who.groups {
			r.Header.Add(groupHeader, group)
		}
		known.ServeHTTP(w, r)
	}), nil
}

func reverse(transport http.RoundTripper, target *url.URL) http.Handler {
	return &httputil.ReverseProxy{
		Transport:     transport,
		FlushInterval: -1, // watches are streams
		Rewrite:       func(p *httputil.ProxyRequest) { p.SetURL(target) },
		ErrorHandler:  badGateway,
	}
}

func badGateway(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(r.Context().Err(), context.Canceled) {
		return // nobody is listening
	}
	http.Error(w, err.Error(), http.StatusBadGateway)
}
