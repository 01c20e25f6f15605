package lab_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/vksops/terraform-provider-vks/internal/lab"
	"github.com/vksops/terraform-provider-vks/internal/lab/await"
	"github.com/vksops/terraform-provider-vks/internal/lab/labtest"
	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
)

func TestSmallLab(t *testing.T) {
	t.Parallel()
	labtest.Bin(t, "versitygw")
	ctx, dir := labtest.Context(t), t.TempDir()
	options := lab.Options{
		Dir: dir, Parts: []lab.Part{lab.PartVCenter, lab.PartS3}, Clusters: 1, Hosts: 1, Latency: time.Millisecond,
		Users: map[string]lab.User{"jane@vsphere.local": {Password: "it's secret"}},
	}
	l := start(ctx, t, options)
	if _, err := lab.Start(ctx, options); err == nil || !strings.Contains(err.Error(), "running in "+dir) {
		t.Errorf("a second lab in the same directory: %v", err)
	}
	attached, err := lab.AttachContext(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := attached.Env()["LAB_S3_SECRET_KEY"]; got != l.ObjectStore().Root().Secret {
		t.Errorf("secret key in env: %q", got)
	}
	if _, ok := attached.Env()["VKS_SUPERVISOR_SERVER"]; ok {
		t.Error("env names a Supervisor that was not started")
	}
	checkTraffic(ctx, t, l, attached)
	checkErrorLogs(ctx, t, l)

	stop(t, l)
	if _, err := lab.AttachContext(ctx, dir); !errors.Is(err, lab.ErrNotRunning) {
		t.Errorf("attach to a stopped lab: %v", err)
	}
	stop(t, start(ctx, t, options)) // the directory can be used again
}

// checkTraffic logs in to vCenter and finds that in the log, slowed down and without the password.
func checkTraffic(ctx context.Context, t *testing.T, l *lab.Lab, attached *lab.Attached) {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+attached.Env()["VKS_VCENTER_SERVER"]+"/api/session", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth("jane@vsphere.local", "it's secret")
	response, err := trusting(t, l, "VKS_VCENTER_CA_FILE").Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode/100 != 2 {
		t.Errorf("login: %s", response.Status)
	}
	logged, err := attached.Traffic().Requests(ctx, traffic.Query{Target: "vcenter", Path: "^/api/session$"})
	if err != nil || len(logged) != 1 || logged[0].User != "jane@vsphere.local" || logged[0].Duration < time.Millisecond {
		t.Errorf("log: %+v, %v", logged, err)
	}
}

// checkErrorLogs meets the servers as somebody who does not trust the lab: that is for its logs, not for the terminal.
func checkErrorLogs(ctx context.Context, t *testing.T, l *lab.Lab) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for file, url := range map[string]string{"vcenter.log": l.VCenter().URL(), "s3-doors.log": l.ObjectStore().TLSURL()} {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if response, err := http.DefaultClient.Do(request); err == nil {
			_ = response.Body.Close()
			t.Fatalf("%s is trusted", url)
		}
		err = await.OK(ctx, "line in "+file, func(context.Context) error {
			text, err := os.ReadFile(l.Log(file))
			if err == nil && !strings.Contains(string(text), "TLS handshake error") {
				err = fmt.Errorf("it says %q", text)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// trusting trusts the CA in the file that a variable of the lab names, and no other.
func trusting(t *testing.T, l *lab.Lab, variable string) *http.Client {
	t.Helper()
	pem, err := os.ReadFile(l.Env()[variable])
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
}

func TestWholeLab(t *testing.T) {
	t.Parallel()
	labtest.Bin(t, "etcd", "kube-apiserver", "kube-controller-manager", "capi-core", "capi-bootstrap",
		"capi-controlplane", "capi-infra", "versitygw", "velero", "../velero-plugins/velero-plugin-for-aws")
	ctx := labtest.Context(t)
	l := start(ctx, t, lab.Options{Dir: t.TempDir()})
	env := l.Env()

	for _, name := range []string{"LAB_SUPERVISOR_KUBECONFIG", "LAB_WORKLOAD_KUBECONFIG"} {
		config, err := clientcmd.BuildConfigFromFlags("", env[name])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := kubernetes.NewForConfigOrDie(config).CoreV1().Namespaces().List(ctx, metav1.ListOptions{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if env["VKS_SUPERVISOR_CA_FILE"] == env["VKS_VCENTER_CA_FILE"] {
		t.Error("the Supervisor has no CA of its own")
	}
	for _, server := range []string{"VKS_SUPERVISOR_SERVER", "LAB_SUPERVISOR_V1BETA1_SERVER"} {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+env[server]+"/wcp/login", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		request.SetBasicAuth(env["VKS_USERNAME"], env["VKS_PASSWORD"])
		response, err := trusting(t, l, "VKS_SUPERVISOR_CA_FILE").Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusOK {
			t.Errorf("login at %s: %s", server, response.Status)
		}
	}
	if len(labtest.Running(t, l.Dir())) == 0 {
		t.Error("no process of the lab found: this test looks for the wrong thing")
	}
	stop(t, l)
	if left := labtest.Running(t, l.Dir()); len(left) > 0 {
		t.Errorf("left running: %s", strings.Join(left, "\n"))
	}
}

func TestStartSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, err := lab.Start(labtest.Context(t), lab.Options{Dir: dir, BinDir: dir, Parts: []lab.Part{lab.PartS3}})
	if err == nil || !strings.Contains(err.Error(), "start s3: ") || !strings.Contains(err.Error(), "run make setup") {
		t.Errorf("error without the remedy: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "env")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("env of a lab that did not start: %v", err)
	}
}

// Somebody names their own directory as the lab's: what is in it stays.
func TestForeignDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "data", "thesis.txt")
	if err := errors.Join(os.Mkdir(filepath.Dir(file), 0o755), os.WriteFile(file, []byte("years"), 0o600)); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the first try must not make it a lab's
		_, err := lab.Start(labtest.Context(t), lab.Options{Dir: dir, Parts: []lab.Part{lab.PartVCenter}})
		if err == nil || !strings.Contains(err.Error(), filepath.Join(dir, "data")+" is not a lab's") {
			t.Errorf("a lab in a directory of somebody else: %v", err)
		}
	}
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
}

// A stand-in for the object store starts well, and dies later.
func TestErrShowsWhatDied(t *testing.T) {
	t.Parallel()
	bin := labtest.Bin(t, "versitygw")
	ctx, stub := labtest.Context(t), t.TempDir()
	script := "#!/bin/sh\n" + filepath.Join(bin, "versitygw") + ` "$@" & trap 'kill $!; echo out of disk >&2; exit 9' USR1; wait`
	if err := os.WriteFile(filepath.Join(stub, "versitygw"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	l := start(ctx, t, lab.Options{Dir: t.TempDir(), BinDir: stub, Parts: []lab.Part{lab.PartS3}})
	if err := l.Err(); err != nil {
		t.Errorf("error of a lab that is well: %v", err)
	}
	l.Seam().Violate("vcenter", "reply: %s", "more than the contract has")
	if err := l.Err(); err == nil || !strings.Contains(err.Error(), "\n  vcenter: reply: more than the contract has") {
		t.Errorf("a violation is reported as %v", err)
	}
	attached, err := lab.AttachContext(ctx, l.Dir())
	if err != nil {
		t.Fatal(err)
	}
	before, err := attached.Violations(ctx)
	if err != nil || before != 1 {
		t.Errorf("violations from outside: %d, %v", before, err)
	}
	if err := attached.ErrSince(ctx, before); err != nil {
		t.Errorf("an old violation: %v", err)
	}
	if err := attached.ErrSince(ctx, 0); err == nil {
		t.Error("no new violation")
	}

	killStub(t, l.Dir())
	err = await.OK(ctx, "the death to be seen", func(context.Context) error {
		if err := l.Err(); err == nil || !strings.Contains(err.Error(), "versitygw exited: exit status 9") {
			return fmt.Errorf("so far: %w", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Err(); !strings.Contains(err.Error(), "out of disk") {
		t.Errorf("without the end of the log: %v", err)
	}
}

// killStub sends the signal on which the stand-in dies.
func killStub(t *testing.T, dir string) {
	t.Helper()
	for _, line := range labtest.Running(t, dir) {
		pid, command, _ := strings.Cut(line, " ")
		if strings.HasPrefix(command, "/bin/sh") {
			id, err := strconv.Atoi(pid)
			if err == nil {
				err = syscall.Kill(id, syscall.SIGUSR1)
			}
			if err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatal("the stand-in is not there")
}

func TestUnknownPart(t *testing.T) {
	t.Parallel()
	_, err := lab.Start(t.Context(), lab.Options{Dir: t.TempDir(), Parts: []lab.Part{"vsan"}})
	if err == nil || !strings.Contains(err.Error(), `no part "vsan"`) {
		t.Errorf("error: %v", err)
	}
}

func start(ctx context.Context, t *testing.T, o lab.Options) *lab.Lab {
	t.Helper()
	l, err := lab.Start(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, l) })
	return l
}

func stop(t *testing.T, l *lab.Lab) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := l.Stop(ctx); err != nil {
		t.Error(err)
	}
}
