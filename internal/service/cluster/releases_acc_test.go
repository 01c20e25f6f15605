package cluster_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
)

// A release, an OS image or a class that is not there is said at plan, before
// anything of the configuration is made. Two lists are enough for all clusters.
func TestAccCluster_releases(t *testing.T) {
	var steps []resource.TestStep
	for _, c := range []struct{ line, want string }{
		{`kubernetes_version = "v1.99"`, `(?s)No such Kubernetes release.*These can be used:.*v1\.34\.1---vmware\.1-vkr\.4`},
		{`kubernetes_version = "v1.37"`, `(?s)No such Kubernetes release.*v1\.37\.0---vmware\.1-vkr\.1.*not\s+compatible.*VKS\s+service`},
		{`control_plane = { os_image = { name = "ubuntu" } }`, `(?s)OS image cannot be resolved.*os-version=22\.04.*os-version=24\.04`},
		{`control_plane = { os_image = { name = "rhel" } }`, `(?s)OS image cannot be resolved.*No OS image of.*os-name=photon`},
		{`node_pools = { blue = { replicas = 1, os_image = { name = "ubuntu", version = "20.04" } } }`, `(?s)OS image cannot be resolved.*No OS image of`},
	} {
		steps = append(steps, resource.TestStep{Config: inline(`"team-a"`, c.line), PlanOnly: true, ExpectError: regexp.MustCompile(c.want)})
	}
	steps = append(steps,
		resource.TestStep{
			Config:   inline(`"team-a"`, `pin_cluster_class = true`, `cluster_class = "builtin-generic-v3.4.0"`, `kubernetes_version = "v1.34"`),
			PlanOnly: true, ExpectError: regexp.MustCompile(`(?s)Pinned ClusterClass does not take the version.*v1\.29 to v1\.33`),
		},
		resource.TestStep{Config: inline(`"team-a"`, `node_pools = { blue = { replicas = 1, os_image = { name = "ubuntu", version = "24.04" } } }`), PlanOnly: true, ExpectNonEmptyPlan: true},
	)
	acctest.Test(t, resource.TestCase{Steps: steps})
}

// Many clusters in one plan ask once for what the Supervisor has, and a plan
// that changes nothing does not ask at all. Each cluster is read once.
func TestAccCluster_requests(t *testing.T) {
	acctest.Once(t)
	log, namespace := acctest.Traffic(t), acctest.Name(t, "requests")
	variables := config.Variables{"name": config.StringVariable(namespace)}
	one := inline("vks_namespace.test.name", `wait_for = count.index == 0 ? ["available"] : []`)
	one = strings.Replace(one, `name          = "prod"`, "name = \"c-${count.index}\"\n  count = 3", 1)
	all := `
variable "name" { type = string }

resource "vks_namespace" "test" {
  name             = var.name
  vm_classes       = ["best-effort-small"]
  storage_policies = { gold-policy = {} }
}
` + one
	count := func(since int64) map[string]int {
		t.Helper()
		requests, err := log.Requests(t.Context(), traffic.Query{Since: since, Target: "supervisor"})
		if err != nil {
			t.Fatal(err)
		}
		counts := map[string]int{}
		for _, r := range requests {
			if strings.Contains(r.Path, "/namespaces/"+namespace+"/clusters") {
				words := []string{r.Method, r.Path[strings.LastIndex(r.Path, "/")+1:]}
				if strings.Contains(r.Query, "watch") {
					words[0] = "WATCH"
				}
				counts[strings.Join(words, " ")]++
			}
		}
		return counts
	}
	mark := func() int64 {
		t.Helper()
		seq, err := log.Mark(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return seq
	}
	var since int64
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			PreConfig: func() { since = mark() },
			Config:    all, ConfigVariables: variables,
		},
		{ // the harness refreshes after the apply and once more for this plan
			PreConfig: func() {
				// Created, begun to wait, watched, read back; and the refresh of an empty plan or two.
				counts := count(since)
				if counts["WATCH clusters"] != 1 {
					t.Errorf("a wait is %d watches: %v", counts["WATCH clusters"], counts)
				}
				for _, c := range []string{"c-0", "c-1", "c-2"} {
					if n := counts["GET "+c]; n == 0 || n > 6 {
						t.Errorf("%s was read %d times: %v", c, n, counts)
					}
				}
				since = mark()
			},
			Config: all, ConfigVariables: variables, PlanOnly: true,
		},
		{
			PreConfig: func() {
				counts := count(since)
				var of []int
				for _, c := range []string{"c-0", "c-1", "c-2"} {
					of = append(of, counts["GET "+c])
				}
				if len(counts) != 3 || of[0] == 0 || slices.Max(of) != slices.Min(of) {
					t.Errorf("a refresh does not read each cluster as often, and nothing else: %v", counts)
				}
			},
			Config: all, ConfigVariables: variables, PlanOnly: true,
		},
	}})
}
