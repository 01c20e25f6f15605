package namespace_test

import (
	"context"
	"os"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

const address = "vks_namespace.test"

// platform is what the tests run against, seen past the provider.
type platform struct {
	*vcenter.Client
	policies map[string]string // name to id
	names    []string
	classes  []string
}

func newPlatform(t *testing.T) *platform {
	t.Helper()
	acctest.Env(t)
	var ca []byte
	if file := os.Getenv("VKS_VCENTER_CA_FILE"); file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		ca = text
	}
	c, err := vcenter.New(vcenter.Config{
		Server: os.Getenv("VKS_VCENTER_SERVER"), Username: os.Getenv("VKS_USERNAME"), Password: os.Getenv("VKS_PASSWORD"), CAPEM: ca,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(context.WithoutCancel(t.Context())) })
	return observe(t, c)
}

func observe(t *testing.T, c *vcenter.Client) *platform {
	t.Helper()
	p := &platform{Client: c, policies: map[string]string{}}
	policies, err := c.StoragePolicies(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, policy := range policies {
		p.policies[policy.Name] = policy.ID
		p.names = append(p.names, policy.Name)
	}
	classes, err := c.VMClasses(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, class := range classes {
		p.classes = append(p.classes, class.Name)
	}
	if len(p.names) < 2 || len(p.classes) < 2 {
		t.Skip("the platform needs two storage policies and two VM classes")
	}
	slices.Sort(p.names)
	slices.Sort(p.classes)
	return p
}

func (p *platform) variables(name string) config.Variables {
	list := func(names []string) config.Variable {
		return config.ListVariable(config.StringVariable(names[0]), config.StringVariable(names[1]))
	}
	return config.Variables{"name": config.StringVariable(name), "policies": list(p.names), "classes": list(p.classes)}
}

// gone checks that the namespace was removed, and not only from the state.
func (p *platform) gone(t *testing.T, name string) resource.TestCheckFunc {
	t.Helper()
	return func(*terraform.State) error {
		_, err := p.Namespace(context.WithoutCancel(t.Context()), name)
		if !fault.IsNotFound(err) {
			t.Errorf("namespace %s is still there: %v", name, err)
		}
		return nil
	}
}

// live checks what vCenter has.
func (p *platform) live(t *testing.T, name string, check func(*testing.T, *vcenter.Namespace)) resource.TestCheckFunc {
	t.Helper()
	return func(*terraform.State) error {
		n, err := p.Namespace(t.Context(), name)
		if err != nil {
			return err
		}
		check(t, n)
		return nil
	}
}

func TestLifecycle(t *testing.T) {
	p, name := newPlatform(t), acctest.Name(t, "ns")
	variables := p.variables(name)
	at := func(attribute string) tfjsonpath.Path { return tfjsonpath.New(attribute) }
	acctest.Test(t, resource.TestCase{
		CheckDestroy: p.gone(t, name),
		Steps: []resource.TestStep{
			{
				ConfigDirectory: config.StaticDirectory("testdata/TestLifecycle/create"),
				ConfigVariables: variables,
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PreApply: []plancheck.PlanCheck{
						// Known before it exists, it would have data sources read it too early.
						plancheck.ExpectUnknownValue(address, at("id")),
						plancheck.ExpectKnownValue(address, at("supervisor_id"), knownvalue.NotNull()),
						plancheck.ExpectKnownValue(address, at("deletion_protection"), knownvalue.Bool(false)),
						plancheck.ExpectKnownOutputValue("storage_class", knownvalue.NotNull()),
					},
					PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
				},
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(address, at("config_status"), knownvalue.StringExact("RUNNING")),
					statecheck.ExpectKnownValue(address, at("storage_limit_mib"), knownvalue.Int64Exact(0)),
					statecheck.ExpectKnownValue(address, at("permissions"), knownvalue.SetSizeExact(1)),
				},
				Check: p.live(t, name, func(t *testing.T, n *vcenter.Namespace) {
					t.Helper()
					if n.Limits[vcenter.CPULimit] != 8000 || n.Limits[vcenter.PodCount] != 50 || len(n.StoragePolicies) != 2 || len(n.VMClasses) != 1 {
						t.Errorf("vCenter has %+v", n)
					}
					if limit, ok := n.Limits[vcenter.SecretCount]; !ok || limit != 0 {
						t.Error("a limit of 0 was not set")
					}
				}),
			},
			{
				ConfigDirectory: config.StaticDirectory("testdata/TestLifecycle/create"),
				ConfigVariables: variables,
				ResourceName:    address, ImportState: true, ImportStateId: name, ImportStateVerify: true,
				ImportStateVerifyIgnore: []string{"force_destroy"},
			},
			{
				ConfigDirectory: config.StaticDirectory("testdata/TestLifecycle/update"),
				ConfigVariables: variables,
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
						plancheck.ExpectKnownValue(address, at("id"), knownvalue.StringExact(name)),
						plancheck.ExpectKnownValue(address, at("config_status"), knownvalue.StringExact("RUNNING")),
						plancheck.ExpectKnownValue(address, at("storage_classes"), knownvalue.MapSizeExact(2)),
					},
					PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
				},
				Check: p.live(t, name, func(t *testing.T, n *vcenter.Namespace) {
					t.Helper()
					if _, ok := n.Limits[vcenter.MemoryLimit]; ok || n.Limits[vcenter.CPULimit] != 9000 || len(n.VMClasses) != 2 || n.Description != "second" {
						t.Errorf("vCenter has %+v", n)
					}
				}),
			},
			{
				ConfigDirectory:  config.StaticDirectory("testdata/TestLifecycle/remove"),
				ConfigVariables:  variables,
				ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
				Check: p.live(t, name, func(t *testing.T, n *vcenter.Namespace) {
					t.Helper()
					if len(n.Limits) != 0 || len(n.StoragePolicies) != 0 || len(n.VMClasses) != 0 || n.Description != "" {
						t.Errorf("what the configuration does not name is still there: %+v", n)
					}
					if slices.ContainsFunc(n.Access, func(a vcenter.Access) bool { return a.Principal == "Administrator" }) {
						t.Error("the grant is still there")
					}
				}),
			},
		},
	})
}

