package kubernetesrelease_test

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
)

const address = "data.vks_kubernetes_releases.test"

func is(path string, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(path), check)
}

func first(path string, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New("releases").AtSliceIndex(0).AtMapKey(path), check)
}

func config(body string) string {
	return "data \"vks_kubernetes_releases\" \"test\" {\n" + body + "\n}\n"
}

// The releases of the lab: all, those that can be used, those of a version.
func TestAccKubernetesReleases(t *testing.T) {
	log := acctest.Traffic(t)
	var mark int64
	matches := func(pattern string) knownvalue.Check { return knownvalue.StringRegexp(regexp.MustCompile(pattern)) }
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config:           config(``),
			ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			ConfigStateChecks: []statecheck.StateCheck{
				is("latest", matches(`^v1\.36\.\d+---`)), first("name", matches(`^v1\.36\.\d+---`)),
				first("ready", knownvalue.Bool(true)), first("compatible", knownvalue.Bool(true)), first("message", knownvalue.StringExact("")),
			},
		},
		{
			PreConfig: func() {
				var err error
				if mark, err = log.Mark(t.Context()); err != nil {
					t.Fatal(err)
				}
			},
			Config: config(`compatible_only = false`),
			ConfigStateChecks: []statecheck.StateCheck{
				is("latest", matches(`^v1\.36\.\d+---`)), first("name", matches(`^v1\.37\.`)), first("version", matches(`^v1\.37\.\d+\+.*-vkr\.`)),
				first("kubernetes_version", matches(`^v1\.37\.\d+\+vmware\.\d+$`)),
				first("ready", knownvalue.Bool(false)), first("compatible", knownvalue.Bool(false)), first("message", matches(`VKS service`)),
			},
		},
		{
			PreConfig: func() { eachOnce(t, log, mark) },
			Config:    config(`version = "v1.33.1"`),
			ConfigStateChecks: []statecheck.StateCheck{
				is("latest", knownvalue.StringExact("v1.33.1---vmware.1-fips-vkr.2")), is("releases", knownvalue.ListSizeExact(1)),
				first("kubernetes_version", knownvalue.StringExact("v1.33.1+vmware.1-fips")),
				first("os_images", knownvalue.ListPartial(map[int]knownvalue.Check{0: knownvalue.ObjectExact(map[string]knownvalue.Check{
					"name":    knownvalue.StringExact("v1.33.1---vmware.1-fips-vkr.2-photon-5-amd64"),
					"os_name": knownvalue.StringExact("photon"), "os_version": knownvalue.StringExact("5"), "os_arch": knownvalue.StringExact("amd64"),
					"os_type": knownvalue.StringExact("linux"), "image_type": knownvalue.StringExact("vmi"), "content_library": matches(`^cl-`),
				})})),
			},
		},
		{
			Config:            config(`version = "1.33.1+vmware.1-fips-vkr.2"`),
			ConfigStateChecks: []statecheck.StateCheck{is("latest", knownvalue.StringExact("v1.33.1---vmware.1-fips-vkr.2"))},
		},
		{
			Config:            config(`version = "v1.37"`), // there, but not to be used
			ConfigStateChecks: []statecheck.StateCheck{is("latest", knownvalue.Null()), is("releases", knownvalue.ListExact(nil))},
		},
		{
			Config:            config("version = \"v1.37\"\ncompatible_only = false"),
			ConfigStateChecks: []statecheck.StateCheck{is("latest", knownvalue.Null()), first("name", matches(`^v1\.37\.`))},
		},
		{Config: config(`version = "newest"`), ExpectError: regexp.MustCompile(`must be a\s+Kubernetes\s+version`)},
		{
			Config: "resource \"terraform_data\" \"x\" {\n  input = \"v1.33\"\n}\n" +
				config("version = terraform_data.x.output\ncompatible_only = terraform_data.x.output == \"v1.33\""),
			ConfigStateChecks: []statecheck.StateCheck{is("latest", matches(`^v1\.33\.`))},
		},
	}})
}

// eachOnce: as many lists of the one kind as of the other, and of nothing else
// there. A step runs some commands, beside other tests.
func eachOnce(t *testing.T, log *traffic.Client, since int64) {
	t.Helper()
	requests, err := log.Requests(t.Context(), traffic.Query{Since: since, Path: "/apis/kubernetes.vmware.com/v1alpha1/"})
	if err != nil {
		t.Fatal(err)
	}
	reads := map[string]int{}
	for _, r := range requests {
		reads[r.Path]++
	}
	if releases, images := reads["/apis/kubernetes.vmware.com/v1alpha1/kubernetesreleases"], reads["/apis/kubernetes.vmware.com/v1alpha1/osimages"]; releases == 0 || images == 0 || len(reads) != 2 {
		t.Errorf("what was read: %v", reads)
	}
}

// A cluster can be made of what latest says, as a plan with the Supervisor's own
// admission shows.
func TestAccKubernetesReleases_latest(t *testing.T) {
	namespace := acctest.Name(t, "release")
	base := `
resource "vks_namespace" "test" {
  name             = "` + namespace + `"
  vm_classes       = ["best-effort-small"]
  storage_policies = { gold-policy = {} }
}
`
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: base},
		{
			Config: base + config(``) + `
resource "vks_cluster" "test" {
  name               = "prod"
  namespace          = vks_namespace.test.name
  kubernetes_version = data.vks_kubernetes_releases.test.latest
  vm_class           = "best-effort-small"
  storage_class      = "gold-policy"
  network            = { pods = ["192.168.0.0/16"], services = ["10.96.0.0/12"] }
  control_plane      = {}
  server_validation  = true
}
`,
			PlanOnly: true, ExpectNonEmptyPlan: true,
		},
	}})
}
