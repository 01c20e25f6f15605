package supervisor

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/vksops/terraform-provider-vks/internal/lab/await"
)

//go:embed content/variables.yaml
var variablesYAML []byte

//go:embed content/variables-legacy.yaml
var legacyVariablesYAML []byte

//go:embed content/templates.yaml
var templatesYAML string

// clusterClass is a generation of the built-in class and the Kubernetes minors
// that it can run. There is no window outside the class object: clients read
// it from these labels.
type clusterClass struct {
	name     string
	since    string // the generation whose variables it has; legacy for those before 3.2
	min, max int
}

// legacy is the generation whose variables have other names. No Cluster is moved
// to a class of it, and one stays there only with a version too old to leave.
const legacy = "legacy"

// Labels of a ClusterClass that say which Kubernetes versions it is for.
const (
	labelMinVersion = "kubernetes.vmware.com/min-version-supported"
	labelMaxVersion = "kubernetes.vmware.com/max-version-supported"
)

// APIServerReadyCondition is the lab's own: a Cluster is not available before
// the API server that its users are given answers.
const APIServerReadyCondition = "WorkloadAPIServerReady"

// classes are the built-in ones, the newest last. The platform's windows of the
// legacy classes are not known; the lab's do for the versions that it has.
func classes() []clusterClass {
	return []clusterClass{
		{name: legacyClass, since: legacy, min: 25, max: 30},
		{name: "builtin-generic-v3.1.0", since: legacy, min: 25, max: 30},
		{name: "builtin-generic-v3.4.0", since: "3.4", min: 29, max: 33},
		{name: "builtin-generic-v3.5.0", since: "3.5", min: 31, max: 34},
		{name: "builtin-generic-v3.6.0", since: "3.6", min: 32, max: 35},
		{name: "builtin-generic-v3.7.0", since: "3.7", min: 33, max: 36},
	}
}

// legacyClass is the only built-in class whose name tells no generation.
const legacyClass = "tanzukubernetescluster"

// newestClass is what admission moves a Cluster of this version to.
func (s *Supervisor) newestClass(version string) (clusterClass, bool) {
	minor := minorOf(version)
	for i := len(s.classes) - 1; i >= 0; i-- {
		if c := s.classes[i]; c.since != legacy && c.min <= minor && minor <= c.max {
			return c, true
		}
	}
	return clusterClass{}, false
}

func (s *Supervisor) installClasses(ctx context.Context) error {
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: PublicNamespace}}
	if err := s.kube.Create(ctx, ns); err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	err := eachDocument([]byte(templatesYAML), func(doc []byte) error {
		u, err := parseObject(doc)
		if err != nil {
			return err
		}
		u.SetNamespace(PublicNamespace)
		return s.apply(ctx, u)
	})
	if err != nil {
		return err
	}
	for _, c := range s.classes {
		class, err := c.object()
		if err != nil {
			return err
		}
		if err := s.kube.Create(ctx, class); err != nil {
			return err
		}
	}
	return nil
}

// waitClasses waits until the variables are reconciled: before that, Cluster
// API refuses every Cluster of a class.
func (s *Supervisor) waitClasses(ctx context.Context) error {
	return await.OK(ctx, "cluster classes to be reconciled", func(ctx context.Context) error {
		var list clusterv1.ClusterClassList
		if err := s.kube.List(ctx, &list, client.InNamespace(PublicNamespace)); err != nil {
			return err
		}
		for _, class := range list.Items {
			if class.Status.ObservedGeneration != class.Generation || len(class.Status.Variables) == 0 {
				return errors.New(class.Name + " is not reconciled yet")
			}
		}
		return nil
	})
}

func (c clusterClass) object() (*clusterv1.ClusterClass, error) {
	var class clusterv1.ClusterClass
	if err := yaml.UnmarshalStrict([]byte(classSpec), &class); err != nil {
		return nil, fmt.Errorf("class %s: %w", c.name, err)
	}
	class.Name, class.Namespace = c.name, PublicNamespace
	class.Labels = map[string]string{
		labelMinVersion: fmt.Sprintf("v1.%d", c.min),
		labelMaxVersion: fmt.Sprintf("v1.%d", c.max),
	}
	class.Spec.AvailabilityGates = []clusterv1.ClusterAvailabilityGate{{ConditionType: APIServerReadyCondition}}
	variables, err := c.variables()
	if err != nil {
		return nil, fmt.Errorf("class %s: %w", c.name, err)
	}
	class.Spec.Variables = variables
	class.Spec.Patches = c.recordPatches()
	return &class, nil
}

// knows says whether a class has a variable. A class of the user's own is asked
// for; one that is not there is for Cluster API to refuse.
func (s *Supervisor) knows(ctx context.Context, class client.ObjectKey, name string) (bool, error) {
	var found clusterv1.ClusterClass
	if err := s.kube.Get(ctx, class, &found); err != nil {
		return false, client.IgnoreNotFound(err)
	}
	return slices.ContainsFunc(found.Spec.Variables, func(v clusterv1.ClusterClassVariable) bool { return v.Name == name }), nil
}

// variable is an entry of variables.yaml.
type variable struct {
	Name     string         `json:"name"`
	Required bool           `json:"required"`
	Since    string         `json:"since"`
	Schema   map[string]any `json:"schema"`
}

func (c clusterClass) variables() ([]clusterv1.ClusterClassVariable, error) {
	var all []variable
	content := variablesYAML
	if c.since == legacy {
		content = legacyVariablesYAML
	}
	if err := yaml.UnmarshalStrict(content, &all); err != nil {
		return nil, err
	}
	var out []clusterv1.ClusterClassVariable
	for _, v := range all {
		if v.Since > c.since {
			continue
		}
		prune(v.Schema, c.since)
		raw, err := json.Marshal(v.Schema)
		if err != nil {
			return nil, err
		}
		cv := clusterv1.ClusterClassVariable{Name: v.Name, Required: &v.Required}
		if err := json.Unmarshal(raw, &cv.Schema.OpenAPIV3Schema); err != nil {
			return nil, fmt.Errorf("variable %s: %w", v.Name, err)
		}
		out = append(out, cv)
	}
	return out, nil
}

// prune removes the properties that a generation does not have yet.
func prune(schema map[string]any, generation string) {
	delete(schema, "since")
	if properties, ok := schema["properties"].(map[string]any); ok {
		for name, p := range properties {
			child, ok := p.(map[string]any)
			if !ok {
				continue
			}
			if since, _ := child["since"].(string); since > generation {
				delete(properties, name)
				continue
			}
			prune(child, generation)
		}
	}
	for _, key := range []string{"items", "additionalProperties"} {
		if child, ok := schema[key].(map[string]any); ok {
			prune(child, generation)
		}
	}
}
