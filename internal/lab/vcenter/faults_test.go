package vcenter

import (
	"net/http"
	"strings"
	"testing"

	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
)

// The seam is in front of everything: a fault is not seen by the handlers, and the log has what clients sent.
func TestSeam(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	if _, err := l.seam.Inject(traffic.Fault{Target: Target, Path: "^" + instances, Method: http.MethodPost, Status: 503, Count: 1}); err != nil {
		t.Fatal(err)
	}
	body := `{"supervisor":"` + l.Supervisors()[0].ID + `","namespace":"team-a"}`
	mark := l.seam.Mark()
	l.want(http.MethodPost, instances+"/v2", body, 503, "")
	if got := l.Namespaces(); len(got) != 0 {
		t.Errorf("the refused create made %v", got)
	}
	l.want(http.MethodPost, instances+"/v2", body, 204, "")
	sent := l.seam.Requests(func(r traffic.Request) bool { return r.Seq > mark && r.Method == http.MethodPost })
	if len(sent) != 2 || sent[0].Fault == "" || sent[1].Fault != "" || string(sent[1].Body) != body || sent[1].User != defaultUser {
		t.Errorf("log %+v", sent)
	}
	if _, err := dial(t, l, defaultUser, defaultPass); err != nil {
		t.Fatal(err)
	}
	for _, r := range l.seam.Requests(nil) {
		if strings.Contains(string(r.Body), defaultPass) {
			t.Errorf("the password is in the log: %s %s", r.Method, r.Path)
		}
	}
}
