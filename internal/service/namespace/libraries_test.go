package namespace_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
	lab "github.com/vksops/terraform-provider-vks/internal/lab/vcenter"
)

func (l *ownLab) libraryIDs(t *testing.T) map[string]string {
	t.Helper()
	list, err := l.client(t).ContentLibraries(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]string{}
	for _, library := range list {
		ids[library.Name] = library.ID
	}
	return ids
}

func expectLibraries(written ...string) []statecheck.StateCheck {
	all := make([]knownvalue.Check, 0, len(written))
	for _, text := range written {
		all = append(all, knownvalue.StringExact(text))
	}
	return []statecheck.StateCheck{statecheck.ExpectKnownValue(address, tfjsonpath.New("content_libraries"), knownvalue.SetExact(all))}
}

// Libraries are added, removed and emptied; settings that somebody made by hand
// stay with the libraries that stay, also when only VM classes change.
func TestContentLibraries(t *testing.T) {
	l := newLab(t, lab.Options{ContentLibraries: []string{"base", "team", "extra"}})
	ids := l.libraryIDs(t)
	config := func(list, more string) string {
		return l.config(admin, fmt.Sprintf("content_libraries = [%s]\n%s", list, more))
	}
	base, team, extra := ids["base"], ids["team"], ids["extra"]
	classes := `vm_classes = ["best-effort-small"]`
	var since int64
	mark := func() { since = l.mark() }
	patched := func(format string, args ...any) {
		t.Helper()
		l.expectSent(t, since, "PATCH", teamA, fmt.Sprintf(format, args...))
	}
	first := config(`"base", "`+team+`"`, "")
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{PreConfig: mark, Config: first, ConfigPlanChecks: expectAction(plancheck.ResourceActionCreate), ConfigStateChecks: expectLibraries("base", team)},
		importStep(first, "content_libraries"), // an import shows names
		{
			PreConfig: func() {
				l.patch(t, fmt.Sprintf(`{"content_libraries":[{"content_library":%q,"writable":true},{"content_library":%q}]}`, base, team))
				mark()
			},
			Config: first, ConfigPlanChecks: expectAction(plancheck.ResourceActionNoop),
		},
		{Config: config(`"base", "extra"`, ""), ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate), ConfigStateChecks: expectLibraries("base", "extra")},
		{
			PreConfig: func() {
				patched(`{"content_libraries":[{"content_library":%q,"writable":true,"allow_import":false},{"content_library":%q}]}`, base, extra)
				mark()
			},
			Config: config(`"base", "extra"`, classes), ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate),
		},
		{
			PreConfig: func() {
				n, err := l.client(t).Namespace(t.Context(), "team-a")
				if err != nil || len(n.ContentLibraries) != 2 || !*n.ContentLibraries[0].Writable || len(n.VMClasses) != 1 {
					t.Errorf("after a change of classes: %+v, %v", n, err)
				}
				// Somebody binds another and takes one away.
				l.patch(t, fmt.Sprintf(`{"content_libraries":[{"content_library":%q},{"content_library":%q}]}`, base, team))
			},
			Config: config(`"base", "extra"`, classes), ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate), ConfigStateChecks: expectLibraries("base", "extra"),
		},
		{
			PreConfig: mark,
			Config:    config(`"`+base+`", "extra"`, classes), ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate), ConfigStateChecks: expectLibraries(base, "extra"),
		},
		{
			PreConfig: func() {
				if sent := l.sent(since, "PATCH", teamA); len(sent) != 0 {
					t.Errorf("another spelling was sent: %v", sent)
				}
				mark()
			},
			Config: config("", classes), ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate), ConfigStateChecks: expectLibraries(),
		},
		{
			PreConfig: func() { patched(`{"content_libraries":[]}`) },
			Config:    config(`"team"`, classes), ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate), ConfigStateChecks: expectLibraries("team"),
		},
		{
			PreConfig: mark,
			Config:    l.config(admin, ""), ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(address, tfjsonpath.New("content_libraries"), knownvalue.Null())},
		},
		{
			PreConfig: func() { patched(`{"content_libraries":[],"vm_service_spec":{"vm_classes":[]}}`) },
			Config:    config(`"base", "nowhere"`, ""), PlanOnly: true,
			ExpectError: regexp.MustCompile(`(?s)There is no content library "nowhere".*base\s+\(` + base),
		},
		{Config: config(`"base", "`+base+`"`, ""), PlanOnly: true, ExpectError: regexp.MustCompile(`Name\s+it\s+once`)},
	}})
}

// Before 8.0.2 libraries are bound together with the VM classes.
func TestContentLibrariesOfOldVCenter(t *testing.T) {
	l := newLab(t, lab.Options{Version: "8.0.1.0", ContentLibraries: []string{"base", "team"}})
	ids := l.libraryIDs(t)
	var since int64
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config:           l.config(admin, "content_libraries = [\"base\"]\nvm_classes = [\"best-effort-small\"]"),
			ConfigPlanChecks: expectAction(plancheck.ResourceActionCreate), ConfigStateChecks: expectLibraries("base"),
		},
		{
			PreConfig:        func() { since = l.mark() },
			Config:           l.config(admin, "content_libraries = [\"team\"]\nvm_classes = [\"best-effort-small\"]"),
			ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate), ConfigStateChecks: expectLibraries("team"),
		},
		{
			PreConfig: func() {
				l.expectSent(t, since, "PATCH", teamA, `{"vm_service_spec":{"vm_classes":["best-effort-small"],"content_libraries":["`+ids["team"]+`"]}}`)
			},
			Config: l.config(admin, ""), ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate),
		},
	}})
}

// Libraries that are not known at plan.
func TestUnknownContentLibraries(t *testing.T) {
	l := newLab(t, lab.Options{ContentLibraries: []string{"base", "team"}})
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config: l.config(admin, `content_libraries = ["base", terraform_data.one.output]
			}
			resource "terraform_data" "one" {
			  input = "team"`),
			ConfigPlanChecks: expectAction(plancheck.ResourceActionCreate), ConfigStateChecks: expectLibraries("base", "team"),
		},
		{
			Config: l.config(admin, `content_libraries = terraform_data.all.output
			}
			resource "terraform_data" "all" {
			  input = toset(["nowhere"])`),
			ExpectError: regexp.MustCompile(`There is no content\s+library "nowhere"`),
		},
	}})
}
