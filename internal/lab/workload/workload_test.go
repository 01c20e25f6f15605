package workload_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/vksops/terraform-provider-vks/internal/lab/await"
	"github.com/vksops/terraform-provider-vks/internal/lab/kubeapi"
	"github.com/vksops/terraform-provider-vks/internal/lab/labtest"
	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
	"github.com/vksops/terraform-provider-vks/internal/lab/workload"
)

// sso knows one token for each role; the role holds in namespace "team" only.
type sso struct{}

func (sso) Authenticate(token string) (string, []string, error) {
	user, ok := strings.CutPrefix(token, "token-of-")
	if !ok {
		return "", nil, errors.New("no token of ours")
	}
	return "sso:" + user + "@vsphere.local", []string{"sso:everyone@vsphere.local"}, nil
}

func (sso) GuestRole(_ context.Context, user string, _ []string, namespace string) (edit, view bool) {
	return namespace == "team" && user == "sso:editor@vsphere.local", namespace == "team"
}

func startFleet(t *testing.T, o workload.Options) *workload.Fleet {
	t.Helper()
	o.BinDir, o.Dir = labtest.Bin(t, "etcd", "kube-apiserver", "kube-controller-manager"), t.TempDir()
	fleet, err := workload.Start(labtest.Context(t), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fleet.Stop)
	return fleet
}

func TestFrontDoor(t *testing.T) {
	t.Parallel()
	seam, ctx := traffic.New(), labtest.Context(t)
	var started, stopped atomic.Int32
	fleet := startFleet(t, workload.Options{
		Auth: sso{}, Seam: seam,
		OnStart: func(context.Context, *workload.Cluster, *kubeapi.Server) (func(), error) {
			started.Add(1)
			return func() { stopped.Add(1) }, nil
		},
	})
	if _, err := fleet.Add(ctx, "team", "prod"); err != nil {
		t.Fatal(err)
	}
	if started.Load() != 0 {
		t.Error("the API server started before anybody asked")
	}
	kubeconfig, ok := fleet.Kubeconfig(ctx, "team", "prod")
	if !ok {
		t.Fatal("no kubeconfig")
	}
	config, err := clientcmd.RESTConfigFromKubeConfig(kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	checkCertificate(ctx, t, config)
	checkTokens(ctx, t, config)
	checkServiceAccount(ctx, t, config)

	if len(seam.Requests(func(r traffic.Request) bool { return r.Target == "workload/team/prod" })) == 0 {
		t.Error("no requests in the log")
	}
	fleet.Remove("team", "prod")
	fleet.Stop()
	if started.Load() != 1 || stopped.Load() != 1 {
		t.Errorf("started %d, stopped %d times", started.Load(), stopped.Load())
	}
}

func checkCertificate(ctx context.Context, t *testing.T, config *rest.Config) {
	t.Helper()
	api := kubernetes.NewForConfigOrDie(config)
	nodes, err := api.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil || len(nodes.Items) != workload.Nodes {
		t.Fatalf("%d nodes, %v", len(nodes.Items), err)
	}
	classes, err := api.StorageV1().StorageClasses().List(ctx, metav1.ListOptions{})
	if err != nil || len(classes.Items) == 0 {
		t.Errorf("%d storage classes, %v", len(classes.Items), err)
	}
}

func withToken(config *rest.Config, token string) kubernetes.Interface {
	bare := rest.AnonymousClientConfig(config)
	bare.BearerToken = token
	return kubernetes.NewForConfigOrDie(bare)
}

func checkTokens(ctx context.Context, t *testing.T, config *rest.Config) {
	t.Helper()
	for token, refused := range map[string]func(error) bool{
		"token-of-editor": nil,
		"token-of-viewer": apierrors.IsForbidden,
		"nonsense":        apierrors.IsUnauthorized,
		"":                apierrors.IsForbidden,
	} {
		_, err := withToken(config, token).CoreV1().Secrets("").List(ctx, metav1.ListOptions{})
		if refused == nil && err != nil || refused != nil && !refused(err) {
			t.Errorf("token %q lists secrets: %v", token, err)
		}
	}
}

func checkServiceAccount(ctx context.Context, t *testing.T, config *rest.Config) {
	t.Helper()
	token, err := kubernetes.NewForConfigOrDie(config).CoreV1().ServiceAccounts("default").
		CreateToken(ctx, "default", &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = withToken(config, token.Status.Token).CoreV1().Secrets("").List(ctx, metav1.ListOptions{})
	if !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), "system:serviceaccount:default:default") {
		t.Errorf("service account lists secrets: %v", err)
	}
}

