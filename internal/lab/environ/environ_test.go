package environ_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vksops/terraform-provider-vks/internal/lab/environ"
)

func TestSurvivesTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "env")
	want := map[string]string{"A": "plain", "B": "it's $HOME = `x`", "C": ""}
	if err := environ.Write(path, want); err != nil {
		t.Fatal(err)
	}
	got, err := environ.Read(path)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

// ours is a lab's, foreign what somebody has exported for another platform.
var (
	ours    = map[string]string{"VKS_USERNAME": "lab", "LAB_DIR": "/lab"}
	foreign = []string{
		"VKS_USERNAME", "VKS_VCENTER_CA_PEM", "VKS_VCENTER_INSECURE", "VKS_SUPERVISOR", "VKS_SUPERVISOR_TOKEN",
		"VKS_DELETION_PROTECTION", "VKS_MADE_UP_LATER", "VSPHERE_SERVER", "KUBECONFIG",
	}
)

func export(t *testing.T) {
	t.Helper()
	for _, name := range foreign {
		t.Setenv(name, "production")
	}
	t.Setenv("VKS_CONTRACT_DIR", "/contract")
	t.Setenv("VKS_MANIFEST_DIR", "/manifests")
}

func TestWith(t *testing.T) {
	t.Setenv("LAB_DIR", "/elsewhere")
	export(t)
	all := "\n" + strings.Join(environ.With(ours), "\n") + "\n"
	for _, want := range []string{"VKS_USERNAME=lab", "LAB_DIR=/lab", "VKS_CONTRACT_DIR=/contract", "VKS_MANIFEST_DIR=/manifests", "PATH=" + os.Getenv("PATH")} {
		if strings.Count(all, "\n"+want+"\n") != 1 {
			t.Errorf("%s is not there once", want)
		}
	}
	if strings.Contains(all, "=production\n") || strings.Contains(all, "elsewhere") {
		t.Error(all)
	}
}

func TestEnter(t *testing.T) {
	t.Setenv("LAB_DIR", "/elsewhere")
	export(t) // and what was there before comes back after the test
	if err := environ.Enter(ours); err != nil {
		t.Fatal(err)
	}
	for _, name := range append(foreign, "LAB_DIR") {
		if value, set := os.LookupEnv(name); value != ours[name] || set && ours[name] == "" {
			t.Errorf("%s = %q (set: %t)", name, value, set)
		}
	}
	if os.Getenv("VKS_CONTRACT_DIR") != "/contract" || os.Getenv("VKS_MANIFEST_DIR") != "/manifests" {
		t.Error("the directories that tests read are gone")
	}
}