func TestImportByIdentity(t *testing.T) {
	p, name := newPlatform(t), acctest.Name(t, "ns")
	acctest.Test(t, resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		CheckDestroy:           p.gone(t, name),
		Steps: []resource.TestStep{
			{
				ConfigDirectory: config.StaticDirectory("testdata/TestLifecycle/remove"),
				ConfigVariables: p.variables(name),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectIdentityValue(address, tfjsonpath.New("name"), knownvalue.StringExact(name)),
				},
			},
			{
				ConfigDirectory: config.StaticDirectory("testdata/TestLifecycle/remove"),
				ConfigVariables: p.variables(name),
				ResourceName:    address, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity,
				// force_destroy is a setting of the configuration, which no platform knows.
				ImportPlanChecks: resource.ImportPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectKnownValue(address, tfjsonpath.New("name"), knownvalue.StringExact(name)),
				}},
				ExpectNonEmptyPlan: true,
			},
		},
	})
}

func TestUnknownValues(t *testing.T) {
	p, name := newPlatform(t), acctest.Name(t, "ns")
	acctest.Test(t, resource.TestCase{
		CheckDestroy: p.gone(t, name),
		Steps: []resource.TestStep{
			{
				ConfigDirectory: config.StaticDirectory("testdata/TestUnknownValues/known-after-apply"),
				ConfigVariables: p.variables(name),
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PreApply: []plancheck.PlanCheck{
						plancheck.ExpectUnknownValue(address, tfjsonpath.New("name")),
						plancheck.ExpectUnknownValue(address, tfjsonpath.New("storage_classes")),
					},
					PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
				},
			},
			{
				ConfigDirectory: config.StaticDirectory("testdata/TestUnknownValues/settled"),
				ConfigVariables: p.variables(name),
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionNoop)},
				},
			},
		},
	})
}

