package supervisor

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/vksops/terraform-provider-vks/internal/lab/await"
)

// crdFiles are the types that VKS and its neighbours add to a Supervisor.
//
//go:embed crds/*.yaml
var crdFiles embed.FS

// installTypes installs all types and Cluster API's webhooks. Webhooks come
// last: from then on the managers must answer.
func (s *Supervisor) installTypes(ctx context.Context, managers []*manager) error {
	crds, err := ownCRDs()
	if err != nil {
		return err
	}
	var hooks []client.Object
	for _, m := range managers {
		more, err := s.managerCRDs(m)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		crds = append(crds, more...)
		found, err := s.managerWebhooks(m)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		hooks = append(hooks, found...)
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for _, crd := range crds {
		g.Go(func() error { return s.kube.Create(gctx, crd) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	if err := s.waitEstablished(ctx); err != nil {
		return err
	}
	for _, hook := range append(hooks, s.admissionWebhooks()...) {
		if err := s.kube.Create(ctx, hook); err != nil {
			return err
		}
	}
	return nil
}

func ownCRDs() ([]*apiextensionsv1.CustomResourceDefinition, error) {
	names, err := fs.Glob(crdFiles, "crds/*.yaml")
	if err != nil {
		return nil, err
	}
	var out []*apiextensionsv1.CustomResourceDefinition
	for _, name := range names {
		raw, err := crdFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if err := eachDocument(raw, func(doc []byte) error {
			crd := &apiextensionsv1.CustomResourceDefinition{}
			out = append(out, crd)
			return yaml.Unmarshal(doc, crd) // not strict: a merged key may be set again
		}); err != nil {
			return nil, fmt.Errorf("%s: %w", path.Base(name), err)
		}
	}
	return out, nil
}

// managerCRDs are a manager's types with what the kustomizations of Cluster API
// would add: the contract labels and the conversion webhook.
func (s *Supervisor) managerCRDs(m *manager) ([]*apiextensionsv1.CustomResourceDefinition, error) {
	files, err := filepath.Glob(filepath.Join(s.opts.ManifestDir, m.name, "crd", "*.yaml"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no types in %s: run make setup", filepath.Join(s.opts.ManifestDir, m.name, "crd"))
	}
	var out []*apiextensionsv1.CustomResourceDefinition
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		crd := &apiextensionsv1.CustomResourceDefinition{}
		if err := yaml.Unmarshal(raw, crd); err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Base(file), err)
		}
		slim(crd)
		crd.Labels = map[string]string{
			"cluster.x-k8s.io/provider": m.name,
			"cluster.x-k8s.io/v1beta1":  "v1beta1",
			"cluster.x-k8s.io/v1beta2":  "v1beta2",
		}
		if len(crd.Spec.Versions) > 1 {
			crd.Spec.Conversion = &apiextensionsv1.CustomResourceConversion{
				Strategy: apiextensionsv1.WebhookConverter,
				Webhook: &apiextensionsv1.WebhookConversion{
					ConversionReviewVersions: []string{"v1"},
					ClientConfig: &apiextensionsv1.WebhookClientConfig{
						URL: ptr.To(m.webhookURL("/convert")), CABundle: s.opts.CA.CertPEM(),
					},
				},
			}
		}
		out = append(out, crd)
	}
	return out, nil
}

// managerWebhooks are a manager's webhook configurations, reached by URL: there
// is no Service in front of a process. Their names sort behind VKS's own, whose
// mutation must come first (a version prefix is no version for Cluster API).
func (s *Supervisor) managerWebhooks(m *manager) ([]client.Object, error) {
	raw, err := os.ReadFile(filepath.Join(s.opts.ManifestDir, m.name, "webhook.yaml"))
	if err != nil {
		return nil, err
	}
	var out []client.Object
	err = eachDocument(raw, func(doc []byte) error {
		if bytes.Contains(doc, []byte("kind: MutatingWebhookConfiguration")) {
			c := &admissionv1.MutatingWebhookConfiguration{}
			if err := yaml.Unmarshal(doc, c); err != nil {
				return err
			}
			c.Name = "capi-" + m.name + "-mutating"
			for i := range c.Webhooks {
				c.Webhooks[i].ClientConfig = s.byURL(m, c.Webhooks[i].ClientConfig)
			}
			out = append(out, c)
			return nil
		}
		c := &admissionv1.ValidatingWebhookConfiguration{}
		if err := yaml.Unmarshal(doc, c); err != nil {
			return err
		}
		c.Name = "capi-" + m.name + "-validating"
		for i := range c.Webhooks {
			c.Webhooks[i].ClientConfig = s.byURL(m, c.Webhooks[i].ClientConfig)
		}
		out = append(out, c)
		return nil
	})
	return out, err
}

func (s *Supervisor) byURL(m *manager, c admissionv1.WebhookClientConfig) admissionv1.WebhookClientConfig {
	where := "/"
	if c.Service != nil {
		where = ptr.Deref(c.Service.Path, "/")
	}
	return admissionv1.WebhookClientConfig{URL: ptr.To(m.webhookURL(where)), CABundle: s.opts.CA.CertPEM()}
}

func (m *manager) webhookURL(where string) string {
	return "https://127.0.0.1:" + strconv.Itoa(m.webhookPort) + where
}

func (s *Supervisor) waitEstablished(ctx context.Context) error {
	return await.OK(ctx, "types to be established", func(ctx context.Context) error {
		var list apiextensionsv1.CustomResourceDefinitionList
		if err := s.kube.List(ctx, &list); err != nil {
			return err
		}
		var missing []string
		for i := range list.Items {
			if !established(&list.Items[i]) {
				missing = append(missing, list.Items[i].Name)
			}
		}
		if len(missing) > 0 {
			return errors.New("not yet: " + strings.Join(missing, ", "))
		}
		return nil
	})
}

func established(crd *apiextensionsv1.CustomResourceDefinition) bool {
	for _, c := range crd.Status.Conditions {
		if c.Type == apiextensionsv1.Established {
			return c.Status == apiextensionsv1.ConditionTrue
		}
	}
	return false
}

// eachDocument calls f with every non-empty document of a YAML file.
func eachDocument(raw []byte, f func([]byte) error) error {
	reader := utilyaml.NewDocumentDecoder(io.NopCloser(bytes.NewReader(raw)))
	defer func() { _ = reader.Close() }()
	buf := make([]byte, len(raw)+1)
	for {
		n, err := reader.Read(buf)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		doc := bytes.TrimSpace(bytes.TrimPrefix(bytes.TrimSpace(buf[:n]), []byte("---")))
		if len(doc) == 0 {
			continue
		}
		if err := f(doc); err != nil {
			return err
		}
	}
}
