package storagelocation

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/objectvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/tf/planmod"
	"github.com/vksops/terraform-provider-vks/internal/tf/target"
	tftypes "github.com/vksops/terraform-provider-vks/internal/tf/types"
)

func resourceSchema(ctx context.Context) schema.Schema {
	return schema.Schema{
		MarkdownDescription: "A bucket that Velero keeps backups in: a Velero BackupStorageLocation, with its credentials. " +
			"Creating it waits until Velero has validated the bucket, and fails with Velero's own message when it cannot. " +
			"Destroying it removes the location and the Secret that this resource owns; what is in the bucket stays.",
		Attributes: map[string]schema.Attribute{
			// Required.
			"name": target.NameAttribute("Name of the location."),
			"object_store": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "The Velero provider (plugin) that talks to the store: `aws` for any S3, `azure`, `gcp` and so on. Changing it replaces the resource.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"bucket": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Bucket (container) of the object store. It must exist.",
				Validators:          []validator.String{stringvalidator.RegexMatches(bucketForm, "must not be empty or contain a slash: what comes after the bucket belongs into prefix")},
			},
			// Optional.
			"cluster_id":       target.ClusterIDAttribute(),
			"velero_namespace": target.NamespaceAttribute(),
			"prefix": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Directory in the bucket. Needed where the bucket holds anything that is not Velero's, and where clusters share a bucket.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"s3":        s3Attribute(),
			"config":    configAttribute(),
			"ca_pem":    caPEMAttribute(),
			"ca_secret": secretKeyAttribute("Key of an existing Secret in Velero's namespace with the CA bundle (PEM) to trust for the object store. Needs Velero 1.18."),
			"credential": secretKeyAttribute("Key of an existing Secret in Velero's namespace with the credentials, in the form that the plugin reads. "+
				"Without this and without write-only credentials, Velero uses what its pod has.", "credentials_wo_version", "credentials_wo", "access_key_id_wo", "secret_access_key_wo"),
			"access_key_id_wo":       writeOnlyAttribute("S3 access key id. Write-only: it is never in state, plan or logs; it is sent when `credentials_wo_version` changes.", "secret_access_key_wo", "credentials_wo_version"),
			"secret_access_key_wo":   writeOnlyAttribute("S3 secret access key. Write-only.", "access_key_id_wo", "credentials_wo_version"),
			"credentials_wo":         writeOnlyAttribute("Whole credentials file, in the form that the plugin reads. Write-only. In place of the two S3 keys.", "credentials_wo_version"),
			"credentials_wo_version": versionAttribute(),
			"access_mode": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString(readWrite),
				MarkdownDescription: "`ReadWrite` (default), or `ReadOnly` for a location to restore from.",
				Validators:          []validator.String{stringvalidator.OneOf(readWrite, readOnly)},
			},
			"default": schema.BoolAttribute{
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(false),
				MarkdownDescription: "Use this location for backups that name none. Velero knows one default and silently clears the others, so this is refused while another location is the default. Default `false`.",
			},
			"backup_sync_period": schema.StringAttribute{
				Optional:            true,
				CustomType:          tftypes.DurationType{},
				PlanModifiers:       sameDuration(),
				MarkdownDescription: "How often Velero looks for backups that other clusters have made in the bucket. `0s` turns that off. Default: the server's (1m).",
			},
			"validation_frequency": schema.StringAttribute{
				Optional:            true,
				CustomType:          tftypes.DurationType{},
				PlanModifiers:       sameDuration(),
				MarkdownDescription: "How often Velero checks that the bucket can be used. `0s` turns that off after the first time. Default: the server's (1m).",
			},
			"wait_for_available": schema.BoolAttribute{
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(true),
				MarkdownDescription: "Wait until Velero has validated what was written. Default `true`.",
			},
			"timeouts": timeouts.AttributesAll(ctx),
			// Computed.
			"id":                   target.IDAttribute("CLUSTER_ID/VELERO_NAMESPACE/NAME"),
			"phase":                computedString("`Available` or `Unavailable`, as of the last validation."),
			"message":              computedString("Why the location is unavailable, in Velero's words."),
			"last_validation_time": computedString("When Velero last validated the location (RFC 3339)."),
			"last_synced_time":     computedString("When Velero last looked for backups in the bucket (RFC 3339)."),
		},
	}
}

