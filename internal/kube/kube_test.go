package kube_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/kube"
)

var configMap = kube.Ref{
	GVR:  schema.GroupVersionResource{Version: "v1", Resource: "configmaps"},
	Kind: "ConfigMap", Namespace: "team-a", Name: "app",
}

func newClient(t *testing.T, handler http.HandlerFunc) *kube.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	c, err := kube.New(&rest.Config{Host: server.URL}, "cluster under test")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func status(w http.ResponseWriter, code int, reason metav1.StatusReason, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(metav1.Status{
		TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"},
		Status:   metav1.StatusFailure, Code: int32(code), Reason: reason, Message: message,
		Details: &metav1.StatusDetails{Name: "app", Kind: "configmaps"},
	})
}

func TestErrorsBecomeFaults(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		answer http.HandlerFunc
		want   fault.Kind
	}{
		"object missing": {func(w http.ResponseWriter, _ *http.Request) {
			status(w, 404, metav1.StatusReasonNotFound, `configmaps "app" not found`)
		}, fault.NotFound},
		"kind not served": {http.NotFound, fault.RouteAbsent},
		"resource not served by a group that is": {
			answer(404, "application/json",
				`{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"the server could not find the requested resource","reason":"NotFound","details":{},"code":404}`),
			fault.RouteAbsent,
		},
		"404 of an ingress":        {answer(404, "text/html", "<html><center>nginx</center></html>"), fault.Transient},
		"404 of a default backend": {answer(404, "text/plain", "default backend - 404"), fault.Transient},
		"404 of a cluster proxy":   {answer(404, "application/json", `{"type":"error","status":404,"message":"cluster c-x not found"}`), fault.Transient},
		"404 of a cluster proxy, as a Status": {answer(404, "application/json",
			`{"kind":"Status","apiVersion":"v1","status":"Failure","message":"cluster c-x not found","reason":"NotFound","code":404}`), fault.Transient},
		"RBAC": {func(w http.ResponseWriter, _ *http.Request) {
			status(w, 403, metav1.StatusReasonForbidden, `configmaps "app" is forbidden: User "dev" cannot get resource`)
		}, fault.Forbidden},
		"admission": {func(w http.ResponseWriter, _ *http.Request) {
			status(w, 403, metav1.StatusReasonForbidden, `admission webhook "tkr-resolver" denied the request: Could not resolve KR/OSImage`)
		}, fault.Invalid},
		"token expired": {func(w http.ResponseWriter, _ *http.Request) {
			status(w, 401, metav1.StatusReasonUnauthorized, "Unauthorized")
		}, fault.Unauthenticated},
		"field owned by another": {func(w http.ResponseWriter, _ *http.Request) {
			status(w, 409, metav1.StatusReasonConflict, "Apply failed with 1 conflict")
		}, fault.Conflict},
		"invalid": {func(w http.ResponseWriter, _ *http.Request) {
			status(w, 422, metav1.StatusReasonInvalid, "spec.schedule: Required value")
		}, fault.Invalid},
		"field of a newer API": {func(w http.ResponseWriter, _ *http.Request) {
			status(w, 500, "", "failed to create typed patch object (a/b; g/v1, Kind=K): .spec.new: field not declared in schema")
		}, fault.Invalid},
		"overloaded": {func(w http.ResponseWriter, _ *http.Request) {
			status(w, 503, metav1.StatusReasonServiceUnavailable, "shutting down")
		}, fault.Transient},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := newClient(t, c.answer).Get(t.Context(), configMap)
			if got := fault.KindOf(err); got != c.want {
				t.Errorf("kind = %q (%v), want %q", got, err, c.want)
			}
		})
	}
}

// The transport repeats what is safe to repeat, and nothing else does: not
// client-go, neither after an answer with Retry-After nor after a broken connection.
func TestRequestsAreSentOnce(t *testing.T) {
	t.Parallel()
	object := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "app"}}}
	calls := map[string]func(*kube.Client) error{
		"get":    func(c *kube.Client) error { _, err := c.Get(t.Context(), configMap); return err },
		"list":   func(c *kube.Client) error { _, err := c.List(t.Context(), configMap, ""); return err },
		"create": func(c *kube.Client) error { _, err := c.Create(t.Context(), configMap, object); return err },
		"update": func(c *kube.Client) error { _, err := c.Update(t.Context(), configMap, object); return err },
		"apply": func(c *kube.Client) error {
			_, err := c.Apply(t.Context(), configMap, object, kube.ApplyOptions{})
			return err
		},
		"delete": func(c *kube.Client) error { return c.Delete(t.Context(), configMap, kube.DeleteOptions{}) },
		"serves": func(c *kube.Client) error { _, err := c.Serves(t.Context(), "velero.io/v1", "schedules"); return err },
	}
	for failure, handler := range map[string]http.HandlerFunc{
		"500": busy(500), "503": busy(503), "429": busy(429),
		"broken connection": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		for name, call := range calls {
			t.Run(name+" "+failure, func(t *testing.T) {
				t.Parallel()
				var seen atomic.Int32
				c := newClient(t, func(w http.ResponseWriter, r *http.Request) {
					seen.Add(1)
					handler(w, r)
				})
				if err := call(c); fault.KindOf(err) != fault.Transient || seen.Load() != 1 {
					t.Errorf("sent %d times: %q (%v)", seen.Load(), fault.KindOf(err), err)
				}
			})
		}
	}
}