// A cluster that replaces one of the same name is another one, also when
// nobody has seen that the first was gone.
func TestFollowReplaces(t *testing.T) {
	t.Parallel()
	fleet, ctx := startFleet(t, workload.Options{}), labtest.Context(t)
	events := make(chan workload.ClusterEvent)
	go fleet.Follow(events, func(err error) { t.Error(err) })

	is := func(what string, want func(*workload.Cluster) bool) (c *workload.Cluster) {
		err := await.OK(ctx, what, func(context.Context) error {
			if c, _ = fleet.Cluster("a", "c"); !want(c) {
				return errors.New("not yet")
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	events <- workload.ClusterEvent{Namespace: "a", Name: "c", UID: "1", Available: true}
	first := is("the first", func(c *workload.Cluster) bool { return c != nil })
	events <- workload.ClusterEvent{Namespace: "a", Name: "c", UID: "1", Available: true}
	events <- workload.ClusterEvent{Namespace: "a", Name: "c", UID: "2"}
	is("the first to go", func(c *workload.Cluster) bool { return c == nil })
	events <- workload.ClusterEvent{Namespace: "a", Name: "c", UID: "2", Available: true}
	second := is("the second", func(c *workload.Cluster) bool { return c != nil })
	events <- workload.ClusterEvent{Namespace: "a", Name: "c", UID: "3", Available: true}
	is("the third", func(c *workload.Cluster) bool { return c != nil && c != second && c != first })
}

// A cluster that cannot be opened is an error of the lab until it can be.
func TestFollowTriesAgain(t *testing.T) {
	t.Parallel()
	logs := filepath.Join(t.TempDir(), "logs")
	if err := os.WriteFile(logs, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	fleet, ctx := startFleet(t, workload.Options{LogDir: logs}), labtest.Context(t)
	events, reported := make(chan workload.ClusterEvent), make(chan error, 100)
	go fleet.Follow(events, func(err error) { reported <- err })

	events <- workload.ClusterEvent{Namespace: "a", Name: "c", UID: "1", Available: true}
	if err := <-reported; err == nil {
		t.Error("nothing is reported")
	}
	if err := fleet.Err(); err == nil || !strings.Contains(err.Error(), "workload cluster a/c") {
		t.Errorf("error of a fleet without one of its clusters: %v", err)
	}
	if err := os.Remove(logs); err != nil {
		t.Fatal(err)
	}
	if err := await.OK(ctx, "the cluster to be opened", func(context.Context) error { return fleet.Err() }); err != nil {
		t.Fatal(err)
	}
	if _, ok := fleet.Cluster("a", "c"); !ok {
		t.Error("no error, and no cluster")
	}
}

func TestFollow(t *testing.T) {
	t.Parallel()
	fleet, ctx := startFleet(t, workload.Options{}), labtest.Context(t)
	events := make(chan workload.ClusterEvent)
	go fleet.Follow(events, func(err error) { t.Error(err) })

	events <- workload.ClusterEvent{Namespace: "a", Name: "c"}
	events <- workload.ClusterEvent{Namespace: "a", Name: "other", Available: true}
	if _, _, ok := fleet.Endpoint(ctx, "a", "c"); ok {
		t.Error("a cluster that is not available has an endpoint")
	}
	events <- workload.ClusterEvent{Namespace: "a", Name: "c", Available: true}
	events <- workload.ClusterEvent{Namespace: "a", Name: "c", Available: true}
	host, _, ok := fleet.Endpoint(ctx, "a", "c")
	if !ok || net.ParseIP(host) == nil {
		t.Errorf("endpoint %q, %v", host, ok)
	}
	if other, _, _ := fleet.Endpoint(ctx, "a", "other"); other == host {
		t.Error("two clusters share an address")
	}
	events <- workload.ClusterEvent{Namespace: "a", Name: "c", Deleted: true}
	err := await.OK(ctx, "the cluster to go", func(ctx context.Context) error {
		if _, ok := fleet.Kubeconfig(ctx, "a", "c"); ok {
			return errors.New("still there")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
