package clusterclass_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
)

const address = "data.vks_cluster_classes.test"

func is(path string, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(path), check)
}

func first(path string, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New("classes").AtSliceIndex(0).AtMapKey(path), check)
}

func config(body string) string {
	return "data \"vks_cluster_classes\" \"test\" {\n" + body + "\n}\n"
}

// window expects that each class takes the minor version, the newest first.
type window int

// CheckValue looks at all classes.
func (minor window) CheckValue(value any) error {
	classes, _ := value.([]any)
	before := ""
	for _, item := range classes {
		class, _ := item.(map[string]any)
		name, _ := class["name"].(string)
		var low, high int
		for key, into := range map[string]*int{"lowest_version": &low, "highest_version": &high} {
			text, _ := class[key].(string)
			if _, err := fmt.Sscanf(text, "v1.%d", into); err != nil {
				return fmt.Errorf("%s of %s is %q", key, name, text)
			}
		}
		if low > int(minor) || int(minor) > high {
			return fmt.Errorf("%s takes v1.%d to v1.%d", name, low, high)
		}
		if strings.HasPrefix(name, "builtin-generic-v") && before != "" && name > before {
			return fmt.Errorf("%s comes after %s", name, before)
		}
		before = name
	}
	if len(classes) < 2 {
		return errors.New("there are too few classes to show an order")
	}
	return nil
}

// String says what is expected.
func (minor window) String() string { return fmt.Sprintf("takes v1.%d", int(minor)) }

// object expects JSON with these properties.
type object []string

// CheckValue parses the schema.
func (properties object) CheckValue(value any) error {
	text, _ := value.(string)
	var schema struct {
		Type       string
		Properties map[string]any
	}
	if err := json.Unmarshal([]byte(text), &schema); err != nil {
		return err
	}
	for _, name := range properties {
		if _, there := schema.Properties[name]; !there || schema.Type != "object" {
			return fmt.Errorf("%s is not in %s", name, text)
		}
	}
	return nil
}

// String says what is expected.
func (properties object) String() string { return strings.Join(properties, ", ") }

// The classes of the lab: all, those for a version, one with its variables, and
// those of a namespace.
func TestAccClusterClasses(t *testing.T) {
	log := acctest.Traffic(t)
	namespace := acctest.Name(t, "classes")
	base := "resource \"vks_namespace\" \"test\" {\n  name = \"" + namespace + "\"\n}\n"
	var mark int64
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config:           base + config(`kubernetes_version = "v1.33.1"`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			ConfigStateChecks: []statecheck.StateCheck{
				is("classes", window(33)), is("namespace", knownvalue.StringExact("vmware-system-vks-public")),
				first("name", knownvalue.StringRegexp(regexp.MustCompile(`^builtin-generic-v3\.`))),
				statecheck.CompareValuePairs(address, tfjsonpath.New("newest"), address, tfjsonpath.New("classes").AtSliceIndex(0).AtMapKey("name"), compare.ValuesSame()),
			},
		},
		{
			PreConfig: func() {
				var err error
				if mark, err = log.Mark(t.Context()); err != nil {
					t.Fatal(err)
				}
			},
			Config: base + config(`name = "builtin-generic-v3.6.0"`),
			ConfigStateChecks: []statecheck.StateCheck{
				is("newest", knownvalue.StringExact("builtin-generic-v3.6.0")), is("classes", knownvalue.ListSizeExact(1)),
				first("lowest_version", knownvalue.StringExact("v1.32")), first("highest_version", knownvalue.StringExact("v1.35")),
				first("worker_classes", knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact("node-pool")})),
				first("variables", knownvalue.MapPartial(map[string]knownvalue.Check{
					"vmClass": knownvalue.ObjectPartial(map[string]knownvalue.Check{"required": knownvalue.Bool(true), "description": knownvalue.Null()}),
					"kubernetes": knownvalue.ObjectPartial(map[string]knownvalue.Check{
						"required": knownvalue.Bool(false), "schema": object{"certificateRotation", "kubeletConfiguration"},
					}),
				})),
			},
		},
		{
			PreConfig: func() { onlyLists(t, log, mark) },
			Config:    base + config(`namespace = vks_namespace.test.name`),
			ConfigStateChecks: []statecheck.StateCheck{
				is("newest", knownvalue.Null()), is("classes", knownvalue.ListExact(nil)), is("namespace", knownvalue.StringExact(namespace)),
			},
		},
		{
			Config:            base + config(`kubernetes_version = "v1.99"`),
			ConfigStateChecks: []statecheck.StateCheck{is("newest", knownvalue.Null()), is("classes", knownvalue.ListExact(nil))},
		},
		{
			Config: base + "resource \"terraform_data\" \"x\" {\n  input = [\"v1.33\", \"builtin-generic-v3.6.0\"]\n}\n" +
				config("kubernetes_version = terraform_data.x.output[0]\nname = terraform_data.x.output[1]\nnamespace = terraform_data.x.output[0] == \"\" ? \"x\" : null"),
			ConfigStateChecks: []statecheck.StateCheck{is("newest", knownvalue.StringExact("builtin-generic-v3.6.0"))},
		},
		{Config: base + config(`kubernetes_version = "1"`), ExpectError: regexp.MustCompile(`must be a\s+Kubernetes\s+version`)},
		{
			Config:      base + config(`namespace = "`+acctest.Name(t, "none")+`"`),
			ExpectError: regexp.MustCompile(`(?s)Namespace not found.*has\s+no\s+namespace\s+none-.*vmware-system-vks-public`),
		},
		{Config: base},
	}})
}

func onlyLists(t *testing.T, log *traffic.Client, since int64) {
	t.Helper()
	requests, err := log.Requests(t.Context(), traffic.Query{Since: since, Path: "/vmware-system-vks-public/clusterclasses"})
	if err != nil || len(requests) == 0 {
		t.Fatalf("no request was seen (%v)", err)
	}
	for _, r := range requests {
		if r.Method != "GET" || !strings.HasSuffix(r.Path, "/clusterclasses") {
			t.Errorf("%s %s", r.Method, r.Path)
		}
	}
}

// The Supervisor before VKS 3.5 says the same of its classes.
func TestAccClusterClasses_v1beta1(t *testing.T) {
	acctest.Env(t)
	door := os.Getenv("LAB_SUPERVISOR_V1BETA1_SERVER")
	if door == "" {
		t.Skip("this platform has no Supervisor that serves v1beta1 only")
	}
	acctest.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.TwoFactories(t), Steps: []resource.TestStep{{
		Config: "provider \"other\" {\n  supervisor = { server = \"" + door + "\" }\n}\n" +
			config("") + strings.NewReplacer(`"test" {`, "\"old\" {\n  provider = other").Replace(config("")),
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.CompareValuePairs(address, tfjsonpath.New("classes"), "data.vks_cluster_classes.old", tfjsonpath.New("classes"), compare.ValuesSame()),
			statecheck.ExpectKnownValue("data.vks_cluster_classes.old", tfjsonpath.New("newest"), knownvalue.NotNull()),
		},
	}}})
}
