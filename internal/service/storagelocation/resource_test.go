package storagelocation_test

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
	"github.com/vksops/terraform-provider-vks/internal/acctest/attached"
)

const address = "vks_storage_location.test"

func TestAccStorageLocation(t *testing.T) {
	cluster, name := attached.New(t), acctest.Name(t, "location")
	vars := attached.Store(config.Variables{"name": config.StringVariable(name)})
	step := func(dir string, more resource.TestStep) resource.TestStep {
		more.ConfigDirectory, more.ConfigVariables = config.StaticDirectory("testdata/TestAccStorageLocation/"+dir), vars
		return more
	}
	acctest.Test(t, resource.TestCase{
		CheckDestroy: gone(cluster, name),
		Steps: []resource.TestStep{
			step("create", resource.TestStep{ConfigStateChecks: created(name)}),
			step("create", resource.TestStep{
				ResourceName: address, ImportState: true, ImportStateVerify: true,
				ImportStateVerifyIgnore: []string{"last_validation_time", "last_synced_time"},
			}),
			step("update", resource.TestStep{
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PreApply:             []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)},
					PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
				},
				ConfigStateChecks: updated(),
			}),
			step("minimal", resource.TestStep{
				ConfigPlanChecks:  resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
				ConfigStateChecks: removed(),
			}),
			// Somebody changes what is managed, and adds what is not in the configuration.
			step("minimal", resource.TestStep{
				PreConfig: func() {
					cluster.Patch(attached.Locations, "velero", name, `{"spec":{"accessMode":"ReadOnly","backupSyncPeriod":"7m0s","config":{"kmsKeyId":"x","odd":"1"},"objectStorage":{"prefix":"elsewhere"}}}`)
				},
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PreApply:             []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)},
					PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
				},
				ConfigStateChecks: removed(),
			}),
			step("minimal", resource.TestStep{
				PreConfig: func() { cluster.Delete(attached.Locations, "velero", name) },
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate)},
				},
				ConfigStateChecks: removed(),
			}),
			// The Secret alone is lost: it is written again.
			step("minimal", resource.TestStep{
				PreConfig: func() { cluster.Delete(attached.Secrets, "velero", "vks-storage-location-"+name) },
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)},
				},
				Check: func(*terraform.State) error {
					if cluster.SecretText("velero", "vks-storage-location-"+name, "cloud-v1") == "" {
						return errors.New("the Secret was not written again")
					}
					return nil
				},
			}),
		},
	})
}

func created(name string) []statecheck.StateCheck {
	value := func(attribute string, check knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), check)
	}
	return []statecheck.StateCheck{
		value("id", knownvalue.StringExact("-/velero/"+name)),
		value("cluster_id", knownvalue.Null()),
		value("velero_namespace", knownvalue.StringExact("velero")),
		value("phase", knownvalue.StringExact("Available")),
		value("message", knownvalue.Null()),
		value("last_validation_time", knownvalue.NotNull()),
		value("access_mode", knownvalue.StringExact("ReadWrite")),
		value("default", knownvalue.Bool(false)),
		value("access_key_id_wo", knownvalue.Null()),
		value("secret_access_key_wo", knownvalue.Null()),
	}
}

func updated() []statecheck.StateCheck {
	return []statecheck.StateCheck{
		statecheck.ExpectKnownValue(address, tfjsonpath.New("access_mode"), knownvalue.StringExact("ReadOnly")),
		statecheck.ExpectKnownValue(address, tfjsonpath.New("backup_sync_period"), knownvalue.StringExact("10m")),
		statecheck.ExpectKnownValue(address, tfjsonpath.New("s3").AtMapKey("checksum_algorithm"), knownvalue.StringExact("")),
		statecheck.ExpectKnownValue(address, tfjsonpath.New("config").AtMapKey("signatureVersion"), knownvalue.StringExact("4")),
		statecheck.ExpectKnownValue(address, tfjsonpath.New("phase"), knownvalue.StringExact("Available")),
	}
}

func removed() []statecheck.StateCheck {
	return []statecheck.StateCheck{
		statecheck.ExpectKnownValue(address, tfjsonpath.New("access_mode"), knownvalue.StringExact("ReadWrite")),
		statecheck.ExpectKnownValue(address, tfjsonpath.New("backup_sync_period"), knownvalue.Null()),
		statecheck.ExpectKnownValue(address, tfjsonpath.New("validation_frequency"), knownvalue.Null()),
		statecheck.ExpectKnownValue(address, tfjsonpath.New("config"), knownvalue.Null()),
		statecheck.ExpectKnownValue(address, tfjsonpath.New("s3").AtMapKey("tagging"), knownvalue.Null()),
		statecheck.ExpectKnownValue(address, tfjsonpath.New("phase"), knownvalue.StringExact("Available")),
	}
}

