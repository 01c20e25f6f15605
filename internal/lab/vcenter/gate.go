package vcenter

import (
	"bytes"
	"encoding/xml"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// gate keeps a logout apart from the other SOAP calls. The simulator's Logout holds the objects of its session and
// asks for each container view, a retrieval holds its view and asks for the objects of the session: together they
// wait for each other for good, and soon everything waits for them.
//
// Only clients come through the gate. What the simulator and this package ask of the inventory themselves does not,
// so nobody who is inside asks to enter again.
type gate struct {
	calls sync.RWMutex
}

// enter waits for its turn and returns how to leave. A long poll would keep a logout waiting as long as it lasts, so
// it stays outside; dropViews makes a logout safe beside it.
func (g *gate) enter(method string) (leave func()) {
	switch method {
	case "WaitForUpdates", "WaitForUpdatesEx":
		return func() {}
	case "Logout":
		g.calls.Lock()
		return sync.OnceFunc(g.calls.Unlock)
	default:
		g.calls.RLock()
		return sync.OnceFunc(g.calls.RUnlock)
	}
}

// wrap puts the gate before the simulator's handlers.
func (g *gate) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || !strings.HasPrefix(r.URL.Path, vim25.Path) {
			next.ServeHTTP(w, r)
			return
		}
		// The whole body is read before the gate: a slow client must not hold it.
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		leave := g.enter(soapMethod(body))
		defer leave()
		next.ServeHTTP(&leavingWriter{ResponseWriter: w, leave: leave}, r)
	})
}

// leavingWriter leaves the gate as the reply begins: the call is done by then, and the client may read slowly.
type leavingWriter struct {
	http.ResponseWriter

	leave func()
}

func (w *leavingWriter) WriteHeader(status int) {
	w.leave()
	w.ResponseWriter.WriteHeader(status)
}

// soapMethod is the name of the first element in the body of an envelope, empty if there is none.
func soapMethod(envelope []byte) string {
	d := xml.NewDecoder(bytes.NewReader(envelope))
	inBody := false
	for {
		token, err := d.Token()
		if err != nil {
			return ""
		}
		start, ok := token.(xml.StartElement)
		switch {
		case !ok:
		case inBody:
			return start.Name.Local
		default:
			inBody = start.Name.Local == "Body"
		}
	}
}

// dropViews is called before every call of the simulator. Before a logout it takes the session's views, filters and
// collectors off the inventory while nothing of the session is held. The logout that follows then asks for views of
// other sessions only, so a long poll of its own session cannot be in its way.
func dropViews(ctx *simulator.Context, method *simulator.Method) (mo.Reference, types.BaseMethodFault) {
	if method.Name != "Logout" || ctx.Session == nil {
		return nil, nil
	}
	for _, o := range ctx.Session.AllReference("") {
		// What the inventory has too, as the root collector, belongs to all sessions.
		if _, ok := o.(simulator.RegisterObject); ok && ctx.Map.Get(o.Reference()) == nil {
			ctx.Map.Remove(ctx, o.Reference())
		}
	}
	return nil, nil
}
