package ids_test

import (
	"strings"
	"testing"

	"github.com/vksops/terraform-provider-vks/internal/domain/ids"
)

func TestParseProtection(t *testing.T) {
	t.Parallel()
	prod := ids.Cluster{Namespace: "team-a", Name: "prod"}
	cases := map[string]struct {
		want ids.Protection
		bad  bool
	}{
		"team-a/prod/velero/nightly":   {want: ids.Protection{Cluster: prod, Namespace: "velero", Name: "nightly"}},
		"-/velero/nightly":             {want: ids.Protection{Namespace: "velero", Name: "nightly"}},
		"velero/nightly":               {bad: true},
		"nightly":                      {bad: true},
		"":                             {bad: true},
		"team-a/prod/velero/":          {bad: true},
		"/prod/velero/nightly":         {bad: true},
		"team-a/prod/velero/nightly/x": {bad: true},
		"-/velero/nightly/x":           {bad: true},
	}
	for id, c := range cases {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			got, err := ids.ParseProtection(id)
			if c.bad {
				if err == nil || !strings.Contains(err.Error(), "expected CLUSTER_ID/VELERO_NAMESPACE/NAME") {
					t.Fatalf("got %v, %v; want an error that shows the format", got, err)
				}
				return
			}
			if err != nil || got != c.want || got.String() != id {
				t.Fatalf("got %#v (%s), %v", got, got, err)
			}
		})
	}
}

func TestParseInstallAndCluster(t *testing.T) {
	t.Parallel()
	install, err := ids.ParseInstall("team-a/prod/velero")
	if err != nil || install.String() != "team-a/prod/velero" || install.Cluster.String() != "team-a/prod" {
		t.Errorf("got %#v, %v", install, err)
	}
	if install, err = ids.ParseInstall("-/velero"); err != nil || !install.Cluster.IsAttached() {
		t.Errorf("got %#v, %v; want the provider's cluster", install, err)
	}
	for _, bad := range []string{"velero", "a/b", "a/b/c/d", "-/", "-"} {
		if got, err := ids.ParseInstall(bad); err == nil {
			t.Errorf("ParseInstall(%q) = %v, want an error", bad, got)
		}
	}
	for _, attached := range []string{"", "-"} {
		if c, err := ids.ParseCluster(attached); err != nil || c.String() != "-" {
			t.Errorf("ParseCluster(%q) = %v, %v; want the provider's cluster", attached, c, err)
		}
	}
	if c, err := ids.ParseCluster("prod"); err == nil {
		t.Errorf("ParseCluster(prod) = %v, want an error", c)
	}
}
