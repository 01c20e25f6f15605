package velero

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/kube"
)

// clientOf gives the client of a server that always gives the same answer.
func clientOf(t *testing.T, status int, contentType, body string) *Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	k, err := kube.New(&rest.Config{Host: server.URL}, "workload cluster team-a/prod")
	if err != nil {
		t.Fatal(err)
	}
	return New(k, "team-a/prod")
}

// A cluster without Velero's types must never look like a deleted object.
func TestAbsentIsNotGone(t *testing.T) {
	t.Parallel()
	c := clientOf(t, http.StatusNotFound, "text/plain", "404 page not found\n")
	s := &velerov1.Schedule{ObjectMeta: metav1.ObjectMeta{Namespace: "velero", Name: "nightly"}}
	for name, call := range map[string]func() error{
		"read":  func() error { _, err := c.Schedule(t.Context(), "velero", "nightly"); return err },
		"list":  func() error { _, err := c.Locations(t.Context(), "velero"); return err },
		"apply": func() error { _, err := c.ApplySchedule(t.Context(), s); return err },
	} {
		err := call()
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.RouteAbsent {
			t.Errorf("%s: got %v, want RouteAbsent", name, err)
			continue
		}
		if !strings.Contains(f.Advice, "not installed on cluster team-a/prod") || !strings.Contains(f.Advice, "vks_data_protection") {
			t.Errorf("%s: advice %q", name, f.Advice)
		}
	}
	if err := c.DeleteSchedule(t.Context(), "velero", "nightly"); err != nil {
		t.Errorf("delete: %v, want success: without the type there is no object", err)
	}
}

func TestMissingNamespace(t *testing.T) {
	t.Parallel()
	c := clientOf(t, http.StatusNotFound, "application/json",
		`{"kind":"Status","apiVersion":"v1","status":"Failure","message":"namespaces \"velero\" not found","reason":"NotFound","details":{"name":"velero","kind":"namespaces"},"code":404}`)
	if _, err := c.Schedule(t.Context(), "velero", "nightly"); !fault.IsNotFound(err) {
		t.Errorf("read: got %v, want NotFound", err)
	}
	s := &velerov1.Schedule{ObjectMeta: metav1.ObjectMeta{Namespace: "velero", Name: "nightly"}}
	if _, err := c.ApplySchedule(t.Context(), s); fault.KindOf(err) != fault.RouteAbsent {
		t.Errorf("apply: got %v, want RouteAbsent", err)
	}
}

func TestIsServer(t *testing.T) {
	t.Parallel()
	deployment := func(label, value, image string, args ...string) *appsv1.Deployment {
		d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{label: value}}}
		d.Spec.Template.Spec.Containers = []corev1.Container{{Image: image, Args: args}}
		return d
	}
	for name, c := range map[string]struct {
		d    *appsv1.Deployment
		want bool
	}{
		"velero install": {deployment("component", "velero", "velero/velero:v1", "server", "--features="), true},
		"helm":           {deployment("app.kubernetes.io/name", "velero", "registry/velero/velero:v1", "server"), true},
		"its UI":         {deployment("app.kubernetes.io/name", "velero", "x/velero-ui:1", "start"), false},
		"other":          {deployment("app", "shop", "shop", "server"), false},
	} {
		if got := isServer(c.d); got != c.want {
			t.Errorf("%s: got %t", name, got)
		}
	}
}

func TestObjects(t *testing.T) {
	t.Parallel()
	crds, rest := objects(InstallSpec{Namespace: "backup", Image: DefaultImage, Plugins: []string{DefaultPlugin}, NodeAgent: true, ImagePullSecrets: []string{"registry"}})
	if len(crds) < 10 {
		t.Errorf("only %d CRDs", len(crds))
	}
	kinds := map[string]bool{}
	for _, obj := range rest {
		kinds[obj.GetKind()] = true
		if ref := refOf(obj); ref.GVR.Resource != strings.ToLower(obj.GetKind())+"s" {
			t.Errorf("plural of %s: %s", obj.GetKind(), ref.GVR.Resource)
		}
	}
	for _, kind := range []string{"Namespace", "ClusterRoleBinding", "ServiceAccount", "Deployment", "DaemonSet"} {
		if !kinds[kind] {
			t.Errorf("no %s", kind)
		}
	}
	if kinds["BackupStorageLocation"] || kinds["Secret"] {
		t.Error("locations and credentials belong to vks_storage_location")
	}
}
