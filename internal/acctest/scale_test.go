package acctest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
)

// constantRequests is what a plan may ask for beside one request for each
// namespace: a login, what the Supervisor is, a logout.
const constantRequests = 10

// A plan of many namespaces asks for each of them once, and is empty.
func TestAccPlanOfManyNamespaces(t *testing.T) {
	t.Parallel()
	l := newScaleLab(t)
	createNamespaces(t, l.client, 0, manyNamespaces)
	cli := l.adopt(t)

	mark, began := l.seam.Mark(), time.Now()
	output, code := cli.Run(t, "plan", "-detailed-exitcode", "-input=false", "-no-color")
	if code != 0 {
		t.Fatalf("the plan is not empty (exit %d):\n%s", code, output)
	}
	requests := l.seam.Requests(func(r traffic.Request) bool { return r.Seq > mark })
	t.Logf("a plan of %d namespaces took %d requests and %s", manyNamespaces, len(requests), time.Since(began))
	reads := map[string]int{}
	for _, r := range requests {
		if strings.Contains(r.Path, "/team-") {
			reads[r.Path]++
		}
	}
	if len(reads) != manyNamespaces || len(requests) > manyNamespaces+constantRequests {
		t.Errorf("%d namespaces were read, with %d requests in all", len(reads), len(requests))
	}
	for path, n := range reads {
		if n > 1 {
			t.Errorf("%s was read %d times in one plan", path, n)
		}
	}
}
