package acctest_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
	"github.com/vksops/terraform-provider-vks/internal/lab"
	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
)

// TestAccLogout looks for the sessions of a plan after its end: vCenter allows
// only so many, and one that nobody closes lives for half an hour.
func TestAccLogout(t *testing.T) {
	t.Parallel()
	// Its inventory is read over SOAP, the rest over REST: a session of each kind.
	cli := acctest.NewCLI(t, "examples/data-sources/vks_host_headroom")
	l := startVCenter(t, cli)
	planFragment(t, cli)
	for kind, is := range map[string]struct{ login, logout func(traffic.Request) bool }{
		"REST": {rest(http.MethodPost), rest(http.MethodDelete)},
		"SOAP": {soap("Login"), soap("Logout")},
	} {
		logins, logouts := l.Seam().Requests(is.login), l.Seam().Requests(is.logout)
		if len(logins) == 0 {
			t.Errorf("no %s session was opened: the test shows nothing", kind)
		}
		if len(logouts) != len(logins) {
			t.Errorf("%d %s sessions were opened and %d closed", len(logins), kind, len(logouts))
		}
		for _, r := range logouts {
			if r.Status >= http.StatusMultipleChoices {
				t.Errorf("a %s logout was answered with %d", kind, r.Status)
			}
		}
	}
}

func rest(method string) func(traffic.Request) bool {
	return func(r traffic.Request) bool { return r.Path == "/api/session" && r.Method == method }
}

func soap(method string) func(traffic.Request) bool {
	return func(r traffic.Request) bool {
		return r.Path == "/sdk" && strings.Contains(string(r.Body), "<"+method+" ")
	}
}

// startVCenter starts a vCenter for cli alone: its log has no other sessions.
func startVCenter(t *testing.T, cli *acctest.CLI) *lab.Lab {
	t.Helper()
	l, err := lab.Start(t.Context(), lab.Options{Dir: t.TempDir(), Parts: []lab.Part{lab.PartVCenter}, Clusters: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	cli.Setenv("VKS_SUPERVISOR", "")
	for key, value := range l.Env() {
		if strings.HasPrefix(key, "VKS_") {
			cli.Setenv(key, value)
		}
	}
	return l
}
