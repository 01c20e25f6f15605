package supervisor

import apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

// slim drops the descriptions from a type, which are most of Cluster API's: the
// API server keeps several copies of every schema in memory.
func slim(crd *apiextensionsv1.CustomResourceDefinition) {
	for _, v := range crd.Spec.Versions {
		if v.Schema != nil {
			slimSchema(v.Schema.OpenAPIV3Schema)
		}
	}
}

func slimSchema(s *apiextensionsv1.JSONSchemaProps) {
	if s == nil {
		return
	}
	s.Description = ""
	for name, p := range s.Properties {
		slimSchema(&p)
		s.Properties[name] = p
	}
	if s.Items != nil {
		slimSchema(s.Items.Schema)
	}
	if s.AdditionalProperties != nil {
		slimSchema(s.AdditionalProperties.Schema)
	}
}
