package peer_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/hashicorp/terraform-plugin-sdk/v2/plugin"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/soap"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
	"github.com/vksops/terraform-provider-vks/internal/acctest/smalllab"
	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
	lab "github.com/vksops/terraform-provider-vks/internal/lab/vcenter"
)

const (
	program  = "terraform-provider-vsphere"
	realPath = "VKS_PEER_PROVIDER" // the real program; without it the stand-in
	serveEnv = "VKS_PEER_SERVE"    // this test binary is the stand-in
	testdata = "internal/acctest/peer/testdata/"
	instance = "/api/vcenter/namespaces/instances/team-a"
)

// The CLI starts this binary again as the stand-in's program.
func TestMain(m *testing.M) {
	if os.Getenv(serveEnv) != "" {
		plugin.Serve(&plugin.ServeOpts{ProviderFunc: func() *schema.Provider { return standIn() }})
		return
	}
	os.Exit(m.Run())
}

// paced is a time of the vSphere provider as it lasts in these tests.
func paced(d time.Duration) time.Duration {
	if os.Getenv(realPath) != "" {
		return d
	}
	return d / faster
}

// side is one of the two providers with a vCenter of its own, and a CLI with the configuration for it.
type side struct {
	*smalllab.Lab
	t    *testing.T
	cli  *acctest.CLI
	hand *rest.Client // somebody else at the same vCenter
}

// compare does the same job with both providers.
func compare(t *testing.T, o lab.Options, peer, ours func(*side)) {
	t.Helper()
	t.Run("peer", func(t *testing.T) {
		t.Parallel()
		s := newSide(t, o, "peer")
		s.cli.Provide(t, "vmware/vsphere", programDir(t))
		if os.Getenv(realPath) == "" {
			s.cli.Setenv(serveEnv, "1")
		}
		peer(s)
	})
	t.Run("ours", func(t *testing.T) {
		t.Parallel()
		ours(newSide(t, o, "ours"))
	})
}

// programDir is a directory with the peer's program, the real one or this binary.
func programDir(t *testing.T) string {
	t.Helper()
	from, err := os.Executable()
	if path := os.Getenv(realPath); path != "" && err == nil {
		from, err = filepath.Abs(path)
	}
	dir := t.TempDir()
	if err == nil {
		err = os.Symlink(from, filepath.Join(dir, program))
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func newSide(t *testing.T, o lab.Options, name string) *side {
	t.Helper()
	s := &side{Lab: smalllab.New(t, o), t: t, cli: acctest.NewCLI(t, testdata+name)}
	ids := map[string]string{}
	for _, p := range s.Policies() {
		ids[p.Name] = p.ID
	}
	s.set("server", s.Host())
	s.set("user", smalllab.Admin)
	s.set("password", smalllab.Password)
	s.set("ca_file", s.CAFile)
	s.set("supervisor", s.Supervisors()[0].ID)
	s.set("policy_ids", ids)
	s.set("policies", []string{"gold-policy"})
	s.set("classes", []string{"best-effort-small"})
	s.login()
	return s
}

func (s *side) login() {
	s.t.Helper()
	vim, err := vim25.NewClient(s.t.Context(), soap.NewClient(&url.URL{Scheme: "https", Host: s.Host(), Path: vim25.Path}, true))
	if err == nil {
		s.hand = rest.NewClient(vim)
		err = s.hand.Login(s.t.Context(), url.UserPassword(smalllab.Admin, smalllab.Password))
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// set gives a variable of the configuration its value, from now on.
func (s *side) set(name string, value any) {
	s.t.Helper()
	if text, ok := value.(string); ok {
		s.cli.Setenv("TF_VAR_"+name, text)
		return
	}
	text, err := json.Marshal(value)
	if err != nil {
		s.t.Fatal(err)
	}
	s.cli.Setenv("TF_VAR_"+name, string(text))
}

// byHand makes a change past Terraform, as in the vSphere Client, and waits until it holds.
func (s *side) byHand(method, path string, body any) {
	s.t.Helper()
	request := s.hand.Resource(path).Request(method)
	if body != nil {
		request = s.hand.Resource(path).Request(method, body)
	}
	if err := s.hand.Do(s.t.Context(), request, nil); err != nil {
		s.t.Fatal(err)
	}
	s.await("the change by hand holds", func() bool {
		_, status, there := s.Namespace("team-a")
		return there == (method != http.MethodDelete) && (!there || status == "RUNNING")
	})
}

func (s *side) await(what string, done func() bool) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			s.t.Fatalf("timed out waiting: %s", what)
		}
	}
}

func (s *side) apply() { s.t.Helper(); s.works("apply", "-auto-approve") }

func (s *side) works(args ...string) string {
	s.t.Helper()
	return s.cli.MustRun(s.t, quietly(args)...)
}

// quietly puts the flags behind the command, before what it is about.
func quietly(args []string) []string {
	return slices.Concat(args[:1], []string{"-input=false", "-no-color"}, args[1:])
}

// fails wants an error with a text, however it is wrapped to the terminal, and
// gives what was said.
func (s *side) fails(text string, args ...string) string {
	s.t.Helper()
	output, code := s.cli.Run(s.t, quietly(args)...)
	flat := strings.Join(strings.FieldsFunc(output, func(r rune) bool { return strings.ContainsRune(" \n│╷╵", r) }), " ")
	if code == 0 || !regexp.MustCompile(text).MatchString(flat) {
		s.t.Errorf("%v ended with %d and does not say %q:\n%s", args, code, text, output)
	}
	return flat
}

// plans wants a plan that says this.
func (s *side) plans(text string) string {
	s.t.Helper()
	output := s.works("plan")
	if !regexp.MustCompile(text).MatchString(output) {
		s.t.Errorf("the plan does not say %q:\n%s", text, output)
	}
	return output
}

// inState says whether Terraform knows the namespace.
func (s *side) inState() bool {
	s.t.Helper()
	output, _ := s.cli.Run(s.t, "state", "list")
	return strings.Contains(output, "_namespace.test")
}

// namespace is what there is in vCenter.
func (s *side) namespace() (ns lab.Namespace, status string) {
	s.t.Helper()
	ns, status, there := s.Namespace("team-a")
	if !there {
		s.t.Fatal("there is no namespace team-a")
	}
	return ns, status
}

// lastUpdate is the body of the last change that Terraform sent.
func (s *side) lastUpdate() string {
	body := ""
	for _, r := range s.Seam.Requests(func(r traffic.Request) bool { return r.Method == http.MethodPatch && r.Path == instance }) {
		body = string(r.Body)
	}
	return body
}

// readsAfterUpdate is how often somebody asked for the namespace after it was changed last: a wait is made of that.
func (s *side) readsAfterUpdate() int {
	reads := 0
	for _, r := range s.Seam.Requests(func(r traffic.Request) bool { return strings.HasSuffix(r.Path, "/team-a") }) {
		switch r.Method {
		case http.MethodPatch:
			reads = 0
		case http.MethodGet:
			reads++
		}
	}
	return reads
}
