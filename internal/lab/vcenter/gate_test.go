package vcenter

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/view"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// viewer is a session with a view of all hosts and VMs, and with a collector that follows it.
type viewer struct {
	*govmomi.Client

	view *view.ContainerView
	wait types.WaitForUpdatesEx
}

func newViewer(t *testing.T, l *lab) *viewer {
	t.Helper()
	c, err := dial(t, l, defaultUser, defaultPass)
	if err != nil {
		t.Fatal(err)
	}
	v, err := view.NewManager(c.Client).CreateContainerView(t.Context(), c.ServiceContent.RootFolder, []string{"HostSystem", "VirtualMachine"}, true)
	if err != nil {
		t.Fatal(err)
	}
	follow, err := property.DefaultCollector(c.Client).Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	walk := &types.TraversalSpec{Type: v.Reference().Type, Path: "view"}
	if _, err := follow.CreateFilter(t.Context(), types.CreateFilter{Spec: types.PropertyFilterSpec{
		ObjectSet: []types.ObjectSpec{{Obj: v.Reference(), Skip: types.NewBool(true), SelectSet: []types.BaseSelectionSpec{walk}}},
		PropSet:   []types.PropertySpec{{Type: "ManagedEntity", PathSet: []string{"name"}}},
	}}); err != nil {
		t.Fatal(err)
	}
	return &viewer{Client: c, view: v, wait: types.WaitForUpdatesEx{This: follow.Reference()}}
}

func (v *viewer) retrieve(ctx context.Context) error {
	var all []mo.ManagedEntity
	return v.view.Retrieve(ctx, []string{"ManagedEntity"}, []string{"name"}, &all)
}

// poll asks for updates after a version; after "" it is answered at once with all there is.
func (v *viewer) poll(ctx context.Context, version string) error {
	req := v.wait
	req.Version = version
	req.Options = &types.WaitOptions{MaxWaitSeconds: types.NewInt32(int32(patience / time.Second))}
	_, err := methods.WaitForUpdatesEx(ctx, v.RoundTripper, &req)
	return err
}

// logOutBusy logs out while retrievals and polls of the session run, and says what the logout answered.
func (v *viewer) logOutBusy(ctx context.Context) error {
	ask := []func(context.Context) error{
		v.retrieve, v.retrieve, v.retrieve,
		func(ctx context.Context) error { return v.poll(ctx, "") },
	}
	var running, done sync.WaitGroup
	running.Add(len(ask))
	for _, do := range ask {
		done.Go(func() {
			err := do(ctx)
			running.Done()
			for err == nil { // until the session is gone
				err = do(ctx)
			}
		})
	}
	running.Wait()
	err := v.SessionManager.Logout(ctx)
	done.Wait()
	return err
}

// holder is told of every object that leaves the inventory. At the first word of one it asks for the objects of the
// session that logs out, as a retrieval that holds the view does: a logout that holds them already never ends.
type holder struct {
	types.ManagedObjectReference

	seen sync.Map
}

func (*holder) PutObject(*simulator.Context, mo.Reference)                            {}
func (*holder) UpdateObject(*simulator.Context, mo.Reference, []types.PropertyChange) {}
func (h *holder) RemoveObject(ctx *simulator.Context, ref types.ManagedObjectReference) {
	if _, seen := h.seen.LoadOrStore(ref, true); !seen {
		ctx.Session.AllReference("")
	}
}

// A script that ends logs out in the middle of what its other threads ask; everybody else must not notice.
func TestLogoutDuringRetrievals(t *testing.T) {
	t.Parallel()
	l := start(t, Options{VMs: 10})
	l.registry().AddHandler(&holder{ManagedObjectReference: types.ManagedObjectReference{Type: "Test", Value: "holder"}})
	witness := newViewer(t, l)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var sessions sync.WaitGroup
	for range 6 {
		v := newViewer(t, l)
		sessions.Go(func() {
			if err := v.logOutBusy(ctx); err != nil {
				t.Errorf("logout: %v", err)
			}
		})
	}
	sessions.Wait()
	if err := witness.retrieve(ctx); err != nil {
		t.Errorf("a session that stayed: %v", err)
	}
}

// A poll may last for minutes; neither its own session's logout nor anybody's calls wait for it.
func TestLogoutDuringLongPoll(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	v, witness := newViewer(t, l), newViewer(t, l)
	ctx, cancel := context.WithTimeout(t.Context(), patience/2)
	defer cancel()
	if err := v.poll(ctx, ""); err != nil {
		t.Fatal(err)
	}
	mark := l.seam.Mark()
	polling, stop := context.WithCancel(ctx)
	var poll sync.WaitGroup
	poll.Go(func() { _ = v.poll(polling, "-") })
	l.eventually("the poll arrives", func() bool { return l.seam.Mark() > mark })
	if err := v.SessionManager.Logout(ctx); err != nil {
		t.Errorf("logout: %v", err)
	}
	if err := witness.retrieve(ctx); err != nil {
		t.Errorf("another session: %v", err)
	}
	stop()
	poll.Wait()
}

func TestSOAPMethod(t *testing.T) {
	t.Parallel()
	for envelope, want := range map[string]string{
		`<?xml version="1.0"?><e:Envelope xmlns:e="x"><e:Header><operationID>1</operationID></e:Header><e:Body><Logout xmlns="urn:vim25"/></e:Body></e:Envelope>`: "Logout",
		`<Envelope><Body> <v:WaitForUpdatesEx xmlns:v="urn:vim25"><v:version/></v:WaitForUpdatesEx></Body></Envelope>`:                                            "WaitForUpdatesEx",
		`<Envelope><Body/></Envelope>`: "",
		`not XML`:                      "",
	} {
		if got := soapMethod([]byte(envelope)); got != want {
			t.Errorf("%q in %s, want %q", got, envelope, want)
		}
	}
}
