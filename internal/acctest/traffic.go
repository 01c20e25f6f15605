package acctest

import (
	"os"
	"testing"

	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
)

// Traffic gives the lab's seam for faults and its log of requests, and skips
// the test on a platform that has none.
func Traffic(t *testing.T) *traffic.Client {
	t.Helper()
	Env(t)
	url := os.Getenv("LAB_CONTROL_URL")
	if url == "" {
		t.Skip("this platform has no log of requests: the test needs the lab")
	}
	return traffic.NewClient(url)
}
