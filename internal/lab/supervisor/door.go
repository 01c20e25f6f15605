package supervisor

import (
	"context"
	"crypto/tls"
	"errors"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

// startDoors opens the front door, and beside it the one of a Supervisor that
// has only the older Cluster API.
func (s *Supervisor) startDoors(ctx context.Context) error {
	listener := s.opts.Listener
	if listener == nil {
		var err error
		if listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0"); err != nil {
			return err
		}
	}
	var err error
	if s.door, err = s.newDoor(listener, s.rewriteKubeconfigSecrets, nil); err != nil {
		return err
	}
	s.url = "https://" + listener.Addr().String()

	older, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	rewrite := func(res *http.Response) error {
		return errors.Join(s.rewriteKubeconfigSecrets(res), hideNewerAPI(res))
	}
	if s.olderDoor, err = s.newDoor(older, rewrite, s.refuseNewerAPI); err != nil {
		return err
	}
	s.olderURL = "https://" + older.Addr().String()
	for listener, server := range map[net.Listener]*http.Server{listener: s.door, older: s.olderDoor} {
		go func() { _ = server.ServeTLS(listener, "", "") }()
	}
	return nil
}

// newDoor makes the server of HTTPS: /wcp/* by itself and the Kubernetes API as
// the user of the token. There is no way through it without a token. What comes
// from the API server is rewritten; before may answer in its place.
func (s *Supervisor) newDoor(
	listener net.Listener, rewrite func(*http.Response) error, before func(http.Handler) http.Handler,
) (*http.Server, error) {
	host, _, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return nil, err
	}
	cert, err := s.opts.CA.TLS(host, "localhost")
	if err != nil {
		return nil, err
	}
	proxy, err := s.newProxy(rewrite)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /wcp/login", s.login)
	mux.HandleFunc("GET /wcp/workloads", s.listWorkloads)
	mux.HandleFunc("GET /wcp/loginbanner", loginBanner)
	mux.HandleFunc("/wcp/", http.NotFound)
	mux.Handle("/", proxy)

	var handler http.Handler = mux
	if before != nil {
		handler = before(handler)
	}
	if s.opts.Seam != nil {
		handler = s.opts.Seam.Wrap("supervisor", handler)
	}
	errorLog, err := s.logger("front-door.log")
	if err != nil {
		return nil, err
	}
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 30 * time.Second,
		ErrorLog:          errorLog,
		TLSConfig:         &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}},
	}, nil
}

// logger writes what a server complains about to a file of its own: a client
// that goes away is no news for the terminal.
func (s *Supervisor) logger(name string) (*log.Logger, error) {
	f, err := os.OpenFile(filepath.Join(s.opts.Dir, "logs", name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	return log.New(f, "", log.LstdFlags), nil
}

// newProxy passes requests to the API server with the administrator's
// certificate, impersonating the user of the token: RBAC decides.
func (s *Supervisor) newProxy(rewrite func(*http.Response) error) (http.Handler, error) {
	target, err := url.Parse(s.admin.Host)
	if err != nil {
		return nil, err
	}
	transport, err := rest.TransportFor(s.admin)
	if err != nil {
		return nil, err
	}
	errorLog, err := s.logger("front-door.log")
	if err != nil {
		return nil, err
	}
	proxy := &httputil.ReverseProxy{
		Transport:      transport,
		FlushInterval:  -1, // watches are streams
		ErrorLog:       errorLog,
		Rewrite:        func(p *httputil.ProxyRequest) { p.SetURL(target) },
		ModifyResponse: rewrite,
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, groups, err := s.Authenticate(bearer(r))
		if err != nil {
			writeStatus(w, unauthorized(err))
			return
		}
		r = r.Clone(r.Context())
		for header := range r.Header {
			if strings.HasPrefix(header, "Impersonate-") {
				r.Header.Del(header) // or a tenant could be anybody
			}
		}
		r.Header.Del("Authorization")
		r.Header.Set("Impersonate-User", user)
		for _, g := range groups {
			r.Header.Add("Impersonate-Group", g)
		}
		forceReadableSecrets(r)
		proxy.ServeHTTP(w, r)
	}), nil
}

func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

func unauthorized(err error) *metav1.Status {
	message := "Unauthorized"
	if errors.Is(err, errTokenExpired) {
		message = "Unauthorized: " + err.Error()
	}
	return &metav1.Status{
		TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"},
		Status:   metav1.StatusFailure, Message: message,
		Reason: metav1.StatusReasonUnauthorized, Code: http.StatusUnauthorized,
	}
}
