package diags_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/tf/diags"
	"github.com/vksops/terraform-provider-vks/internal/wait"
)

func TestDetailSaysWhoWhereWhyAndWhatToDo(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("create: %w", &fault.Error{
		Kind: fault.Forbidden, Op: "create namespace team-a", Where: "vCenter vc.example.com",
		Code: "UNAUTHORIZED", Message: "no privilege Namespaces.Configure",
	})
	got := strings.Split(diags.Detail("vSphere Namespace team-a", err), "\n\n")
	want := []string{
		"vSphere Namespace team-a (vCenter vc.example.com)",
		"Could not create namespace team-a: UNAUTHORIZED: no privilege Namespaces.Configure",
		"The account is known but lacks the privilege for this. Ask the owner of the named server for it.",
	}
	if len(got) != len(want) {
		t.Fatalf("detail = %q", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("paragraph %d = %q, want %q", i, got[i], want[i])
		}
	}
}

// What failed while something else was cleaned up is told, too.
func TestDetailOfJoinedErrors(t *testing.T) {
	t.Parallel()
	got := diags.Detail("x", errors.Join(&fault.Error{Kind: fault.Invalid, Message: "no such bucket"}, errors.New("delete Secret a/b: denied")))
	for _, want := range []string{"no such bucket", "Besides: delete Secret a/b: denied"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}
}

func TestAdviceOfTheErrorWins(t *testing.T) {
	t.Parallel()
	got := diags.Detail("x", &fault.Error{Kind: fault.Forbidden, Advice: "Ask the tenant's owner."})
	if !strings.HasSuffix(got, "Ask the tenant's owner.") {
		t.Errorf("detail = %q", got)
	}
}

func TestTimeoutNamesConditionsLayersAndTheAttribute(t *testing.T) {
	t.Parallel()
	var to diag.Diagnostics
	err := fmt.Errorf("wait: %w", &wait.TimeoutError{
		What: "VKS cluster team-a/prod to become available", Elapsed: 30 * time.Minute, Cause: context.DeadlineExceeded,
		Pending: []wait.Pending{
			{What: "WorkersAvailable", Message: "0 of 2 machines", Layer: wait.LayerNamespace},
			{What: "TopologyReconciled"},
		},
	})
	diags.AddWaitError(&to, "Timed out waiting for VKS cluster", "VKS cluster team-a/prod", "create", err)
	if len(to) != 1 {
		t.Fatalf("diagnostics = %v", to)
	}
	at, ok := to[0].(diag.DiagnosticWithPath)
	if !ok || !at.Path().Equal(path.Root("timeouts").AtName("create")) {
		t.Errorf("not at timeouts.create: %v", to[0])
	}
	for _, want := range []string{
		"Waited 30m0s for VKS cluster team-a/prod", "WorkersAvailable: 0 of 2 machines",
		"owned by: vSphere Namespace", "TopologyReconciled: no message yet", "raise timeouts.create", "terraform untaint",
	} {
		if !strings.Contains(to[0].Detail(), want) {
			t.Errorf("detail lacks %q:\n%s", want, to[0].Detail())
		}
	}
}

func TestOtherErrorsOfAWaitAreErrors(t *testing.T) {
	t.Parallel()
	var to diag.Diagnostics
	diags.AddWaitError(&to, "Unable to create", "x", "create", errors.New("config_status is ERROR"))
	if len(to) != 1 || !strings.Contains(to[0].Detail(), "config_status is ERROR") {
		t.Errorf("diagnostics = %v", to)
	}
}

// An operator has to know what the next apply does with the object.
func TestTimeoutSaysWhatHappensNext(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		operation  string
		cause      error
		want, deny string
	}{
		"create":      {"create", context.DeadlineExceeded, "the next apply replaces it", "interrupted"},
		"update":      {"update", context.DeadlineExceeded, "raise timeouts.update. The change is written", "taint"},
		"delete":      {"delete", context.DeadlineExceeded, "The deletion has begun", "taint"},
		"interrupted": {"create", context.Canceled, "The wait was interrupted. The object is in state, marked as tainted", "raise"},
	} {
		var to diag.Diagnostics
		diags.AddWaitError(&to, "Timed out", "x", c.operation, &wait.TimeoutError{What: "it", Cause: c.cause})
		if detail := to[0].Detail(); !strings.Contains(detail, c.want) || strings.Contains(detail, c.deny) {
			t.Errorf("%s: want %q and not %q in:\n%s", name, c.want, c.deny, detail)
		}
	}
}

func TestFinalStateNamesConditionsAndLayers(t *testing.T) {
	t.Parallel()
	for operation, next := range map[string]string{"create": "marked as tainted", "update": "nothing was removed", "delete": "stays in state"} {
		var to diag.Diagnostics
		diags.AddWaitError(&to, "Did not become available", "VKS cluster a/b", operation, &wait.FailedError{
			What: "it to be there", Elapsed: 31 * time.Second, Err: &fault.Error{Kind: fault.Unsupported, Message: "it never will", Advice: "Do another thing."},
			Pending: []wait.Pending{{What: "Available", Message: "no", Layer: wait.LayerSupervisor}},
		})
		if len(to) != 1 {
			t.Fatalf("got %v", to)
		}
		for _, want := range []string{"VKS cluster a/b", "it never will", "Do another thing.", "31s", "Available: no", "owned by: Supervisor", next} {
			if !strings.Contains(to[0].Detail(), want) {
				t.Errorf("%s: %q is missing in:\n%s", operation, want, to[0].Detail())
			}
		}
	}
}