func s3Attribute() schema.Attribute {
	text := func(description string) schema.Attribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description}
	}
	flag := func(description string) schema.Attribute {
		return schema.BoolAttribute{Optional: true, MarkdownDescription: description}
	}
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Settings of the `aws` plugin, by their meaning. Only with `object_store = \"aws\"`.",
		Attributes: map[string]schema.Attribute{
			"region":                   text("Region. S3 that is not Amazon's wants some value, such as `us-east-1`."),
			"url":                      text("Address of the S3 service, for stores that are not Amazon's. It must be reachable from inside the cluster."),
			"public_url":               text("Address to use in download links, where `velero` on a workstation reaches the store by another name."),
			"force_path_style":         flag("Put the bucket into the path, not into the host name. Most stores that are not Amazon's need `true`."),
			"insecure_skip_tls_verify": flag("Do not verify the store's certificate. Better: `ca_pem`."),
			"profile":                  text("Profile in the credentials file. Default `default`."),
			"kms_key_id":               text("KMS key to encrypt with."),
			"server_side_encryption":   text("Server-side encryption algorithm: `AES256`, `aws:kms`."),
			"checksum_algorithm":       text("Checksum that uploads carry, such as `CRC32`; the empty string turns checksums off, which some stores need."),
			"tagging":                  text("Tags of the objects, as a URL query: `team=a&purpose=backup`."),
		},
	}
}

func configAttribute() schema.Attribute {
	return schema.MapAttribute{
		Optional:            true,
		ElementType:         types.StringType,
		MarkdownDescription: "Any other key of the plugin's configuration. A key that `s3` has a name for belongs there.",
		Validators:          []validator.Map{mapvalidator.KeysAre(stringvalidator.LengthAtLeast(1))},
	}
}

func caPEMAttribute() schema.Attribute {
	return schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: "CA bundle (PEM) to trust for the object store.",
		Validators:          []validator.String{pemValidator{}, stringvalidator.ConflictsWith(path.MatchRoot("ca_secret"))},
	}
}

func secretKeyAttribute(description string, conflicts ...string) schema.Attribute {
	expressions := make([]path.Expression, 0, len(conflicts))
	for _, name := range conflicts {
		expressions = append(expressions, path.MatchRoot(name))
	}
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: description,
		Validators:          []validator.Object{objectvalidator.ConflictsWith(expressions...)},
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{Required: true, MarkdownDescription: "Name of the Secret."},
			"key":  schema.StringAttribute{Required: true, MarkdownDescription: "Key in the Secret."},
		},
	}
}

func writeOnlyAttribute(description string, with ...string) schema.Attribute {
	validators := []validator.String{stringvalidator.LengthAtLeast(1)}
	for _, name := range with {
		validators = append(validators, stringvalidator.AlsoRequires(path.MatchRoot(name)))
	}
	return schema.StringAttribute{Optional: true, Sensitive: true, WriteOnly: true, MarkdownDescription: description, Validators: validators}
}

func versionAttribute() schema.Attribute {
	return schema.Int64Attribute{
		Optional: true,
		MarkdownDescription: "Version of the write-only credentials, a number of your own: raise it to rotate. They are kept in a Secret that this resource owns; " +
			"a new version is written beside the old one, the location switches to it, Velero validates, and the old one is removed.",
		Validators: []validator.Int64{int64validator.AtLeast(0)},
	}
}

func computedString(description string) schema.Attribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}

func sameDuration() []planmodifier.String { return []planmodifier.String{planmod.SameDuration()} }
