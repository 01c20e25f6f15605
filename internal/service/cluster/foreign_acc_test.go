package cluster_test

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/yaml"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
	"github.com/vksops/terraform-provider-vks/internal/kube"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
)

// manifest is a cluster as people write them: volumes in an order of their own,
// a space in the selector, and variables that the platform adds to.
const manifest = `
apiVersion: cluster.x-k8s.io/v1beta2
kind: Cluster
metadata:
  name: prod
  labels: {team: a}
spec:
  availabilityGates: [{conditionType: example.com/Backed}]
  clusterNetwork:
    pods: {cidrBlocks: ["192.168.0.0/16"]}
    services: {cidrBlocks: ["10.96.0.0/12"]}
    serviceDomain: cluster.local
  topology:
    classRef: {name: builtin-generic-v3.4.0}
    version: v1.33
    controlPlane:
      replicas: 1
      metadata:
        annotations: {run.tanzu.vmware.com/resolve-os-image: "os-name=photon, content-library=cl-32ee3681364c701d0"}
    workers:
      machineDeployments:
        - name: np
          class: node-pool
          replicas: 1
          deletion: {nodeDrainTimeoutSeconds: 600}
          healthCheck:
            checks: {nodeStartupTimeoutSeconds: 14400, unhealthyNodeConditions: [{type: Ready, status: Unknown, timeoutSeconds: 300}]}
            remediation: {maxInFlight: 1, triggerIf: {unhealthyLessThanOrEqualTo: 40%}}
          readinessGates: [{conditionType: example.com/Z}, {conditionType: example.com/A, polarity: Positive}]
          taints:
            - {key: example.com/z, effect: NoSchedule, propagation: Always}
            - {key: example.com/z, effect: NoExecute, propagation: OnInitialization}
          rollout: {after: "2020-03-09T09:00:00Z"}
          variables:
            overrides:
              - name: node
                value: {labels: {role: db}, taints: [{key: dedicated, value: db, effect: NoSchedule}]}
              - name: volumes
                value:
                  - {name: b, mountPath: /b, capacity: 2Gi, storageClass: gold-policy}
                  - {name: a, mountPath: /a, capacity: 1Gi}
    variables:
      - {name: vmClass, value: best-effort-small}
      - {name: storageClass, value: gold-policy}
      - {name: osConfiguration, value: {sshd: {banner: hello}}}
      - {name: kubernetes, value: {certificateRotation: {enabled: true, renewalDaysBeforeExpiry: 90}}}
`

func applyManifest(t *testing.T, namespace string) {
	t.Helper()
	object := map[string]any{}
	if err := yaml.Unmarshal([]byte(manifest), &object); err != nil {
		t.Fatal(err)
	}
	_, err := platform(t).Kube().Create(t.Context(), kube.Ref{
		GVR: schema.GroupVersionResource{Group: "cluster.x-k8s.io", Version: "v1beta2", Resource: "clusters"}, Kind: "Cluster", Namespace: namespace, Name: "prod",
	}, &unstructured.Unstructured{Object: object})
	if err != nil {
		t.Fatal(err)
	}
}

// A cluster that others made is imported without a change when it is configured
// alike, and what it has beyond a later configuration is taken away.
func TestAccCluster_foreign(t *testing.T) {
	acctest.OncePerProduct(t)
	namespace := acctest.Name(t, "foreign")
	variables := config.Variables{"name": config.StringVariable(namespace)}
	dir := func(step string) config.TestStepConfigFunc {
		return config.StaticDirectory("testdata/TestAccCluster_foreign/" + step)
	}
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{ConfigDirectory: dir("1_namespace"), ConfigVariables: variables},
		{
			PreConfig:       func() { applyManifest(t, namespace) },
			ConfigDirectory: dir("2_imported"), ConfigVariables: variables,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionNoop)}},
		},
		{
			ConfigDirectory: dir("3_less"), ConfigVariables: variables, ConfigPlanChecks: inPlace(),
			Check: asks(t, namespace, func(s *supervisor.ClusterSpec) {
				delete(s.Labels, "team")
				delete(s.Variables, "osConfiguration")
				s.AvailabilityGates = nil
				s.ControlPlane = supervisor.ControlPlaneSpec{Replicas: ptr.To[int64](1)}
				s.Pools = map[string]supervisor.PoolSpec{"np": {Class: "node-pool", Replicas: ptr.To[int64](1), MachineSpec: supervisor.MachineSpec{
					ReadinessGates: []supervisor.Gate{{ConditionType: "example.com/Z"}},
					Taints:         []supervisor.Taint{{Key: "example.com/z", Effect: "NoSchedule", Propagation: "Always"}},
					Health:         supervisor.HealthCheck{NodeStartup: ptr.To(4 * time.Hour)},
				}}}
			}),
		},
	}})
}
