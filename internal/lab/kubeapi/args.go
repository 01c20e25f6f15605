package kubeapi

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// controllers are those whose absence a user of the API would notice.
var controllers = []string{
	"namespace-controller",
	"garbage-collector-controller",
	"resourcequota-controller",
	"serviceaccount-controller",
	"serviceaccount-token-controller",
	"root-ca-certificate-publisher-controller",
	"clusterrole-aggregation-controller",
}

// frugal trades processor time for memory: a lab has many servers with little
// in each of them.
var frugal = []string{"GOGC=40"}

// apiArgs keeps the server small. Flow control and the endpoint reconciler
// have nothing to do here, and the lab's requests come in bursts.
func (s *Server) apiArgs(port int) []string {
	args := map[string][]string{
		"etcd-servers":                     {s.options.Etcd.URL()},
		"etcd-prefix":                      {"/" + strings.ReplaceAll(s.options.Name, "/", "_")},
		"bind-address":                     {"127.0.0.1"},
		"advertise-address":                {"127.0.0.1"},
		"secure-port":                      {strconv.Itoa(port)},
		"cert-dir":                         {s.options.Dir},
		"tls-cert-file":                    {s.path("tls.crt")},
		"tls-private-key-file":             {s.path("tls.key")},
		"client-ca-file":                   {s.path("ca.crt")},
		"requestheader-client-ca-file":     {s.path("front-proxy-ca.crt")},
		"requestheader-allowed-names":      {"front-proxy"},
		"requestheader-username-headers":   {"X-Remote-User"},
		"requestheader-group-headers":      {"X-Remote-Group"},
		"service-account-issuer":           {"https://kubernetes.default.svc"},
		"service-account-key-file":         {s.path("sa.key")},
		"service-account-signing-key-file": {s.path("sa.key")},
		"service-cluster-ip-range":         {s.options.ServiceCIDR},
		"authorization-mode":               {"RBAC"},
		"allow-privileged":                 {"true"},
		"endpoint-reconciler-type":         {"none"},
		"enable-priority-and-fairness":     {"false"},
		"max-requests-inflight":            {"3000"},
		"max-mutating-requests-inflight":   {"1000"},
		"profiling":                        {"false"},
		"disable-admission-plugins":        {strings.Join(s.disabledAdmission(), ",")},
	}
	maps.Copy(args, s.options.ExtraArgs)
	var list []string
	for _, name := range slices.Sorted(maps.Keys(args)) {
		for _, value := range args[name] {
			list = append(list, "--"+name+"="+value)
		}
	}
	return list
}

// disabledAdmission names the plugins that count on controllers which are not
// there: volumes would keep a finalizer for ever, pods would wait for a
// service account.
func (s *Server) disabledAdmission() []string {
	disabled := []string{"StorageObjectInUseProtection", "TaintNodesByCondition"}
	if !s.options.ControllerManager {
		disabled = append(disabled, "ServiceAccount")
	}
	return disabled
}

func (s *Server) controllerArgs() []string {
	return []string{
		"--kubeconfig=" + s.path("controllers.kubeconfig"),
		"--controllers=" + strings.Join(controllers, ","),
		"--service-account-private-key-file=" + s.path("sa.key"),
		"--root-ca-file=" + s.path("ca.crt"),
		"--leader-elect=false",
		"--secure-port=0",
		"--profiling=false",
		"--kube-api-qps=500",
		"--kube-api-burst=1000",
		"--concurrent-namespace-syncs=5",
		"--concurrent-gc-syncs=5",
		"--namespace-sync-period=1m",
	}
}
