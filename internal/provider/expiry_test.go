package provider_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
	"github.com/vksops/terraform-provider-vks/internal/lab/await"
	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
)

// fresh is longer than the time for which the provider takes a new login for
// good: when that is refused, another one would not help.
const fresh = 22 * time.Second

// One apply is longer than its sessions: in the middle of it vCenter forgets all
// of them, REST and SOAP, and the Supervisor all tokens. What comes after that
// goes on without a word to the user.
func TestExpiredSessions(t *testing.T) {
	log, name := acctest.Traffic(t), acctest.Name(t, "expiry")
	mark, err := log.Mark(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	over, expired := filepath.Join(t.TempDir(), "over"), make(chan error, 1)
	go func() {
		expired <- errors.Join(expire(t.Context(), log, name, mark), os.WriteFile(over, nil, 0o600))
	}()
	refused := func(target, path string) {
		requests, err := log.Requests(t.Context(), traffic.Query{Since: mark, Target: target, Path: path})
		if err != nil {
			t.Fatal(err)
		}
		was := slices.IndexFunc(requests, func(r traffic.Request) bool { return r.Status == 401 })
		if was < 0 || !slices.ContainsFunc(requests[was:], func(r traffic.Request) bool { return r.Status == 200 }) {
			t.Errorf("%s %s was not refused, and then allowed again, in %d requests: the test shows nothing", target, path, len(requests))
		}
	}
	config := `
resource "terraform_data" "apply" {
}
data "vks_host_headroom" "before" {
  depends_on = [terraform_data.apply] # in the apply, not the plan: it opens a SOAP session
}
resource "vks_namespace" "test" {
  name             = "` + name + `"
  vm_classes       = ["best-effort-small"]
  storage_policies = { gold-policy = {} }
  depends_on       = [data.vks_host_headroom.before]
}
data "vks_quota_usage" "before" {
  namespace  = vks_namespace.test.name
  depends_on = [vks_namespace.test]
}
resource "terraform_data" "middle" {
  depends_on = [data.vks_quota_usage.before]
  provisioner "local-exec" {
    command = "until [ -e '` + over + `' ]; do sleep 0.2; done"
  }
}
data "vks_quota_usage" "after" {
  namespace  = vks_namespace.test.name
  depends_on = [terraform_data.middle] # the first to be refused: its requests have the name in their paths
}
data "vks_host_headroom" "after" {
  depends_on = [data.vks_quota_usage.after]
}
resource "vks_namespace" "after" {
  name       = "` + name + `-after"
  depends_on = [data.vks_quota_usage.after]
}
`
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config: config,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("data.vks_host_headroom.after", tfjsonpath.New("status"), knownvalue.NotNull()),
				statecheck.ExpectKnownValue("data.vks_quota_usage.after", tfjsonpath.New("status"), knownvalue.NotNull()),
			},
		},
		{
			PreConfig: func() {
				if err := <-expired; err != nil {
					t.Fatal(err)
				}
				refused("vcenter", "/namespaces/instances/v2/"+name+"$")
				refused("supervisor", "/namespaces/"+name+"/")
			},
			Config: config, PlanOnly: true,
		},
	}})
}

// expire expires all sessions once, when the Supervisor has been asked for the
// namespace and that is long ago.
func expire(ctx context.Context, log *traffic.Client, name string, mark int64) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	err := await.OK(ctx, "the first half of the apply", func(ctx context.Context) error {
		requests, err := log.Requests(ctx, traffic.Query{Since: mark, Target: "supervisor", Path: "/namespaces/" + name + "/"})
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(requests, func(r traffic.Request) bool { return r.Status == 200 && time.Since(r.Time) > fresh }) {
			return errors.New("not yet")
		}
		return nil
	})
	if err != nil {
		return err
	}
	return log.ExpireSessions(ctx)
}
