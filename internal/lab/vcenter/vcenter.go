package vcenter

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25"
)

// VCenter is one running vCenter.
type VCenter struct {
	opts    Options
	version version
	url     *url.URL

	model *simulator.Model
	inner *simulator.Server // vcsim's own server, for what it asks of itself; nobody else knows its port
	vim   *vim25.Client     // in-process, without a session
	inv   *inventory
	rest  innerREST
	gate  gate

	server *http.Server
	ctx    context.Context // the life of the instance, which its background work follows
	cancel context.CancelFunc
	stop   sync.Once
	work   sync.WaitGroup
	pools  sync.Mutex // one change of the pool tree at a time

	accounts map[string]*account // by lower-case user@domain; never changes
	login    sync.Mutex          // guards failures and locked: the simulator checks passwords while mu is held
	failures map[string][]time.Time
	locked   map[string]time.Time

	mu           sync.Mutex
	sessions     map[string]*session
	soapSessions map[string]time.Time
	soapEnded    map[string]bool
	supervisors  []*supervisor
	zones        map[string]string // zone -> description
	policies     []Policy
	classes      map[string]*vmClass
	libraries    []ContentLibrary
	namespaces   map[string]*record
	forced       map[string][]string // namespace -> messages of a forced ERROR
	usage        map[string]cachedUsage
}

// Start builds the inventory and serves it until Stop or the end of ctx.
func Start(ctx context.Context, o Options) (*VCenter, error) {
	o = o.withDefaults()
	ver, err := parseVersion(o.Version)
	if err != nil {
		return nil, err
	}
	// The contract is that of the release that this vCenter says it is.
	if o.Schemas, err = o.Schemas.For(o.Version); err != nil {
		return nil, err
	}
	v := &VCenter{
		opts: o, version: ver,
		accounts: map[string]*account{}, sessions: map[string]*session{},
		soapSessions: map[string]time.Time{}, soapEnded: map[string]bool{},
		failures: map[string][]time.Time{}, locked: map[string]time.Time{},
		zones: map[string]string{}, policies: o.StoragePolicies, classes: defaultClasses(),
		namespaces: map[string]*record{}, forced: map[string][]string{}, usage: map[string]cachedUsage{},
	}
	v.ctx, v.cancel = context.WithCancel(ctx)
	v.addAccounts()
	if err := v.build(); err != nil {
		v.Stop()
		return nil, fmt.Errorf("build vCenter: %w", err)
	}
	if err := v.serve(); err != nil {
		v.Stop()
		return nil, fmt.Errorf("serve vCenter: %w", err)
	}
	context.AfterFunc(ctx, v.Stop)
	return v, nil
}

func (v *VCenter) addAccounts() {
	v.accounts[strings.ToLower(v.opts.Username)] = newAccount(v.opts.Username, User{Password: v.opts.Password, Groups: []string{"Administrators"}}, true)
	for login, u := range v.opts.Users {
		v.accounts[strings.ToLower(login)] = newAccount(login, u, false)
	}
}

func (v *VCenter) build() error {
	if err := v.buildInventory(); err != nil {
		return err
	}
	if err := v.startInner(); err != nil {
		return err
	}
	if err := v.buildSupervisors(); err != nil {
		return err
	}
	return v.buildLibraries()
}

// serve opens the door that clients use: the seam, then the handlers of this package, then the simulator's.
func (v *VCenter) serve() error {
	ln, err := (&net.ListenConfig{}).Listen(v.ctx, "tcp", v.opts.Listen)
	if err != nil {
		return err
	}
	v.url = &url.URL{Scheme: "http", Host: ln.Addr().String()}
	v.server = &http.Server{Handler: v.opts.Seam.Wrap(Target, v.routes()), ErrorLog: v.opts.ErrorLog, ReadHeaderTimeout: time.Minute}
	if v.opts.TLS != nil {
		v.url.Scheme = "https"
		// HTTP/1.1 only, as the simulator's own server: a dropped connection is then one request's.
		conf := &tls.Config{Certificates: []tls.Certificate{*v.opts.TLS}, NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12}
		v.model.Service.Context.Map.SessionManager().TLS = func() *tls.Config { return conf }
		ln = tls.NewListener(ln, conf)
	}
	v.model.Service.Context.Map.SessionManager().ServiceHostName = v.url.Host
	v.work.Go(func() {
		if err := v.server.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			v.opts.Seam.Violate(Target, "the server ended: %v", err)
		}
	})
	return nil
}

// Stop ends the server and all background work. It may be called more than once.
func (v *VCenter) Stop() {
	v.cancel()
	v.stop.Do(func() {
		if v.server != nil {
			_ = v.server.Close()
		}
		v.work.Wait()
		v.stopInner()
	})
}

// URL is where clients reach this vCenter, without a path.
func (v *VCenter) URL() string { return v.url.String() }

// Host is the host and port of URL.
func (v *VCenter) Host() string { return v.url.Host }

// sleep waits without outliving the instance.
func (v *VCenter) sleep(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-v.ctx.Done():
		return false
	}
}
