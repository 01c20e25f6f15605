package cluster

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/tf/computed"
	"github.com/vksops/terraform-provider-vks/internal/tf/validate"
)

// shownAttributes are those of the resource that say something about a live cluster.
var shownAttributes = []string{
	"kubernetes_version", "cluster_class", "cluster_class_namespace", "pin_cluster_class", "vm_class", "storage_class",
	"network", "control_plane", "node_pools", "variables", "labels", "annotations", "availability_gates",
	"api_endpoint", "phase", "live_version", "kubernetes_release", "conditions", "node_counts", "failure_domains",
}

// shownWords replace what the resource says about writing an attribute.
var shownWords = map[string]string{
	"kubernetes_version":      "Kubernetes version of the cluster, in full, as `live_version`: `v1.33.1+vmware.1-fips`.",
	"cluster_class":           "ClusterClass of the cluster.",
	"cluster_class_namespace": "Namespace of the ClusterClass.",
	"pin_cluster_class":       "Is the platform kept from moving the cluster to a newer ClusterClass by itself.",
	"vm_class":                "VM class of every machine for which `control_plane` or the pool names no other. The variable `vmClass` of the ClusterClass; null where it is not set.",
	"storage_class":           "Storage class of the disks of every machine for which `control_plane` or the pool names no other. The variable `storageClass` of the ClusterClass; null where it is not set.",
	"variables":               "The other variables of the ClusterClass by name, as one JSON object, what the platform set by itself included: `jsondecode(...)`. Null when there are none.",
	"labels":                  "All labels of the cluster object.",
	"annotations":             "All annotations of the cluster object.",
	"availability_gates":      "Conditions that the cluster needs to be available, beside those of the platform; null when there are none.",

	"network":                 "Network of the cluster.",
	"network.pods":            "Ranges of pod addresses in CIDR notation.",
	"network.services":        "Ranges of service addresses in CIDR notation.",
	"network.service_domain":  "DNS domain of services; null where the cluster names none.",
	"network.api_server_port": "Port of the API server; null where the cluster names none, which is 6443.",

	"availability_gates.polarity": "`Positive`: it has to be true. `Negative`: it has to be false. Null is `Positive`.",

	"control_plane.replicas": "Machines of the control plane.",

	"node_pools":              "Pools of worker nodes by name.",
	"node_pools.class":        "Worker class of the ClusterClass.",
	"node_pools.replicas":     "Nodes that the pool is to have; null where an autoscaler decides.",
	"node_pools.autoscaler":   "Between how many nodes the cluster autoscaler decides; null where `replicas` are set.",
	"node_pools.zone":         "Zone (failure domain) of the pool; null: the platform's choice.",
	"node_pools.node_labels":  "Labels of the Kubernetes nodes (`node.labels` of the ClusterClass) beside those of the variable `node` of the cluster.",
	"node_pools.taints":       "Taints of the Kubernetes nodes (`node.taints` of the ClusterClass) beside those of the variable `node` of the cluster.",
	"node_pools.taints.value": "Value; it may be empty.",
	"node_pools.rollout":      "How machines are replaced; null: the platform's choice.",
}

// machineWords are those for the control plane and for pools alike.
var machineWords = map[string]string{
	"vm_class":              "VM class of these machines; null: the cluster's.",
	"storage_class":         "Storage class of the disks of these machines; null: the cluster's.",
	"os_image":              "What selects the OS image of these machines; null: the platform's choice, Photon.",
	"volumes.storage_class": "Its storage class; null: the machine's.",
	"labels":                "Labels of the machine objects on the Supervisor.",
	"annotations":           "Annotations of the machine objects on the Supervisor.",
	"variables":             "Other variables of the ClusterClass for these machines by name, as one JSON object. Each replaces the cluster's variable of that name as a whole. Null when there are none.",

	"rollout_after":                             "When machines that are older then are replaced, even when nothing else changes; null: never for the sake of time.",
	"readiness_gates":                           "Conditions that a machine needs to be ready, beside those of the platform; null when there are none.",
	"readiness_gates.polarity":                  "`Positive`: it has to be true. `Negative`: it has to be false. Null is `Positive`.",
	"machine_taints":                            "Taints that Cluster API keeps on the nodes, beside those of the ClusterClass; null when there are none.",
	"machine_taints.value":                      "Value; it may be empty.",
	"health_check":                              "When a machine is taken for unhealthy, and when it is replaced then. Null: what the ClusterClass says.",
	"health_check.enabled":                      "False: nobody replaces machines that fail. Null: on.",
	"health_check.max_unhealthy":                "Machines are replaced only while at most that many are unhealthy, as a number or a percentage. Null: always.",
	"health_check.max_in_flight":                "Machines that are being replaced at one time, as a number or a percentage. Null: as many as there are.",
	"health_check.node_startup_timeout":         "How long a new machine may take to become a node before it is replaced, in whole seconds; `0s` is no limit. Null: `10m`.",
	"health_check.unhealthy_range":              "Machines are replaced only while the number of those that are unhealthy is in this range, such as `[1-3]`. It counts more than `max_unhealthy`.",
	"health_check.unhealthy_machine_conditions": "Conditions of the machine object on the Supervisor, any of which makes it unhealthy; null when there are none.",
	"health_check.unhealthy_node_conditions":    "Conditions of the node, any of which makes the machine unhealthy. Null: none, but for nodes that are gone.",
	"health_check.remediation_template":         "The template of a controller that mends machines in place of Cluster API; null: Cluster API does.",
}

