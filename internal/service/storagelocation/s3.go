package storagelocation

import (
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// s3Keys gives the key of the aws plugin's configuration for each attribute of
// s3 (velero-plugin-for-aws, backupstoragelocation.md).
var s3Keys = map[string]string{
	"region":                   "region",
	"url":                      "s3Url",
	"public_url":               "publicUrl",
	"force_path_style":         "s3ForcePathStyle",
	"insecure_skip_tls_verify": "insecureSkipTLSVerify",
	"profile":                  "profile",
	"kms_key_id":               "kmsKeyId",
	"server_side_encryption":   "serverSideEncryption",
	"checksum_algorithm":       "checksumAlgorithm",
	"tagging":                  "tagging",
}

// s3Flags are the keys that hold "true" or "false".
var s3Flags = map[string]bool{"force_path_style": true, "insecure_skip_tls_verify": true}

var s3Types = func() map[string]attr.Type {
	all := make(map[string]attr.Type, len(s3Keys))
	for name := range s3Keys {
		all[name] = types.StringType
		if s3Flags[name] {
			all[name] = types.BoolType
		}
	}
	return all
}()

// isS3 reports whether the aws plugin is meant, by either of its names.
func isS3(objectStore string) bool { return objectStore == "aws" || objectStore == "velero.io/aws" }

// expandS3 gives the plugin's configuration for what is set. An empty text is a
// setting, too: it turns checksums off.
func expandS3(s3 types.Object) map[string]string {
	config := map[string]string{}
	for name, value := range s3.Attributes() {
		if value.IsNull() || value.IsUnknown() {
			continue
		}
		switch v := value.(type) {
		case types.Bool:
			config[s3Keys[name]] = strconv.FormatBool(v.ValueBool())
		case types.String:
			config[s3Keys[name]] = v.ValueString()
		}
	}
	return config
}

// flattenS3 takes the keys that s3 has a name for out of config. Without any of
// them, an s3 = {} of the user stays.
func flattenS3(before types.Object, config map[string]string) types.Object {
	values := make(map[string]attr.Value, len(s3Keys))
	found := false
	for name, key := range s3Keys {
		text, ok := config[key]
		delete(config, key)
		found = found || ok
		switch {
		case s3Flags[name]:
			values[name] = boolOrNull(text)
		case ok:
			values[name] = types.StringValue(text)
		default:
			values[name] = types.StringNull()
		}
	}
	if !found && (before.IsNull() || before.IsUnknown()) {
		return types.ObjectNull(s3Types)
	}
	return types.ObjectValueMust(s3Types, values)
}
