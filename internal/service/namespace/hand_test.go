package namespace_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
	lab "github.com/vksops/terraform-provider-vks/internal/lab/vcenter"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

const (
	instances = "/api/vcenter/namespaces/instances"
	teamA     = instances + "/team-a"
)

// mark begins a look at what is sent.
func (l *ownLab) mark() int64 { return l.seam.Mark() }

// sent are the requests since a mark with this method and path.
func (l *ownLab) sent(since int64, method, path string) []traffic.Request {
	return l.seam.Requests(func(r traffic.Request) bool { return r.Seq > since && r.Method == method && r.Path == path })
}

// expectSent checks that there was one such request, with this body.
func (l *ownLab) expectSent(t *testing.T, since int64, method, path, body string) {
	t.Helper()
	requests := l.sent(since, method, path)
	if len(requests) != 1 {
		t.Errorf("%d times %s %s: %v", len(requests), method, path, requests)
		return
	}
	var got, want any
	if err := json.Unmarshal(requests[0].Body, &got); err != nil {
		t.Error(err)
	}
	if err := json.Unmarshal([]byte(body), &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s %s sent %s, want %s", method, path, requests[0].Body, body)
	}
}

// patch changes the namespace past the provider and its client.
func (l *ownLab) patch(t *testing.T, body string) {
	t.Helper()
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(l.caPEM)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	call := func(method, path, body, session string, into any) {
		request, err := http.NewRequestWithContext(t.Context(), method, "https://"+l.Host()+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.SetBasicAuth(admin, "VMware1!")
		if session != "" {
			request.Header.Set("vmware-api-session-id", session)
		}
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		if response.StatusCode >= http.StatusMultipleChoices {
			t.Fatalf("%s %s: %s", method, path, response.Status)
		}
		if into != nil {
			if err := json.NewDecoder(response.Body).Decode(into); err != nil {
				t.Fatal(err)
			}
		}
	}
	var session string
	call(http.MethodPost, "/api/session", "", "", &session)
	call(http.MethodPatch, teamA, body, session, nil)
	awaitStatus(t, l.client(t), vcenter.StatusRunning)
}

func expectAction(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{
		PreApply:             []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)},
		PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
	}
}

// importStep takes the namespace in and compares with the state.
func importStep(config string, ignore ...string) resource.TestStep {
	return resource.TestStep{
		Config: config, ResourceName: address, ImportState: true, ImportStateId: "team-a", ImportStateVerify: true,
		ImportStateVerifyIgnore: append([]string{"force_destroy"}, ignore...),
	}
}

// threeZones is a vCenter whose Supervisor spans three clusters, each a zone.
func threeZones(o lab.Options) lab.Options {
	o.Clusters = 3
	return o
}

func names(zones []vcenter.NamespaceZone) []string {
	var all []string
	for _, z := range zones {
		all = append(all, z.Name)
	}
	slices.Sort(all)
	return all
}

// wrapped matches a text wherever the CLI breaks its lines.
func wrapped(text string) *regexp.Regexp {
	return regexp.MustCompile(strings.ReplaceAll(regexp.QuoteMeta(text), " ", `\s+`))
}
