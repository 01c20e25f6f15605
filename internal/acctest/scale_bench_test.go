package acctest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
)

// BenchmarkPlanOfManyNamespaces times a plan of many vks_namespace, which reads
// them all, beside one of as many terraform_data, which are not anywhere. The
// ratio is what the provider and its requests cost on top of the CLI's own work.
//
//	make build && TF_ACC=1 TF_ACC_TERRAFORM_PATH=.cache/bin/terraform VKS_VCENTER_SERVER=127.0.0.1:1 \
//	  go test ./internal/acctest -run '^$' -bench PlanOfMany -benchtime 3x
func BenchmarkPlanOfManyNamespaces(b *testing.B) {
	l := newScaleLab(b)
	createNamespaces(b, l.client, 0, manyNamespaces, l.rich(b))
	ours, plain := l.adopt(b), acctest.NewCLI(b)
	write(b, plain, fmt.Sprintf(`resource "terraform_data" "test" {
  for_each = toset([for n in range(%d) : format("team-%%03d", n)])
  input    = each.key
}`, manyNamespaces))
	plain.MustRun(b, "init", "-input=false", "-no-color")
	plain.MustRun(b, "apply", "-auto-approve", "-input=false", "-no-color")
	plan := func(cli *acctest.CLI) time.Duration {
		began := time.Now()
		cli.MustRun(b, "plan", "-input=false", "-no-color")
		return time.Since(began)
	}
	var took, base time.Duration
	b.ResetTimer()
	for b.Loop() {
		took += plan(ours)
		base += plan(plain)
	}
	b.ReportMetric(took.Seconds()/float64(b.N), "s/plan")
	b.ReportMetric(base.Seconds()/float64(b.N), "s/terraform_data")
	b.ReportMetric(took.Seconds()/base.Seconds(), "ratio")
}