func busy(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(code)
	}
}

func answer(code int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(code)
		_, _ = fmt.Fprint(w, body)
	}
}

// What calls "not served" a reason to remove something from state must hear it
// from an API server.
func TestServesBelievesAPIServersOnly(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"HTML of an ingress":        answer(404, "text/html", "<html><center>nginx</center></html>"),
		"default backend":           answer(404, "text/plain", "default backend - 404"),
		"JSON of a proxy":           answer(404, "application/json", `{"code":404,"message":"cluster not found"}`),
		"Status of a proxy":         answer(404, "application/json", `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"cluster not found","reason":"NotFound","code":404}`),
		"a proxy that speaks as Go": http.NotFound,
		"a proxy with a front page": func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/apis" {
				http.NotFound(w, r)
				return
			}
			answer(200, "application/json", `{}`)(w, r)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			served, err := newClient(t, handler).Serves(t.Context(), "velero.io/v1", "schedules")
			if served || fault.KindOf(err) != fault.Transient {
				t.Errorf("got %v and %q (%v), want an error that may pass", served, fault.KindOf(err), err)
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	c, err := kube.New(&rest.Config{Host: server.URL}, "cluster under test")
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Get(t.Context(), configMap)
	if fault.KindOf(err) != fault.Unreachable {
		t.Errorf("kind = %q: %v", fault.KindOf(err), err)
	}
}

func TestWarningsReachTheCaller(t *testing.T) {
	t.Parallel()
	c := newClient(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Add("Warning", `299 - "v1beta1 Cluster is deprecated"`)
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprint(w, `{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"app"}}`)
	})
	ctx, warnings := kube.WithWarnings(t.Context())
	for range 2 {
		if _, err := c.Get(ctx, configMap); err != nil {
			t.Fatal(err)
		}
	}
	if got := warnings.Texts(); len(got) != 1 || got[0] != "v1beta1 Cluster is deprecated" {
		t.Errorf("warnings = %q, want the text once", got)
	}
}

func TestServesAsksOnceForWhatIsThere(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	c := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/apis/velero.io/v1":
		case "/apis":
			_, _ = fmt.Fprint(w, `{"kind":"APIGroupList","apiVersion":"v1","groups":[{"name":"velero.io"}]}`)
			return
		default:
			http.NotFound(w, r)
			return
		}
		_, _ = fmt.Fprint(w, `{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"velero.io/v1","resources":[{"name":"schedules"}]}`)
	})
	for range 3 {
		for resource, want := range map[string]bool{"schedules": true, "backups": false} {
			if got, err := c.Serves(t.Context(), "velero.io/v1", resource); err != nil || got != want {
				t.Errorf("Serves(%s) = %v, %v; want %v", resource, got, err, want)
			}
		}
	}
	if got := asked.Load(); got != 1 {
		t.Errorf("%d requests for one group, want 1", got)
	}
	if got, err := c.Serves(t.Context(), "cns.vmware.com/v1", "storagequotas"); err != nil || got {
		t.Errorf("an absent group: %v, %v; want false and no error", got, err)
	}
}

func TestConditionThatIsMissingIsUnknown(t *testing.T) {
	t.Parallel()
	obj := &unstructured.Unstructured{Object: map[string]any{"status": map[string]any{"conditions": []any{
		map[string]any{"type": "Available", "status": "True", "observedGeneration": int64(3)},
		"not a condition",
	}}}}
	conditions := kube.Conditions(obj)
	if len(conditions) != 1 || conditions[0].ObservedGeneration != 3 || !conditions[0].True() {
		t.Errorf("conditions = %+v", conditions)
	}
	if c := kube.FindCondition(conditions, "RollingOut"); c.Status != "Unknown" {
		t.Errorf("missing condition is %q, want Unknown", c.Status)
	}
}
