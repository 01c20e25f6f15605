package lab

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/vksops/terraform-provider-vks/internal/lab/environ"
	"github.com/vksops/terraform-provider-vks/internal/lab/workload"
)

// publish writes the kubeconfigs, terraformrc and, last, env: who finds it can
// count on the lab.
func (l *Lab) publish() error {
	if err := l.writeKubeconfigs(); err != nil {
		return fmt.Errorf("start lab: %w", err)
	}
	if err := os.WriteFile(l.paths.terraformrc, environ.TerraformRC("vksops/vks", filepath.Join(l.paths.root, "bin")), 0o644); err != nil {
		return fmt.Errorf("start lab: %w", err)
	}
	l.env = l.newEnv()
	if err := environ.Write(l.paths.envFile, l.env); err != nil {
		return fmt.Errorf("start lab: %w", err)
	}
	return nil
}

func (l *Lab) writeKubeconfigs() error {
	var errs []error
	if l.supervisor != nil {
		errs = append(errs, os.WriteFile(l.paths.supervisorKubeconfig, l.supervisor.AdminKubeconfig(), 0o600))
	}
	if l.workloads != nil {
		if kubeconfig, ok := l.workloads.Kubeconfig(l.run, workload.AttachedNamespace, workload.AttachedName); ok {
			errs = append(errs, os.WriteFile(l.paths.attachedKubeconfig, kubeconfig, 0o600))
		}
	}
	return errors.Join(errs...)
}

func (l *Lab) newEnv() map[string]string {
	env := map[string]string{
		"LAB_DIR":            l.paths.dir,
		"LAB_CA_FILE":        l.paths.caFile,
		"LAB_CONTROL_URL":    l.controlURL,
		"LAB_LOGS":           l.paths.logs,
		"TF_CLI_CONFIG_FILE": l.paths.terraformrc,
	}
	l.addVSphere(env)
	if l.workloads != nil {
		env["LAB_WORKLOAD_KUBECONFIG"] = l.paths.attachedKubeconfig
	}
	if l.store != nil {
		env["LAB_S3_URL"] = l.store.URL()
		env["LAB_S3_TLS_URL"] = l.store.TLSURL()
		env["LAB_S3_BUCKET"] = l.store.Buckets()[0]
		env["LAB_S3_ACCESS_KEY"] = l.store.Root().Access
		env["LAB_S3_SECRET_KEY"] = l.store.Root().Secret
		env["LAB_S3_ACCESS_KEY_2"] = l.store.Second().Access
		env["LAB_S3_SECRET_KEY_2"] = l.store.Second().Secret
		// The variables of examples/tenant that have no default.
		env["TF_VAR_backup_bucket"] = l.store.Buckets()[0]
		env["TF_VAR_backup_url"] = l.store.URL()
		env["TF_VAR_backup_access_key_id"] = l.store.Root().Access
		env["TF_VAR_backup_secret_access_key"] = l.store.Root().Secret
	}
	for key, name := range map[string]string{"LAB_TERRAFORM": "terraform", "LAB_TOFU": "tofu"} {
		if path := findCLI(l.options.BinDir, name); path != "" {
			env[key] = path
		}
	}
	return env
}

func (l *Lab) addVSphere(env map[string]string) {
	if l.vcenter != nil {
		env["VKS_VCENTER_SERVER"] = l.vcenter.Host()
		env["VKS_VCENTER_CA_FILE"] = l.paths.caFile
	}
	if l.supervisor != nil {
		env["VKS_SUPERVISOR_SERVER"] = l.supervisorDoor.Addr().String()
		// The same Supervisor, as it was before Cluster API v1beta2.
		env["LAB_SUPERVISOR_V1BETA1_SERVER"] = strings.TrimPrefix(l.supervisor.OlderURL(), "https://")
		env["VKS_SUPERVISOR_CA_FILE"] = l.paths.supervisorCAFile
		env["LAB_SUPERVISOR_KUBECONFIG"] = l.paths.supervisorKubeconfig
	}
	if l.vcenter == nil && l.supervisor == nil {
		return
	}
	env["VKS_USERNAME"], env["VKS_PASSWORD"] = administrator, l.users[administrator].Password
	env["VKS_READONLY_USERNAME"], env["VKS_READONLY_PASSWORD"] = reader, l.users[reader].Password
	env["LAB_DEVELOPER_USERNAME"], env["LAB_DEVELOPER_PASSWORD"] = developer, l.users[developer].Password
}

// findCLI prefers what was built here to what the machine has.
func findCLI(binDir, name string) string {
	if path := filepath.Join(binDir, name); isFile(path) {
		return path
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return ""
	}
	return path
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
