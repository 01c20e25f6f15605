package supervisor

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"net"
	"net/http"
	"sync"
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"
)

// Webhook names are part of what users see: they begin every refusal.
const (
	resolverWebhook   = "tkr-resolver-cluster-webhook.tanzu.vmware.com"
	mutatingWebhook   = "capi.mutating.tanzukubernetescluster.run.tanzu.vmware.com"
	validatingWebhook = "capi.validating.tanzukubernetescluster.run.tanzu.vmware.com"
)

// startAdmission serves VKS's webhooks from this process.
func (s *Supervisor) startAdmission(ctx context.Context) error {
	cert, err := s.opts.CA.TLS("127.0.0.1")
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	// Without a logger the library complains about its absence, with a stack.
	options := admission.StandaloneOptions{Logger: logf.Log.WithSink(logf.NullLogSink{})}
	mux := http.NewServeMux()
	for name, handle := range map[string]func(context.Context, admission.Request) admission.Response{
		resolverWebhook:   s.resolveVersion,
		mutatingWebhook:   s.mutateCluster,
		validatingWebhook: s.validateCluster,
	} {
		h, err := admission.StandaloneWebhook(&webhook.Admission{Handler: admission.HandlerFunc(handle)}, options)
		if err != nil {
			return err
		}
		mux.Handle("/"+name, h)
	}
	errorLog, err := s.logger("admission.log")
	if err != nil {
		return err
	}
	s.admissionURL = "https://" + listener.Addr().String() + "/"
	s.admission = &http.Server{
		Handler: mux, ErrorLog: errorLog, ReadHeaderTimeout: 10 * time.Second,
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12},
	}
	go func() { _ = s.admission.ServeTLS(listener, "", "") }()
	return nil
}

// admissionWebhooks are the configurations. Mutating configurations run in the
// order of their names, and VKS's has to come before Cluster API's: that one
// insists on a full version.
func (s *Supervisor) admissionWebhooks() []client.Object {
	rules := []admissionv1.RuleWithOperations{{
		Operations: []admissionv1.OperationType{admissionv1.Create, admissionv1.Update},
		Rule: admissionv1.Rule{
			APIGroups: []string{clusterv1.GroupVersion.Group}, APIVersions: []string{clusterv1.GroupVersion.Version},
			Resources: []string{"clusters"},
		},
	}}
	config := func(name string) admissionv1.WebhookClientConfig {
		return admissionv1.WebhookClientConfig{URL: ptr.To(s.admissionURL + name), CABundle: s.opts.CA.CertPEM()}
	}
	mutating := func(name string) admissionv1.MutatingWebhook {
		return admissionv1.MutatingWebhook{
			Name: name, ClientConfig: config(name), Rules: rules,
			// v1beta1 requests are converted for us, which takes Equivalent.
			MatchPolicy:             ptr.To(admissionv1.Equivalent),
			FailurePolicy:           ptr.To(admissionv1.Fail),
			SideEffects:             ptr.To(admissionv1.SideEffectClassNone),
			AdmissionReviewVersions: []string{"v1"},
		}
	}
	return []client.Object{
		&admissionv1.MutatingWebhookConfiguration{
			ObjectMeta: metav1.ObjectMeta{Name: "a-vks-mutating"},
			Webhooks:   []admissionv1.MutatingWebhook{mutating(resolverWebhook), mutating(mutatingWebhook)},
		},
		&admissionv1.ValidatingWebhookConfiguration{
			ObjectMeta: metav1.ObjectMeta{Name: "a-vks-validating"},
			Webhooks: []admissionv1.ValidatingWebhook{{
				Name: validatingWebhook, ClientConfig: config(validatingWebhook), Rules: rules,
				MatchPolicy:             ptr.To(admissionv1.Equivalent),
				FailurePolicy:           ptr.To(admissionv1.Fail),
				SideEffects:             ptr.To(admissionv1.SideEffectClassNone),
				AdmissionReviewVersions: []string{"v1"},
			}},
		},
	}
}

// review is an admission request on a Cluster, decoded.
type review struct {
	admission.Request
	object  map[string]any // changed in place by mutations
	cluster *clusterv1.Cluster
	old     *clusterv1.Cluster // nil on create
}

// decode returns nil for Clusters that admission leaves alone: those without a
// topology, and those on their way out, whose finalizers must always go.
func decode(req admission.Request) (*review, error) {
	r := &review{Request: req, cluster: &clusterv1.Cluster{}}
	if err := json.Unmarshal(req.Object.Raw, &r.object); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(req.Object.Raw, r.cluster); err != nil {
		return nil, err
	}
	if len(req.OldObject.Raw) > 0 {
		r.old = &clusterv1.Cluster{}
		if err := json.Unmarshal(req.OldObject.Raw, r.old); err != nil {
			return nil, err
		}
	}
	if !r.cluster.Spec.Topology.IsDefined() || !r.cluster.DeletionTimestamp.IsZero() {
		return nil, nil
	}
	return r, nil
}

// patched answers with what a mutation made of the object.
func (r *review) patched(warnings ...string) admission.Response {
	raw, err := json.Marshal(r.object)
	if err != nil {
		return admission.Errored(http.StatusInternalServerError, err)
	}
	return admission.PatchResponseFromRaw(r.Object.Raw, raw).WithWarnings(warnings...)
}

func (r *review) dryRun() bool { return ptr.Deref(r.DryRun, false) }

// pausedOnCreate remembers which Clusters admission itself has paused, since
// nothing on the object tells them from those that their owner paused.
type pausedOnCreate struct {
	mu    sync.Mutex
	names map[client.ObjectKey]bool
}

func (p *pausedOnCreate) set(key client.ObjectKey, paused bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.names == nil {
		p.names = map[client.ObjectKey]bool{}
	}
	if paused {
		p.names[key] = true
	} else {
		delete(p.names, key)
	}
}

// take says once whether a Cluster was paused on create.
func (p *pausedOnCreate) take(key client.ObjectKey) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	was := p.names[key]
	delete(p.names, key)
	return was
}
