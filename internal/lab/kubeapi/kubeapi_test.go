package kubeapi_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/vksops/terraform-provider-vks/internal/lab/await"
	"github.com/vksops/terraform-provider-vks/internal/lab/kubeapi"
	"github.com/vksops/terraform-provider-vks/internal/lab/labtest"
)

func TestServersShareAnEtcd(t *testing.T) {
	t.Parallel()
	bin := labtest.Bin(t, "etcd", "kube-apiserver", "kube-controller-manager")
	ctx, dir := labtest.Context(t), t.TempDir()
	etcd, err := kubeapi.StartEtcd(ctx, bin, dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(etcd.Stop)
	start := func(name string) *kubeapi.Server {
		s, err := kubeapi.Start(ctx, kubeapi.Options{
			Name: name, BinDir: bin, Dir: filepath.Join(dir, name), Etcd: etcd, ControllerManager: name == "one",
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Stop)
		return s
	}
	one, two := start("one"), start("two")
	clientOne := kubernetes.NewForConfigOrDie(one.Config())
	clientTwo := kubernetes.NewForConfigOrDie(two.Config())

	makeNamespaceWithOwned(ctx, t, clientOne)
	if _, err := clientTwo.CoreV1().Namespaces().Get(ctx, "tenant", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("namespace of one server in the other: %v", err)
	}
	checkNamespaceGoesAway(ctx, t, clientOne)
	checkUsers(ctx, t, one)
	checkFrontProxy(ctx, t, one)
}

func makeNamespaceWithOwned(ctx context.Context, t *testing.T, client kubernetes.Interface) {
	t.Helper()
	_, err := client.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "tenant"}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	maps := client.CoreV1().ConfigMaps("tenant")
	owner, err := maps.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "owner"}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = maps.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "owned", OwnerReferences: []metav1.OwnerReference{
		{APIVersion: "v1", Kind: "ConfigMap", Name: owner.Name, UID: owner.UID},
	}}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := maps.Delete(ctx, "owner", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	gone(ctx, t, "what the deleted object owned", func(ctx context.Context) error {
		_, err := maps.Get(ctx, "owned", metav1.GetOptions{})
		return err
	})
}

func checkNamespaceGoesAway(ctx context.Context, t *testing.T, client kubernetes.Interface) {
	t.Helper()
	if err := client.CoreV1().Namespaces().Delete(ctx, "tenant", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	gone(ctx, t, "the deleted namespace", func(ctx context.Context) error {
		_, err := client.CoreV1().Namespaces().Get(ctx, "tenant", metav1.GetOptions{})
		return err
	})
}

func gone(ctx context.Context, t *testing.T, what string, get func(context.Context) error) {
	t.Helper()
	err := await.OK(ctx, what+" to be gone", func(ctx context.Context) error {
		if err := get(ctx); apierrors.IsNotFound(err) {
			return nil
		}
		return errors.New("still there")
	})
	if err != nil {
		t.Fatal(err)
	}
}

// checkUsers proves that RBAC is on: a kubeconfig without groups may do nothing.
func checkUsers(ctx context.Context, t *testing.T, s *kubeapi.Server) {
	t.Helper()
	for user, allowed := range map[string]bool{"admin": true, "nobody": false} {
		var groups []string
		if allowed {
			groups = []string{"system:masters"}
		}
		file, err := s.Kubeconfig(user, groups...)
		if err != nil {
			t.Fatal(err)
		}
		config, err := clientcmd.RESTConfigFromKubeConfig(file)
		if err != nil {
			t.Fatal(err)
		}
		_, err = kubernetes.NewForConfigOrDie(config).CoreV1().Secrets("").List(ctx, metav1.ListOptions{})
		if allowed && err != nil || !allowed && !apierrors.IsForbidden(err) {
			t.Errorf("%s lists secrets: %v", user, err)
		}
	}
}

func checkFrontProxy(ctx context.Context, t *testing.T, s *kubeapi.Server) {
	t.Helper()
	transport, target, err := s.FrontProxy()
	if err != nil {
		t.Fatal(err)
	}
	client, err := kubernetes.NewForConfig(&rest.Config{Host: target.String(), Transport: asUser{transport}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.CoreV1().Secrets("").List(ctx, metav1.ListOptions{})
	if !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), `"jane"`) {
		t.Errorf("jane through the front proxy: %v", err)
	}
}

type asUser struct{ next http.RoundTripper }

func (a asUser) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("X-Remote-User", "jane")
	return a.next.RoundTrip(r)
}

func TestStartErrorShowsTheLog(t *testing.T) {
	t.Parallel()
	bin := labtest.Bin(t, "etcd", "kube-apiserver")
	_, err := kubeapi.Start(labtest.Context(t), kubeapi.Options{
		Name: "broken", BinDir: bin, Dir: t.TempDir(), ExtraArgs: map[string][]string{"no-such-flag": {"1"}},
	})
	if err == nil || !strings.Contains(err.Error(), "unknown flag: --no-such-flag") {
		t.Errorf("error without the reason: %v", err)
	}
}

func TestMissingProgram(t *testing.T) {
	t.Parallel()
	_, err := kubeapi.StartEtcd(t.Context(), t.TempDir(), t.TempDir())
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error for a program that is not there: %v", err)
	}
}