// gone checks that neither the location nor its Secret is left.
func gone(cluster *attached.Cluster, name string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		if cluster.Get(attached.Locations, "velero", name) != nil {
			return fmt.Errorf("location %s is left", name)
		}
		if cluster.Get(attached.Secrets, "velero", "vks-storage-location-"+name) != nil {
			return fmt.Errorf("the Secret of location %s is left", name)
		}
		return nil
	}
}

func TestAccStorageLocation_identity(t *testing.T) {
	attached.Kubeconfig(t)
	name := acctest.Name(t, "location")
	vars := attached.Store(config.Variables{"name": config.StringVariable(name)})
	dir := config.StaticDirectory("testdata/TestAccStorageLocation/create")
	acctest.Test(t, resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		Steps: []resource.TestStep{
			{
				ConfigDirectory: dir, ConfigVariables: vars,
				ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectIdentity(address, map[string]knownvalue.Check{
					"cluster_id": knownvalue.StringExact("-"), "namespace": knownvalue.StringExact("velero"), "name": knownvalue.StringExact(name),
				})},
			},
			{ConfigDirectory: dir, ConfigVariables: vars, ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithID},
			{ConfigDirectory: dir, ConfigVariables: vars, ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
		},
	})
}

// TestAccStorageLocation_credentials rotates keys: the location switches to the
// new ones, the old ones go, and wrong ones are reported in Velero's words.
// Its location is never validated by itself, so that each verdict is asked for.
func TestAccStorageLocation_credentials(t *testing.T) {
	cluster, name := attached.New(t), acctest.Name(t, "rotated")
	secret := "vks-storage-location-" + name
	step := func(dir string, version int, keys config.Variables, more resource.TestStep) resource.TestStep {
		keys["name"] = config.StringVariable(name)
		keys["credentials_version"] = config.IntegerVariable(version)
		more.ConfigDirectory = config.StaticDirectory("testdata/TestAccStorageLocation_credentials/" + dir)
		more.ConfigVariables = attached.Store(keys)
		return more
	}
	holds := func(key, text string) resource.TestCheckFunc {
		return func(*terraform.State) error {
			live := cluster.Get(attached.Secrets, "velero", secret)
			data, _, _ := unstructured.NestedMap(live.Object, "data")
			if len(data) != 1 || !strings.Contains(cluster.SecretText("velero", secret, key), text) {
				return fmt.Errorf("the Secret should hold %s with the right keys and nothing else, it has %d keys", key, len(data))
			}
			return nil
		}
	}
	second := func() config.Variables {
		return config.Variables{
			"access_key": config.StringVariable(os.Getenv("LAB_S3_ACCESS_KEY_2")), "secret_key": config.StringVariable(os.Getenv("LAB_S3_SECRET_KEY_2")),
		}
	}
	wrong := config.Variables{"access_key": config.StringVariable("LABnobody"), "secret_key": config.StringVariable("not-the-secret")}
	acctest.Test(t, resource.TestCase{
		CheckDestroy: gone(cluster, name),
		Steps: []resource.TestStep{
			step("keys", 1, config.Variables{}, resource.TestStep{Check: holds("cloud-v1", "[backup]")}),
			step("keys", 2, second(), resource.TestStep{
				Check: resource.ComposeTestCheckFunc(holds("cloud-v2", os.Getenv("LAB_S3_ACCESS_KEY_2")), noSecretIn),
			}),
			step("keys", 3, wrong, resource.TestStep{ExpectError: regexp.MustCompile(`(?s)Storage location is not available.*Check the keys`)}),
			step("keys", 4, config.Variables{}, resource.TestStep{
				Check: resource.ComposeTestCheckFunc(holds("cloud-v4", os.Getenv("LAB_S3_ACCESS_KEY")), resource.TestCheckResourceAttr(address, "phase", "Available")),
			}),
			step("file", 5, config.Variables{}, resource.TestStep{Check: holds("cloud-v5", "[default]")}),
			step("none", 0, config.Variables{}, resource.TestStep{
				Check: func(*terraform.State) error {
					if cluster.Get(attached.Secrets, "velero", secret) != nil {
						return errors.New("the Secret should be gone")
					}
					return nil
				},
			}),
		},
	})
}

// noSecretIn looks for the keys in all of the state.
func noSecretIn(s *terraform.State) error {
	text := fmt.Sprintf("%#v %s", s, s.String())
	for _, name := range []string{"LAB_S3_ACCESS_KEY", "LAB_S3_SECRET_KEY", "LAB_S3_ACCESS_KEY_2", "LAB_S3_SECRET_KEY_2"} {
		if value := os.Getenv(name); value != "" && strings.Contains(text, value) {
			return fmt.Errorf("%s is in the state", name)
		}
	}
	return nil
}

