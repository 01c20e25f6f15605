package kube

import (
	"errors"
	"io/fs"
	"os"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/transport"
)

// LoadKubeconfig gives the configuration for clients of a file that the user
// manages, in the context of that name or else the file's own, with this
// provider's limits.
func LoadKubeconfig(file, contextName string, limits transport.Config) (*rest.Config, error) {
	config, err := readKubeconfig(file, contextName)
	if err != nil {
		return nil, &fault.Error{Kind: fault.NotConfigured, Op: "read kubeconfig " + file, Err: err}
	}
	return Limited(config, limits), nil
}

func readKubeconfig(file, contextName string) (*rest.Config, error) {
	// client-go takes a file that is missing for an empty one.
	_, err := os.Stat(file)
	var missing *fs.PathError
	if errors.As(err, &missing) {
		return nil, missing.Err
	}
	if err != nil {
		return nil, err
	}
	return clientcmd.NewNonInteractiveDeferredLoadingClientConfig(
		&clientcmd.ClientConfigLoadingRules{ExplicitPath: file},
		&clientcmd.ConfigOverrides{CurrentContext: contextName},
	).ClientConfig()
}

// Limited puts this provider's limits on a config with trust and credentials of
// its own.
func Limited(config *rest.Config, limits transport.Config) *rest.Config {
	config.QPS, config.Burst = -1, 0 // the transport limits, once for all
	config.UserAgent = limits.UserAgent
	config.Wrap(transport.Wrapper(limits))
	return config
}
