package namespace

import (
	"errors"
	"strings"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
	"github.com/vksops/terraform-provider-vks/internal/wait"
)

// staleLooks is how often a status from before an update is not believed: vCenter
// accepts a change before it shows that it works on it.
const staleLooks = 2

// settling follows a namespace until it is RUNNING.
type settling struct {
	// where is the vCenter, for messages.
	where string
	// before is the status from before an update; empty after a creation.
	before string
	// looks counts how often that status was seen.
	looks int
	// leaves are the zones that are being taken from the namespace.
	leaves []string
}

// judge looks at one answer of vCenter. An error ends the wait.
func (s *settling) judge(live *vcenter.Namespace, err error) (wait.Status, error) {
	switch {
	case fault.IsNotFound(err) && s.before == "":
		// A new namespace is not found for some seconds.
		return pending("vCenter accepted the creation, but does not show the namespace yet"), nil
	case passing(err):
		return pending(err.Error()), nil
	case err != nil:
		return wait.Status{}, err
	}
	if zones := stillIn(live, s.leaves); len(zones) > 0 && live.ConfigStatus != vcenter.StatusError && live.ConfigStatus != vcenter.StatusRemoving {
		return draining(zones), nil
	}
	if live.ConfigStatus == s.before && s.looks < staleLooks {
		s.looks++
		return pending("vCenter accepted the change, but does not show it yet"), nil
	}
	if live.ConfigStatus == vcenter.StatusConfiguring && s.before != "" {
		s.looks = staleLooks // from here on any status is of now
	}
	switch live.ConfigStatus {
	case vcenter.StatusRunning:
		return wait.Status{Done: true, Progress: live.ConfigStatus}, nil
	case vcenter.StatusError:
		return wait.Status{}, failed(s.where, live)
	case vcenter.StatusRemoving:
		return wait.Status{}, &fault.Error{
			Kind: fault.Conflict, Where: s.where, Code: "config_status REMOVING", Message: "somebody is deleting this namespace",
			Advice: "Apply again when it is gone.",
		}
	}
	return pending(progressOf(live)), nil
}

// draining: the namespace runs on meanwhile.
func draining(zones []string) wait.Status {
	status := wait.Status{Progress: "draining " + strings.Join(zones, ", ")}
	for _, zone := range zones {
		status.Pending = append(status.Pending, wait.Pending{
			What: "zone " + zone, Layer: wait.LayerSupervisor,
			Message: "marked for removal; it is gone once what runs there is drained",
		})
	}
	return status
}

// leaving follows a namespace until it is gone.
type leaving struct {
	// where is the vCenter, for messages.
	where string
	// begun says that the removal was seen: an ERROR from before it, which may be
	// why the namespace is deleted, does not end the wait.
	begun bool
}

// judge looks at one answer of vCenter. An error ends the wait.
func (l *leaving) judge(live *vcenter.Namespace, err error) (wait.Status, error) {
	switch {
	case fault.IsNotFound(err):
		return wait.Status{Done: true, Progress: "gone"}, nil
	case passing(err):
		return pending(err.Error()), nil
	case err != nil:
		return wait.Status{}, err
	}
	l.begun = l.begun || live.ConfigStatus == vcenter.StatusRemoving
	if l.begun && live.ConfigStatus == vcenter.StatusError {
		return wait.Status{}, failed(l.where, live)
	}
	return pending(progressOf(live)), nil
}

// failed is the error of a namespace that ended in ERROR.
func failed(where string, live *vcenter.Namespace) error {
	return &fault.Error{
		Kind: fault.Unknown, Where: where, Code: "config_status ERROR", Message: said(live),
		Advice: "vCenter does not go on by itself here. Correct what it names, then apply again.",
	}
}

// passing: one failed look does not end a wait.
func passing(err error) bool {
	return errors.Is(err, fault.Transient) || errors.Is(err, fault.Unreachable)
}

func pending(text string) wait.Status {
	return wait.Status{Progress: text, Pending: []wait.Pending{{What: "config_status", Message: text, Layer: wait.LayerSupervisor}}}
}

func progressOf(live *vcenter.Namespace) string {
	if text := said(live); text != "" {
		return live.ConfigStatus + ": " + text
	}
	return live.ConfigStatus
}

// said joins vCenter's own messages.
func said(live *vcenter.Namespace) string {
	var all []string
	for _, m := range live.Messages {
		if m.Text != "" {
			all = append(all, m.Severity+": "+m.Text)
		}
	}
	return strings.Join(all, "; ")
}