// TestAccStorageLocation_failures: what Velero and the provider refuse, and how.
func TestAccStorageLocation_failures(t *testing.T) {
	attached.Kubeconfig(t)
	keys := fmt.Sprintf("access_key_id_wo = %q\n secret_access_key_wo = %q\n credentials_wo_version = 1", os.Getenv("LAB_S3_ACCESS_KEY"), os.Getenv("LAB_S3_SECRET_KEY"))
	s3 := fmt.Sprintf("s3 = { region = \"us-east-1\", url = %q, force_path_style = true }", os.Getenv("LAB_S3_URL"))
	wrong := "access_key_id_wo = \"LABnobody\"\n secret_access_key_wo = \"x\"\n credentials_wo_version = 1"
	bucket := "bucket = \"" + os.Getenv("LAB_S3_BUCKET") + "\""
	for name, c := range map[string]struct{ body, want string }{
		"missing bucket":      {`object_store = "aws"` + "\n bucket = \"no-such-bucket\"\n" + s3 + "\n" + keys, `(?s)Storage location is not available.*The\s+bucket\s+must\s+exist`},
		"wrong keys":          {`object_store = "aws"` + "\n" + bucket + "\n" + s3 + "\n" + wrong, `(?s)Storage location is not available.*Check\s+the\s+keys`},
		"unknown plugin":      {`object_store = "ibm"` + "\n" + bucket, `(?s)not available.*plugins\s+of\s+vks_data_protection`},
		"second default":      {`object_store = "aws"` + "\n" + bucket + "\n default = true\n" + s3 + "\n" + keys, `(?s)Unable to create storage location.*default\s+is\s+the\s+default\s+already`},
		"no Velero there":     {`object_store = "aws"` + "\n velero_namespace = \"nowhere\"\n" + bucket, `(?s)Unable to create storage location.*no\s+namespace\s+nowhere.*add\s+a\s+vks_data_protection`},
		"slash in bucket":     {`object_store = "aws"` + "\n bucket = \"a/b\"", `belongs\s+into\s+prefix`},
		"s3 elsewhere":        {`object_store = "azure"` + "\n" + bucket + "\n" + s3, `Settings of another object store`},
		"typed key in config": {`object_store = "aws"` + "\n" + bucket + "\n config = { s3Url = \"x\" }", `(?s)Setting in the wrong place.*s3\.url`},
		"half of the keys":    {`object_store = "aws"` + "\n" + bucket + "\n access_key_id_wo = \"x\"\n credentials_wo_version = 1", `secret_access_key_wo`},
		"no version":          {`object_store = "aws"` + "\n" + bucket + "\n credentials_wo = \"x\"", `credentials_wo_version`},
		"version alone":       {`object_store = "aws"` + "\n" + bucket + "\n credentials_wo_version = 1", `Version without credentials`},
		"bad duration":        {`object_store = "aws"` + "\n" + bucket + "\n backup_sync_period = \"1d\"", `Invalid duration`},
		"two CAs":             {`object_store = "aws"` + "\n" + bucket + "\n ca_pem = \"x\"\n ca_secret = { name = \"a\", key = \"b\" }", `ca_secret`},
		"bad cluster id":      {`object_store = "aws"` + "\n" + bucket + "\n cluster_id = \"prod\"", `Invalid cluster_id`},
	} {
		t.Run(name, func(t *testing.T) {
			acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{{
				Config: fmt.Sprintf("resource \"vks_storage_location\" \"test\" {\n name = %q\n prefix = %q\n %s\n}\n",
					acctest.Name(t, "bad"), acctest.Name(t, "bad"), c.body),
				ExpectError: regexp.MustCompile(c.want),
			}}})
		})
	}
}

// TestAccStorageLocation_unfinished: what a killed apply has left, the next one finishes.
func TestAccStorageLocation_unfinished(t *testing.T) {
	cluster, name := attached.New(t), acctest.Name(t, "killed")
	cluster.Create(attached.Locations, map[string]any{
		"apiVersion": "velero.io/v1", "kind": "BackupStorageLocation",
		"metadata": map[string]any{"namespace": "velero", "name": name, "annotations": map[string]any{"terraform-provider-vks/creating": "true"}},
		"spec":     map[string]any{"provider": "aws", "objectStorage": map[string]any{"bucket": "no-such-bucket"}},
	})
	t.Cleanup(func() { cluster.Delete(attached.Locations, "velero", name) })
	acctest.Test(t, resource.TestCase{
		CheckDestroy: gone(cluster, name),
		Steps: []resource.TestStep{{
			ConfigDirectory: config.StaticDirectory("testdata/TestAccStorageLocation/create"),
			ConfigVariables: attached.Store(config.Variables{"name": config.StringVariable(name)}), ConfigStateChecks: created(name),
			Check: func(*terraform.State) error {
				if marks := cluster.Get(attached.Locations, "velero", name).GetAnnotations(); len(marks) != 0 {
					return fmt.Errorf("the finished location still has %v", marks)
				}
				return nil
			},
		}},
	})
}
