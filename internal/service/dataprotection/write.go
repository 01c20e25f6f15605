package dataprotection

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/vksops/terraform-provider-vks/internal/domain/ids"
	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/tf/target"
	"github.com/vksops/terraform-provider-vks/internal/velero"
	"github.com/vksops/terraform-provider-vks/internal/wait"
)

// install makes the cluster run what is planned, unless somebody else's Velero
// is there: that is adopted, or refused.
func (r *protectionResource) install(ctx context.Context, a api, plan *model, diags *diag.Diagnostics) error {
	namespace := plan.Namespace.ValueString()
	found, err := a.Installed(ctx, namespace)
	if fault.Gone(err) != nil {
		return err
	}
	if err == nil && !found.Ours() {
		if plan.Adopt.ValueBool() {
			tflog.Info(ctx, "adopting Velero", map[string]any{"namespace": namespace, "manager": found.Manager()})
			return nil
		}
		return &fault.Error{
			Kind: fault.AlreadyExists, Op: "install Velero in namespace " + namespace,
			Message: "a Velero installed by " + found.Manager() + " is there, and adopt is false",
			Advice:  "Set adopt = true to use it as it is, or remove it first.",
		}
	}
	spec := plan.expand(ctx, diags)
	if diags.HasError() {
		return nil
	}
	return a.Install(ctx, spec)
}

// refresh reads the installation into the model. One of ours that has lost its
// CustomResourceDefinitions counts as gone, so that it is installed again.
func (r *protectionResource) refresh(ctx context.Context, a api, key ids.Install, m *model, diags *diag.Diagnostics) error {
	found, err := a.Installed(ctx, key.Namespace)
	if err != nil {
		return err
	}
	served, err := a.Served(ctx)
	if err != nil {
		return err
	}
	if !served && found.Ours() {
		return &fault.Error{Kind: fault.NotFound, Op: "read Velero in namespace " + key.Namespace, Message: "its CustomResourceDefinitions are gone"}
	}
	m.flatten(ctx, key, found, diags)
	return nil
}

// keepRemains keeps in state an installation of ours that has lost its server
// and is to be removed by a destroy, while anything of it is there: a destroy
// that was cut short is finished by the next one, and an apply installs again.
func keepRemains(ctx context.Context, a api, key ids.Install, m *model) bool {
	if m.OnDestroy.ValueString() != remove || m.Adopted.ValueBool() {
		return false
	}
	left, err := a.Remains(ctx, key.Namespace)
	if err != nil {
		tflog.Warn(ctx, "could not look for what is left of Velero", map[string]any{"id": key.String(), "error": err.Error()})
		return false
	}
	if left {
		m.lose()
	}
	return left
}

// settle waits until the server runs and answers, and takes its answer.
func (r *protectionResource) settle(ctx context.Context, a api, key ids.Install, m *model, diags *diag.Diagnostics) error {
	err := r.waitForRollout(ctx, a, key)
	var answer *velero.ServerStatus
	if err == nil {
		answer, err = r.waitForAnswer(ctx, a, key)
	}
	ctx = context.WithoutCancel(ctx)
	if found, readErr := a.Installed(ctx, key.Namespace); readErr == nil {
		m.flatten(ctx, key, found, diags)
	}
	m.setAnswer(ctx, answer, diags)
	return err
}

func (r *protectionResource) waitForRollout(ctx context.Context, a api, key ids.Install) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	found, err := a.Installed(ctx, key.Namespace)
	if err != nil {
		return err
	}
	return wait.For(ctx, wait.Options{
		What: "Velero in namespace " + key.Namespace + " to run", Changes: a.FollowServer(ctx, key.Namespace, found.Server.Name),
		Clock: r.clock, Progress: target.Progress(ctx, key.String()), Max: 10 * time.Second,
	}, func(ctx context.Context) (wait.Status, error) {
		found, err := a.Installed(ctx, key.Namespace)
		if err != nil {
			return target.Passing(err)
		}
		status := rollout(found)
		if !status.Done {
			for _, problem := range a.PodProblems(ctx, key.Namespace) {
				status.Pending = append(status.Pending, wait.Pending{What: "Pod", Message: problem, Layer: wait.LayerCluster})
			}
		}
		return status, nil
	})
}

// waitForAnswer asks the server about itself, which only a working one answers.
// An account that may not ask has to trust the Deployment.
func (r *protectionResource) waitForAnswer(ctx context.Context, a api, key ids.Install) (*velero.ServerStatus, error) {
	request, err := a.AskServer(ctx, key.Namespace)
	if errors.Is(err, fault.Forbidden) {
		return nil, nil //nolint:nilnil // no answer, and no error
	}
	if err != nil {
		return nil, err
	}
	defer func() {
		if err := request.Close(context.WithoutCancel(ctx)); err != nil {
			tflog.Warn(ctx, "could not remove the request for the server's status", map[string]any{"id": key.String(), "error": err.Error()})
		}
	}()
	watching, stop := context.WithCancel(ctx)
	defer stop()
	changes, look := request.Follow(watching)
	var answer *velero.ServerStatus
	err = wait.For(ctx, wait.Options{What: "the Velero server to answer", Changes: changes, Clock: r.clock, Max: 5 * time.Second}, func(ctx context.Context) (wait.Status, error) {
		answer, err = look(ctx)
		if err != nil {
			return target.Passing(err)
		}
		return wait.Status{Done: answer != nil, Pending: []wait.Pending{{
			What: "ServerStatusRequest", Message: "not processed: the server runs but does not serve; look at its log", Layer: wait.LayerCluster,
		}}}, nil
	})
	return answer, err
}

// uninstall removes Velero when it is ours.
func (r *protectionResource) uninstall(ctx context.Context, a api, key ids.Install, state *model, diags *diag.Diagnostics) error {
	found, err := a.Installed(ctx, key.Namespace)
	if fault.Gone(err) != nil {
		return err
	}
	foreign := state.Adopted.ValueBool()
	if err == nil {
		foreign = !found.Ours()
	}
	if foreign {
		diags.AddWarning("Adopted Velero is kept",
			who(key)+"\n\non_destroy is \"remove\", but this Velero was installed by somebody else. It stays as it is.")
		return nil
	}
	return a.Uninstall(ctx, key.Namespace)
}
