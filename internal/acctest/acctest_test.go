package acctest_test

import (
	"testing"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
)

// The variables of a platform alone, which whoever works with it has in the
// shell, do not make it one to test against.
func TestPlatformNeedsConsent(t *testing.T) {
	for name, value := range map[string]string{"LAB_DIR": "", "VKS_VCENTER_SERVER": "vcenter.example.com", "TF_ACC": ""} {
		t.Setenv(name, value)
	}
	skipped := false
	t.Run("without TF_ACC", func(t *testing.T) {
		defer func() { skipped = t.Skipped() }()
		acctest.Env(t)
	})
	if !skipped {
		t.Error("a test would have run against vcenter.example.com")
	}
}
