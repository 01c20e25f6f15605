package acctest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
)

// constantRequests is what a plan may ask for beside one request for each
// namespace: logins, what the Supervisor is, the policies, the pools, logouts.
const constantRequests = 12

// A plan of many namespaces, each with a zone, a policy and a permission, asks
// for each of them once, and for their zones once altogether, and is empty.
func TestAccPlanOfManyNamespaces(t *testing.T) {
	t.Parallel()
	l := newScaleLab(t)
	createNamespaces(t, l.client, 0, manyNamespaces, l.rich(t))
	cli := l.adopt(t)

	l.side.since()
	mark, began := l.Seam.Mark(), time.Now()
	output, code := cli.Run(t, "plan", "-detailed-exitcode", "-input=false", "-no-color")
	if code != 0 {
		t.Fatalf("the plan is not empty (exit %d):\n%s", code, output)
	}
	requests := l.Seam.Requests(func(r traffic.Request) bool { return r.Seq > mark })
	t.Logf("a plan of %d namespaces took %d requests and %s", manyNamespaces, len(requests), time.Since(began))
	if asked := l.side.since(); len(asked) != 1 {
		t.Errorf("the Supervisor was asked %d times, for %v", len(asked), asked)
	}
	if strings.Contains(output, "not known") {
		t.Error(output)
	}
	reads := map[string]int{}
	var others []string
	for _, r := range requests {
		if strings.Contains(r.Path, "/team-") {
			reads[r.Path]++
		} else {
			others = append(others, r.Method+" "+r.Path)
		}
	}
	if len(reads) != manyNamespaces || len(requests) > manyNamespaces+constantRequests {
		t.Errorf("%d namespaces were read, with %d requests in all, of these for all of them: %v", len(reads), len(requests), others)
	}
	for path, n := range reads {
		if n > 1 {
			t.Errorf("%s was read %d times in one plan", path, n)
		}
	}
}
