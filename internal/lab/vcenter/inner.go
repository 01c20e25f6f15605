package vcenter

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	// What the simulator serves beside SOAP: tags and content libraries, and storage profiles.
	_ "github.com/vmware/govmomi/pbm/simulator"
	_ "github.com/vmware/govmomi/vapi/simulator"
)

const restSession = "/rest/com/vmware/cis/session"

// innerREST is the simulator's own REST side, behind one session that lasts as long as the instance. Sessions of
// clients are this package's business only, see session.go.
type innerREST struct {
	ctx  context.Context // that of the instance
	next http.Handler
	id   string
}

func (v *VCenter) startInner() error {
	// With a user of its own the simulator checks passwords; without one it takes any.
	v.model.Service.Listen = &url.URL{Host: "127.0.0.1:0", User: url.UserPassword(v.opts.Username, v.opts.Password)}
	v.registry().SessionManager().ValidLogin = v.validSOAPLogin
	v.registry().Handler = dropViews
	v.inner = v.model.Service.NewServer()
	v.rest.ctx = v.ctx
	v.rest.next = v.model.Service.ServeMux
	r := httptest.NewRequestWithContext(v.ctx, http.MethodPost, restSession, http.NoBody)
	r.SetBasicAuth(v.opts.Username, v.opts.Password)
	w := httptest.NewRecorder()
	v.rest.next.ServeHTTP(w, r)
	var reply struct {
		Value string `json:"value"`
	}
	if err := json.NewDecoder(w.Body).Decode(&reply); err != nil || reply.Value == "" {
		return fmt.Errorf("session at the simulator: status %d: %w", w.Code, err)
	}
	v.rest.id = reply.Value
	return nil
}

func (v *VCenter) stopInner() {
	if v.inner != nil {
		v.inner.Close()
	}
	if v.model != nil && v.model.Service != nil {
		v.model.Remove()
	}
}

// serve passes a request of an authenticated client on.
func (i innerREST) serve(w http.ResponseWriter, r *http.Request) {
	r.Header.Set(sessionHeader, i.id)
	r.Header.Del("Cookie")
	r.Header.Del("Authorization")
	i.next.ServeHTTP(w, r)
}

// call asks the simulator for something of its own and takes the value out of the envelope of /rest.
func (i innerREST) call(method, path string, in, out any) error {
	body := ""
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = string(data)
	}
	r := httptest.NewRequestWithContext(i.ctx, method, path, strings.NewReader(body))
	w := httptest.NewRecorder()
	i.serve(w, r)
	if w.Code >= http.StatusMultipleChoices {
		return fmt.Errorf("%s %s at the simulator: status %d", method, path, w.Code)
	}
	if out == nil {
		return nil
	}
	return json.NewDecoder(w.Body).Decode(&struct {
		Value any `json:"value"`
	}{out})
}