func TestDrift(t *testing.T) {
	p, name := newPlatform(t), acctest.Name(t, "ns")
	step := func(behind func(), checks ...plancheck.PlanCheck) resource.TestStep {
		return resource.TestStep{
			PreConfig:       behind,
			ConfigDirectory: config.StaticDirectory("testdata/TestLifecycle/create"),
			ConfigVariables: p.variables(name),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply:             checks,
				PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			},
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	acctest.Test(t, resource.TestCase{
		CheckDestroy: p.gone(t, name),
		Steps: []resource.TestStep{
			step(func() {}, plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate)),
			// Somebody raises a limit, binds another policy and takes a grant away.
			step(func() {
				more := int64(99999)
				must(p.UpdateNamespace(t.Context(), name, vcenter.NamespaceChanges{
					Limits: vcenter.LimitChanges{vcenter.CPULimit: &more, vcenter.JobCount: &more},
					StoragePolicies: &[]vcenter.StorageSpec{
						{Policy: p.policies[p.names[0]]}, {Policy: p.policies[p.names[1]]}, {Policy: p.policies[p.names[len(p.names)-1]]},
					},
				}))
				must(p.RevokeAccess(t.Context(), name, vcenter.Access{Type: "USER", Principal: "administrator", Domain: "vsphere.local"}))
			}, plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)),
			// Somebody removes it.
			step(func() {
				must(p.DeleteNamespace(t.Context(), name))
				p.awaitGone(t, name)
			}, plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate)),
		},
	})
}

func (p *platform) awaitGone(t *testing.T, name string) {
	t.Helper()
	await(t, func() bool {
		_, err := p.Namespace(t.Context(), name)
		return fault.IsNotFound(err)
	})
}

func TestPermissions(t *testing.T) {
	p, name := newPlatform(t), acctest.Name(t, "ns")
	bob := vcenter.Access{Type: "USER", Principal: "bob", Domain: "vsphere.local", Role: "VIEW"}
	has := func(who vcenter.Access, want bool) resource.TestCheckFunc {
		return p.live(t, name, func(t *testing.T, n *vcenter.Namespace) {
			t.Helper()
			got := slices.ContainsFunc(n.Access, func(a vcenter.Access) bool { return a.Principal == who.Principal })
			if got != want {
				t.Errorf("%s has access: %v, want %v", who.Principal, got, want)
			}
		})
	}
	step := func(fixture string, behind func() error, check resource.TestCheckFunc, action plancheck.ResourceActionType) resource.TestStep {
		return resource.TestStep{
			PreConfig: func() {
				if err := behind(); err != nil {
					t.Fatal(err)
				}
			},
			ConfigDirectory: config.StaticDirectory("testdata/TestPermissions/" + fixture),
			ConfigVariables: config.Variables{"name": config.StringVariable(name)},
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply:             []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)},
				PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			},
			Check: check,
		}
	}
	nothing := func() error { return nil }
	grantBob := func() error { return p.GrantAccess(t.Context(), name, bob) }
	acctest.Test(t, resource.TestCase{
		CheckDestroy: p.gone(t, name),
		Steps: []resource.TestStep{
			step("shared", nothing, has(bob, false), plancheck.ResourceActionCreate),
			step("shared", grantBob, has(bob, true), plancheck.ResourceActionNoop),
			step("shared", func() error {
				return p.SetAccess(t.Context(), name, vcenter.Access{Type: "USER", Principal: "anna", Domain: "vsphere.local", Role: "OWNER"})
			}, has(bob, true), plancheck.ResourceActionUpdate),
			step("exclusive", nothing, has(bob, false), plancheck.ResourceActionUpdate),
			step("exclusive", grantBob, has(bob, false), plancheck.ResourceActionUpdate),
			step("none", nothing, has(vcenter.Access{Principal: "anna"}, false), plancheck.ResourceActionUpdate),
			step("none", grantBob, has(bob, true), plancheck.ResourceActionNoop),
		},
	})
}

