package supervisor

import (
	"context"
	"path/filepath"

	"github.com/vksops/terraform-provider-vks/internal/lab/kubeapi"
)

func (s *Supervisor) startAPI(ctx context.Context) error {
	api, err := kubeapi.Start(ctx, kubeapi.Options{
		Name:              "supervisor",
		BinDir:            s.opts.BinDir,
		Dir:               filepath.Join(s.opts.Dir, "kube"),
		LogDir:            filepath.Join(s.opts.Dir, "logs"),
		ControllerManager: true,
	})
	if err != nil {
		return err
	}
	s.api = api
	s.admin = api.Config()
	if s.adminKubeconfig, err = api.Kubeconfig("kubernetes-admin", "system:masters"); err != nil {
		return err
	}
	s.kube, err = newClient(s.admin)
	return err
}

// AdminKubeconfig goes to the API server directly, for people and for tests
// that look behind the front door. The provider is never given it.
func (s *Supervisor) AdminKubeconfig() []byte { return s.adminKubeconfig }
