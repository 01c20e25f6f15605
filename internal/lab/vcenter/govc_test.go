package vcenter

import (
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// govc is the program that people use: .cache/bin/govc of this repository, or the one in PATH.
func govc(t *testing.T) string {
	t.Helper()
	built, err := filepath.Abs("../../../.cache/bin/govc")
	if err == nil {
		if _, err := os.Stat(built); err == nil {
			return built
		}
	}
	found, err := exec.LookPath("govc")
	if err != nil {
		t.Skip("govc is neither in .cache/bin nor in PATH")
	}
	return found
}

func TestGovc(t *testing.T) {
	t.Parallel()
	bin := govc(t)
	l := start(t, Options{})
	l.create("team-a", `,"vm_service_spec":{"vm_classes":["best-effort-small"]}`)
	dir := t.TempDir()
	ca := filepath.Join(dir, "ca.pem")
	data := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: l.opts.TLS.Certificate[0]})
	if err := os.WriteFile(ca, data, 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(password string, args ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), bin, args...)
		cmd.Env = []string{
			"HOME=" + dir, "GOVMOMI_HOME=" + dir, "GOVC_URL=" + l.Host(), "GOVC_USERNAME=" + defaultUser,
			"GOVC_PASSWORD=" + password, "GOVC_TLS_CA_CERTS=" + ca,
		}
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := run("wrong", "about"); err == nil {
		t.Errorf("govc logs in with a wrong password: %s", out)
	}
	for _, tc := range []struct{ args, want string }{
		{"about", "9.1.0"},
		{"namespace.ls", "team-a"},
		{"namespace.info team-a", "RUNNING"},
		{"find / -type h", "/DC0/host/DC0_C0/DC0_C0_H1"},
		{"find / -type p", "/DC0/host/DC0_C0/Resources/Namespaces/team-a"},
		{"find / -type f", "/DC0/vm/Namespaces/team-a"},
		{"host.info DC0_C0_H0", "32 CPUs @ 2600MHz"},
		{"pool.info /DC0/host/DC0_C0/Resources/Namespaces/team-a", "team-a"},
		{"library.ls", "team-images"},
		{"session.ls", "govc"},
		{"namespace.vmclass.ls", "guaranteed-8xlarge"},
		{"cluster.usage DC0_C0", "CPU"},
		{"vm.info DC0_C0_VM0", "poweredOn"},
	} {
		out, err := run(defaultPass, strings.Fields(tc.args)...)
		if err != nil || !strings.Contains(out, tc.want) {
			t.Errorf("govc %s: %v, want %q in\n%s", tc.args, err, tc.want, out)
		}
	}
	if out, err := run(defaultPass, "namespace.rm", "team-a"); err != nil {
		t.Errorf("namespace.rm: %v %s", err, out)
	}
	l.waitGone()
}
