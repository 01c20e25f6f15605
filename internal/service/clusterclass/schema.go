package clusterclass

import (
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/vksops/terraform-provider-vks/internal/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/tf/computed"
	"github.com/vksops/terraform-provider-vks/internal/tf/validate"
)

func dataSourceSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "The ClusterClasses that VKS clusters can be of, with the versions of Kubernetes that each takes and the schema of its variables: what `cluster_class` and `variables` of a `vks_cluster` can say.\n\n" +
			"One request to the Supervisor; one more to look for `namespace` where there are no classes. Every account that may log in to the Supervisor may read the built-in ones. " +
			"A filter that matches nothing gives empty results. The schemas are long: name one class with `name` where the state is to stay small.",
		Attributes: map[string]schema.Attribute{
			// Optional
			"namespace": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "Namespace of the classes: a vSphere Namespace for those of your own, and for those of VKS before 3.4. One that does not exist is an error. Default `" + supervisor.PublicNamespace + "`, which has the built-in ones since VKS 3.4.",
				Validators:          []validator.String{validate.DNSLabel()},
			},
			"kubernetes_version": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Only classes that take this version of Kubernetes, in any form that `kubernetes_version` of `vks_cluster` takes. Its minor version counts. A class that does not tell its window takes any. Default: all.",
				Validators: []validator.String{stringvalidator.RegexMatches(regexp.MustCompile(`^v?\d+\.\d+(\.\d+)?([-+].+)?$`),
					"must be a Kubernetes version such as v1.33, v1.33.1+vmware.1-fips or v1.33.1---vmware.1-fips-vkr.2")},
			},
			"name": schema.StringAttribute{
				Optional: true, MarkdownDescription: "Only the class of this name. Default: all.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			// Computed
			"newest": computed.Text("Name of the first of `classes`, the newest. Null when there is none."),
			"classes": schema.ListNestedAttribute{
				Computed: true, MarkdownDescription: "The classes, the newest first: by the version in their names; those without one come last.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"name":            computed.Text("Name, for `cluster_class` of `vks_cluster`: `builtin-generic-v3.6.0`."),
					"namespace":       computed.Text("Namespace, for `cluster_class_namespace` of `vks_cluster`."),
					"lowest_version":  computed.Text("Lowest version of Kubernetes that the class takes: `v1.32`. Null where it does not tell."),
					"highest_version": computed.Text("Highest version of Kubernetes that the class takes: `v1.35`. Null where it does not tell."),
					"worker_classes":  computed.TextList("Classes that pools can have (`class` of a pool), in alphabetical order: `node-pool`."),
					"variables": schema.MapNestedAttribute{
						Computed: true, MarkdownDescription: "The variables by name, as the class tells them after it was reconciled.",
						NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
							"required":    computed.Flag("Must each cluster set it."),
							"description": computed.Text("What it is for; null where the class does not say."),
							"schema": schema.StringAttribute{
								Computed: true, CustomType: jsontypes.NormalizedType{},
								MarkdownDescription: "Its schema in the form of OpenAPI v3, as JSON: `jsondecode(...)`. Null where the class has none.",
							},
						}},
					},
				}},
			},
		},
	}
}
