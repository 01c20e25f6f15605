// Package diags turns errors into diagnostics, in one place and one form: a
// static summary that can be searched; a detail whose first line says who and
// where, then what the server said, then what to do.
package diags

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/wait"
)

// AddError adds err. summary is static ("Unable to create VKS cluster"), who
// names the object and its place ("VKS cluster team-a/prod").
func AddError(to *diag.Diagnostics, summary, who string, err error) {
	to.AddError(summary, Detail(who, err))
}

// AddAttributeError is AddError at an attribute.
func AddAttributeError(to *diag.Diagnostics, at path.Path, summary, who string, err error) {
	to.AddAttributeError(at, summary, Detail(who, err))
}

// AddWaitError adds the error of a wait: a timeout tells each condition that
// was not true, the layer that owns it, and which timeouts attribute to raise
// (operation is "create", "update" or "delete"); a final state tells the same but
// for the attribute; any other error is AddError.
func AddWaitError(to *diag.Diagnostics, summary, who, operation string, err error) {
	var (
		timeout *wait.TimeoutError
		failed  *wait.FailedError
	)
	switch {
	case errors.As(err, &failed):
		to.AddError(summary, Detail(who, failed.Err)+fmt.Sprintf("\n\nThat was after %s of waiting for %s.", failed.Elapsed.Round(time.Second), failed.What)+
			pendingText(failed.Pending)+"\n"+afterFailure[operation])
		return
	case !errors.As(err, &timeout):
		AddError(to, summary, who, err)
		return
	}
	to.AddAttributeError(path.Root("timeouts").AtName(operation), summary, timeoutDetail(who, operation, timeout))
}

// AddWarnings adds what an API server warned about.
func AddWarnings(to *diag.Diagnostics, who string, warnings []string) {
	for _, w := range warnings {
		to.AddWarning("Warning from the API server", who+"\n\n"+w)
	}
}

// Detail is the text of a diagnostic: who and where, what was said, what to do.
func Detail(who string, err error) string {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joinedDetail(who, joined.Unwrap())
	}
	var f *fault.Error
	if !errors.As(err, &f) {
		return who + "\n\n" + err.Error()
	}
	first := who
	if f.Where != "" {
		first += " (" + f.Where + ")"
	}
	said := f.Said()
	if f.Op != "" {
		said = "Could not " + f.Op + ": " + said
	}
	text := first + "\n\n" + said
	advice := f.Advice
	if advice == "" {
		advice = adviceByKind[f.Kind]
	}
	if advice != "" {
		text += "\n\n" + advice
	}
	return text
}

// joinedDetail tells the first error in full, and what failed besides.
func joinedDetail(who string, errs []error) string {
	text := Detail(who, errs[0])
	for _, err := range errs[1:] {
		text += "\n\nBesides: " + err.Error()
	}
	return text
}

var adviceByKind = map[fault.Kind]string{
	fault.Forbidden:       "The account is known but lacks the privilege for this. Ask the owner of the named server for it.",
	fault.Unauthenticated: "Check the user name and password (or token) in the provider block or its environment variables. Five failed logins lock an SSO account for some minutes, so wrong credentials are not tried again.",
	fault.Untrusted:       "Set ca_file or ca_pem of the named server in the provider block to the CA that signed its certificate. vCenter and Supervisor usually have different CAs.",
	fault.Unreachable:     "Check the address, DNS, routing and firewalls between this machine and the named server.",
	fault.Conflict:        "Somebody else changed the object at the same time, or owns the field. Run the plan again.",
	fault.Transient:       "The request was tried again without success. Run the same command again; if it stays, look at the health of the named server.",
}

func timeoutDetail(who, operation string, t *wait.TimeoutError) string {
	return fmt.Sprintf("%s\n\nWaited %s for %s.", who, t.Elapsed.Round(time.Second), t.What) + pendingText(t.Pending) +
		"\n" + afterWait(operation, errors.Is(t.Cause, context.Canceled))
}

// pendingText lists what was not true, and whose it is.
func pendingText(pending []wait.Pending) string {
	var b strings.Builder
	if len(pending) > 0 {
		b.WriteString(" Not true at the end:\n")
	}
	for _, p := range pending {
		message := p.Message
		if message == "" {
			message = "no message yet"
		}
		fmt.Fprintf(&b, "  - %s: %s\n", p.What, message)
		if p.Layer != "" {
			fmt.Fprintf(&b, "    owned by: %s\n", p.Layer)
		}
	}
	return b.String()
}

// afterFailure says where a final state leaves the object.
var afterFailure = map[string]string{
	"create": "The object is in state, marked as tainted: the next apply replaces it.",
	"update": "The change is written and in state, and nothing was removed.",
	"delete": "The object stays in state until a destroy finds it gone.",
}

// afterWait says where a wait that has ended too early leaves the object, and
// what to do.
func afterWait(operation string, interrupted bool) string {
	more := "If it only needs more time, raise timeouts." + operation
	if interrupted {
		more = "The wait was interrupted"
	}
	switch operation {
	case "create":
		return more + ". The object is in state, marked as tainted: the next apply replaces it. To keep it instead, wait until it is well and run " +
			"`terraform untaint` (or `tofu untaint`) with its address."
	case "delete":
		return more + ". The deletion has begun and goes on by itself; the object stays in state until a destroy finds it gone."
	}
	return more + ". The change is written and in state, nothing was removed, and the platform goes on by itself."
}