func TestBadInput(t *testing.T) {
	p := newPlatform(t)
	free, taken := acctest.Name(t, "ns"), acctest.Name(t, "ns")
	for name, c := range map[string]struct{ body, want string }{
		"name":                 {`name = "Team_A"`, `Invalid name`},
		"reserved name":        {`name = "vmware-system-mine"`, `Reserved name`},
		"storage policy":       {`name = "` + free + `"` + "\n" + `storage_policies = { golden = {} }`, `There is no storage\s+policy "golden"\.\s+This\s+vCenter\s+has`},
		"VM class":             {`name = "` + free + `"` + "\n" + `vm_classes = ["huge"]`, `There is no VM class "huge"`},
		"Supervisor":           {`name = "` + free + `"` + "\n" + `supervisor = "nowhere"`, `there is no Supervisor "nowhere"; this\s+vCenter\s+has`},
		"negative limit":       {`name = "` + free + `"` + "\n" + `memory_limit_mib = -1`, `at least 0`},
		"principal and domain": {`name = "` + free + `"` + "\n" + `permissions = [{principal = "anna@corp", domain = "corp", type = "USER", role = "EDIT"}]`, `Invalid principal`},
		"no role":              {`name = "` + free + `"` + "\n" + `permissions = [{principal = "anna", domain = "corp", type = "USER"}]`, `A permission has no role`},
		"two roles": {`name = "` + free + `"` + "\n" + `permissions = [
		  {principal = "anna", domain = "corp", type = "USER", role = "EDIT"}, {principal = "Anna", domain = "corp", type = "USER", role = "VIEW"}]`, `Duplicate permission`},
		"unreachable vCenter": {`name = "` + free + "\"\n}\n" + `provider "vks" {` + "\n" + `vcenter = { server = "127.0.0.1:1" }`, `vCenter\s+127\.0\.0\.1:1`},
	} {
		t.Run(name, func(t *testing.T) {
			acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{{
				Config:      "resource \"vks_namespace\" \"test\" {\n" + c.body + "\n}\n",
				PlanOnly:    true,
				ExpectError: regexp.MustCompile(c.want),
			}}})
		})
	}
	t.Run("name is taken", func(t *testing.T) {
		p.create(t, taken)
		acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{{
			Config:      "resource \"vks_namespace\" \"test\" {\n  name = \"" + taken + "\"\n}\n",
			PlanOnly:    true,
			ExpectError: regexp.MustCompile(`already exists(.|\n)*import \{`),
		}}})
	})
}

// create makes a namespace behind Terraform's back, until the end of the test.
func (p *platform) create(t *testing.T, name string) {
	t.Helper()
	supervisor, err := p.ResolveSupervisor(t.Context(), os.Getenv("VKS_SUPERVISOR"))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.CreateNamespace(t.Context(), vcenter.NamespaceSpec{Supervisor: supervisor.ID, Name: name}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.DeleteNamespace(context.WithoutCancel(t.Context()), name) })
	await(t, func() bool {
		_, err := p.Namespace(t.Context(), name)
		return err == nil
	})
}

// await looks until done, for two minutes.
func await(t *testing.T, done func() bool) {
	t.Helper()
	for range 600 {
		if done() {
			return
		}
		select {
		case <-t.Context().Done():
		case <-time.After(200 * time.Millisecond):
		}
	}
	t.Fatal("waited in vain")
}

func TestDeletionProtection(t *testing.T) {
	p, name := newPlatform(t), acctest.Name(t, "ns")
	body := func(name, protection string) string {
		return `resource "vks_namespace" "test" {
		  name          = "` + name + `"
		  force_destroy = true
		  ` + protection + `
		}`
	}
	acctest.Test(t, resource.TestCase{
		CheckDestroy: p.gone(t, name),
		Steps: []resource.TestStep{
			{Config: "provider \"vks\" {\n  deletion_protection = true\n}\n" + body(name, "")},
			{Config: body(name, "deletion_protection = true"), Destroy: true, ExpectError: regexp.MustCompile(`deletion_protection = false`)},
			{Config: body(name+"-b", "deletion_protection = true"), ExpectError: regexp.MustCompile(`deletion_protection = false`)},
			{
				Config: body(name, "deletion_protection = false"),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
					plancheck.ExpectKnownValue(address, tfjsonpath.New("messages"), knownvalue.ListSizeExact(0)),
				}},
			},
		},
	})
}
