package acctest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
	"github.com/vksops/terraform-provider-vks/internal/lab"
	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
	labvcenter "github.com/vksops/terraform-provider-vks/internal/lab/vcenter"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// thinSide makes of a namespace on the Supervisor what the data source reads of
// an empty one, and no more: all that the lab otherwise makes of it takes
// minutes for hundreds.
type thinSide struct {
	kubeconfig string
	once       sync.Once
	client     *kubernetes.Clientset
	err        error
	turn       chan struct{}
}

func newThinSide(dir string) *thinSide {
	return &thinSide{kubeconfig: filepath.Join(dir, "supervisor.kubeconfig"), turn: make(chan struct{}, 8)}
}

func (s *thinSide) connect() {
	config, err := clientcmd.BuildConfigFromFlags("", s.kubeconfig)
	if err != nil {
		s.err = err
		return
	}
	config.QPS = -1
	s.client, s.err = kubernetes.NewForConfig(config)
}

func (s *thinSide) NamespaceApplied(ctx context.Context, ns labvcenter.Namespace) error {
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	if s.once.Do(s.connect); s.err != nil {
		return s.err
	}
	_, err := s.client.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
		Name: ns.Name, Labels: map[string]string{"vSphereClusterID": "domain-c9"},
	}}, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	hard := corev1.ResourceList{
		"requests.storage": *resource.NewQuantity(*ns.StorageLimitMiB<<20, resource.BinarySI),
		"pods":             *resource.NewQuantity(ns.ObjectLimits["pod_count"], resource.DecimalSI),
	}
	_, err = s.client.CoreV1().ResourceQuotas(ns.Name).Create(ctx, &corev1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Name: ns.Name}, Spec: corev1.ResourceQuotaSpec{Hard: hard},
	}, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	return err
}

func (s *thinSide) NamespaceRemoved(context.Context, string) error { return nil }

func (s *thinSide) Usage(context.Context, string) (labvcenter.Stats, error) {
	return labvcenter.Stats{}, nil
}

// Quota usage of all namespaces takes as many requests for 500 as for 5, of
// vCenter and of the Supervisor.
func TestAccQuotaUsageOfManyNamespaces(t *testing.T) {
	t.Parallel()
	acctest.Env(t)
	if _, err := os.Stat(filepath.Join(acctest.Root(t), ".cache", "bin", "kube-apiserver")); err != nil {
		t.Skip("the Supervisor's API server is not built: run make setup")
	}
	dir := t.TempDir()
	l, err := lab.Start(context.WithoutCancel(t.Context()), lab.Options{
		Dir: dir, Parts: []lab.Part{lab.PartVCenter, lab.PartSupervisor}, Clusters: 1, Hosts: 1,
		VCenter: func(o *labvcenter.Options) {
			o.Hooks, o.VMs, o.ConfigureDelay = newThinSide(dir), -1, time.Millisecond
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Log(err)
		}
	})
	cli := acctest.NewCLI(t)
	for key, value := range l.Env() {
		if key != "TF_CLI_CONFIG_FILE" {
			cli.Setenv(key, value)
		}
	}
	write(t, cli, `
terraform {
  required_providers {
    vks = { source = "vksops/vks" }
  }
}
data "vks_quota_usage" "all" {}
output "all" { value = data.vks_quota_usage.all }`)
	env := l.Env()
	ca, err := os.ReadFile(env["VKS_VCENTER_CA_FILE"])
	if err != nil {
		t.Fatal(err)
	}
	client, err := vcenter.New(vcenter.Config{Server: env["VKS_VCENTER_SERVER"], Username: env["VKS_USERNAME"], Password: env["VKS_PASSWORD"], CAPEM: ca})
	if err != nil {
		t.Fatal(err)
	}
	counts, first := map[int]int{}, 0
	for _, size := range []int{5, manyNamespaces} {
		createNamespaces(t, client, first, size)
		first = size
		counts[size] = usageRequests(t, l.Seam(), cli, size)
	}
	if counts[5] != counts[manyNamespaces] {
		t.Errorf("requests by number of namespaces: %v", counts)
	}
}

// usageRequests applies the configuration and counts what was asked for.
func usageRequests(t *testing.T, seam *traffic.Seam, cli *acctest.CLI, size int) int {
	t.Helper()
	mark, began := seam.Mark(), time.Now()
	output := cli.MustRun(t, "apply", "-auto-approve", "-input=false", "-no-color")
	took := time.Since(began)
	if strings.Contains(output, "Warning: Quota usage") {
		t.Error(output)
	}
	requests := seam.Requests(func(r traffic.Request) bool { return r.Seq > mark })
	count := 0
	for _, r := range requests {
		// An API server that has just started answers 429 to the first list of a kind.
		if strings.HasPrefix(r.UserAgent, "terraform-provider-vks") && r.Status != http.StatusTooManyRequests {
			count++
		}
		if strings.Contains(r.Path, "team-") {
			t.Errorf("one namespace was asked for: %s %s", r.Target, r.Path)
		}
	}
	t.Logf("%d namespaces: %d requests, %s", size, count, took)
	checkUsage(t, cli, size)
	return count
}

// checkUsage looks at all namespaces: each has its limits.
func checkUsage(t *testing.T, cli *acctest.CLI, size int) {
	t.Helper()
	var all struct {
		Status     string   `json:"status"`
		Reasons    []string `json:"reasons"`
		Namespaces map[string]struct {
			CPU, Memory, Storage struct{ Limit, Used, Consumed *int64 }
			Objects              map[string]struct{ Limit *int64 }
		} `json:"namespaces"`
	}
	if err := json.Unmarshal([]byte(cli.MustRun(t, "output", "-json", "-no-color", "all")), &all); err != nil {
		t.Fatal(err)
	}
	if len(all.Namespaces) != size || all.Status != "ok" || len(all.Reasons) > 0 {
		t.Errorf("%d namespaces of %d, status %s, reasons %v", len(all.Namespaces), size, all.Status, all.Reasons)
	}
	number := func(n *int64) string {
		if n == nil {
			return "null"
		}
		return fmt.Sprint(*n)
	}
	for name, n := range all.Namespaces {
		got := strings.Join([]string{
			number(n.CPU.Limit), number(n.CPU.Consumed), number(n.Memory.Limit), number(n.Storage.Limit), number(n.Objects["pods"].Limit),
		}, " ")
		if got != "3000 0 null 10240 7" {
			t.Errorf("namespace %s: %s", name, got)
		}
	}
}
