package vcenter

import "testing"

func TestStorageClassName(t *testing.T) {
	t.Parallel()
	for policy, want := range map[string]string{
		"vSAN Default Storage Policy": "vsan-default-storage-policy",
		"gold-policy":                 "gold-policy",
		"Tier 1 (SSD) / fast":         "tier-1-ssd-fast",
		"wcp.v1":                      "wcp.v1",
	} {
		if got := StorageClassName(policy); got != want {
			t.Errorf("%q: got %q, want %q", policy, got, want)
		}
	}
}
