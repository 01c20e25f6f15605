package kube

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clienttransport "k8s.io/client-go/transport"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/transport"
)

// LoadKubeconfig gives the configuration for clients of a file that the user
// manages, in the context of that name or else the file's own, with this
// provider's limits.
func LoadKubeconfig(file, contextName string, limits transport.Config) (*rest.Config, error) {
	config, err := readKubeconfig(file, contextName)
	if err == nil {
		config, err = Limited(config, limits)
	}
	if err != nil {
		return nil, &fault.Error{Kind: fault.NotConfigured, Op: "read kubeconfig " + file, Err: err}
	}
	return config, nil
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

// Limited gives config the transport that all servers get. client-go's own has
// no limit on the head of an answer: its one timeout would also end a watch.
// Trust and credentials of config stay.
func Limited(config *rest.Config, limits transport.Config) (*rest.Config, error) {
	pool := transport.Pool(limits, nil)
	config = rest.CopyConfig(config)
	config.UserAgent = limits.UserAgent
	config.Dial = pool.DialContext
	settings, err := config.TransportConfig()
	if err != nil {
		return nil, err
	}
	if pool.TLSClientConfig, err = clienttransport.TLSConfigFor(settings); err != nil {
		return nil, fmt.Errorf("prepare TLS: %w", err)
	}
	// An exec plugin follows the connections, to close them with its certificate.
	pool.DialContext = settings.DialHolder.Dial
	pool.DisableCompression = settings.DisableCompression
	if settings.Proxy != nil {
		pool.Proxy = settings.Proxy
	}
	authenticated, err := clienttransport.HTTPWrappersForConfig(settings, transport.Wrapper(limits)(pool))
	if err != nil {
		return nil, err
	}
	return &rest.Config{
		Host:      config.Host,
		Transport: authenticated,
		UserAgent: limits.UserAgent,
		QPS:       -1, // the transport limits, once for all
	}, nil
}