func dataSourceSchema(ctx context.Context) schema.Schema {
	attributes := map[string]schema.Attribute{
		// Optional
		"id": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "`NAMESPACE/NAME`, the id of a `vks_cluster`. Either this, or `namespace` and `name`, are needed.",
		},
		"namespace": schema.StringAttribute{
			Optional: true, Computed: true, MarkdownDescription: "vSphere Namespace that the cluster is in.",
			Validators: []validator.String{validate.DNSLabel()},
		},
		"name": schema.StringAttribute{
			Optional: true, Computed: true, MarkdownDescription: "Name of the cluster.",
			Validators: []validator.String{validate.DNSSubdomain()},
		},
		// Computed
		"available": computed.Flag(availableWords),
		"paused":    computed.Flag("Do controllers leave the cluster alone for now. The platform pauses new clusters for some seconds."),
		"deleting":  computed.Flag("Is the cluster being deleted."),
	}
	words := maps.Clone(shownWords)
	for name, says := range machineWords {
		words["control_plane."+name], words["node_pools."+name] = says, says
	}
	of := resourceSchema(ctx).Attributes
	for _, name := range shownAttributes {
		attributes[name] = computed.Shown(name, of[name], words)
	}
	return schema.Schema{
		MarkdownDescription: "A VKS cluster as it is, whoever made it, in the words of the resource `vks_cluster`: what it asks for, what the platform added, and how it is doing.\n\n" +
			"One request to the Supervisor. It takes a role in the vSphere Namespace; `VIEW` is enough. " +
			"A cluster that is not well is no error: see `available` and `conditions`. One that does not exist is an error; `vks_clusters` lists what there is without one. " +
			"Credentials are given by the ephemeral resource `vks_kubeconfig`.",
		Attributes: attributes,
	}
}

const availableWords = "Does the platform say that the cluster can be used: condition `Available`; `Ready` where the Supervisor has only the conditions of `v1beta1` (before VKS 3.5). " +
	"It can be true while machines are being replaced."

func listSchema() schema.Schema {
	attributes := map[string]schema.Attribute{
		"namespace":               computed.Text("vSphere Namespace that the cluster is in."),
		"name":                    computed.Text("Name of the cluster."),
		"available":               computed.Flag(availableWords),
		"paused":                  computed.Flag("Do controllers leave the cluster alone for now."),
		"deleting":                computed.Flag("Is the cluster being deleted."),
		"labels":                  schema.MapAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "All labels of the cluster object."},
		"cluster_class":           computed.Text("ClusterClass of the cluster."),
		"cluster_class_namespace": computed.Text("Namespace of the ClusterClass."),
	}
	of := computedSchema()
	for _, name := range []string{"live_version", "kubernetes_release", "phase", "api_endpoint", "node_counts"} {
		attributes[name] = computed.Shown(name, of[name], nil)
	}
	return schema.Schema{
		MarkdownDescription: "The VKS clusters of one vSphere Namespace, or of all, with what tells them apart.\n\n" +
			"One request to the Supervisor, whatever their number; one more to look for the namespace where there are none. " +
			"It takes a role in `namespace` (`VIEW` is enough), or without one a role on the whole Supervisor, which a tenant's account does not have: that is an error, and not an empty answer. " +
			"A filter that matches nothing gives empty results. The rest of one cluster is told by `vks_cluster`.",
		Attributes: map[string]schema.Attribute{
			// Optional
			"namespace": schema.StringAttribute{
				Optional: true, MarkdownDescription: "Only the clusters of this vSphere Namespace. One that does not exist is an error. Default: those of all.",
				Validators: []validator.String{validate.DNSLabel()},
			},
			"label_selector": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Only clusters whose labels match, as kubectl takes it: `team=a,tier in (prod, stage),!retired`. The Supervisor filters. Default: all.",
			},
			"name_prefix": schema.StringAttribute{Optional: true, MarkdownDescription: "Only clusters whose name begins with this: `prod-`. Default: all."},
			// Computed
			"ids": computed.TextList("The ids (`NAMESPACE/NAME`), in alphabetical order of namespace and name."),
			"clusters": schema.MapNestedAttribute{
				Computed: true, MarkdownDescription: "The clusters by id.",
				NestedObject: schema.NestedAttributeObject{Attributes: attributes},
			},
		},
	}
}
