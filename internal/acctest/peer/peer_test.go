package peer_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	lab "github.com/vksops/terraform-provider-vks/internal/lab/vcenter"
)

const (
	noChanges = `No changes\.`
	oneChange = `Plan: 0 to add, 1 to change, 0 to destroy`
	replaced  = `Plan: 1 to add, 0 to change, 1 to destroy`
)

// A creation that takes longer than the wait.
func TestSlowCreation(t *testing.T) {
	t.Parallel()
	slow := lab.Options{ConfigureDelay: paced(3 * time.Minute)}
	compare(t, slow, func(s *side) {
		s.fails("failed to create namespace: team-a", "apply", "-auto-approve")
		if s.inState() {
			t.Error("the namespace is in state")
		}
		s.namespace() // an orphan: nothing knows of it
		s.fails("ALREADY_EXISTS", "apply", "-auto-approve")
	}, func(s *side) {
		s.set("create", paced(time.Minute).String())
		s.fails(`config_status: CONFIGURING.*raise timeouts\.create`, "apply", "-auto-approve")
		if !s.inState() {
			t.Error("the namespace is not in state")
		}
		s.set("create", "10m")
		s.plans(replaced) // it is tainted
		s.apply()
		s.plans(noChanges)
	})
}

// A creation that vCenter gives up.
func TestFailedCreation(t *testing.T) {
	t.Parallel()
	const reason = "The storage policy is not compatible."
	began := func(s *side) time.Time {
		s.SetNamespaceError("team-a", reason)
		return time.Now()
	}
	compare(t, lab.Options{}, func(s *side) {
		start := began(s)
		if said := s.fails("failed to create namespace: team-a", "apply", "-auto-approve"); strings.Contains(said, reason) {
			t.Errorf("it says why: %s", said)
		}
		if took := time.Since(start); took < paced(2*time.Minute) {
			t.Errorf("it ended after %s", took)
		}
	}, func(s *side) {
		start := began(s)
		s.fails(reason, "apply", "-auto-approve")
		if took := time.Since(start); took > time.Minute {
			t.Errorf("an error was waited for: %s", took)
		}
	})
}

// A namespace that somebody deleted.
func TestDeletedOutside(t *testing.T) {
	t.Parallel()
	deleted := func(s *side) {
		s.apply()
		s.byHand(http.MethodDelete, instance, nil)
	}
	compare(t, lab.Options{}, func(s *side) {
		deleted(s)
		s.fails("404", "plan")
		s.fails("404", "apply", "-auto-approve")
		s.fails("404", "destroy", "-auto-approve")
		s.cli.MustRun(s.t, "state", "rm", "vsphere_namespace.test") // the only way out
		s.apply()
	}, func(s *side) {
		deleted(s)
		s.plans("Plan: 1 to add, 0 to change, 0 to destroy")
		s.apply()
		s.plans(noChanges)
	})
}

// A limit on storage that was set in the vSphere Client, and then a change of something else.
func TestLimitSetOutside(t *testing.T) {
	t.Parallel()
	limited := func(s *side) {
		s.apply()
		limit := map[string]any{"policy": s.Policies()[1].ID, "limit": 1024}
		s.byHand(http.MethodPatch, instance, map[string]any{"storage_specs": []any{limit}})
		if ns, _ := s.namespace(); ns.StoragePolicies[0].LimitMiB == nil {
			t.Fatal("the limit was not set")
		}
	}
	more := []string{"best-effort-small", "best-effort-medium"}
	compare(t, lab.Options{}, func(s *side) {
		limited(s)
		s.plans(noChanges) // it is not seen
		s.set("classes", more)
		if output := s.plans(oneChange); strings.Contains(output, "limit") {
			t.Errorf("the plan says something of a limit:\n%s", output)
		}
		s.apply()
		if ns, _ := s.namespace(); ns.StoragePolicies[0].LimitMiB != nil {
			t.Errorf("the limit is there still: %d", *ns.StoragePolicies[0].LimitMiB)
		}
	}, func(s *side) {
		limited(s)
		s.plans(`limit_mib\s+= 1024 -> null`)
		s.set("limit_mib", 1024) // taken over into the configuration
		s.plans(noChanges)
		s.set("classes", more)
		s.apply()
		if ns, _ := s.namespace(); ns.StoragePolicies[0].LimitMiB == nil || len(ns.VMClasses) != len(more) {
			t.Errorf("not the limit and the classes: %+v", ns)
		}
		if sent := s.lastUpdate(); strings.Contains(sent, "storage_specs") || !strings.Contains(sent, "vm_classes") {
			t.Errorf("the update of the classes sent %s", sent)
		}
	})
}

// The last storage policy is taken out of the configuration.
func TestLastStoragePolicy(t *testing.T) {
	t.Parallel()
	without := func(s *side) {
		s.apply()
		s.set("policies", []string{})
		s.apply()
	}
	compare(t, lab.Options{}, func(s *side) {
		without(s)
		if ns, _ := s.namespace(); len(ns.StoragePolicies) != 1 {
			t.Errorf("the namespace has the policies %v", ns.StoragePolicies)
		}
		s.plans(oneChange) // and so it stays
	}, func(s *side) {
		without(s)
		if ns, _ := s.namespace(); len(ns.StoragePolicies) != 0 {
			t.Errorf("the namespace has the policies %v", ns.StoragePolicies)
		}
		s.plans(noChanges)
	})
}

// What there is already becomes managed.
func TestImport(t *testing.T) {
	t.Parallel()
	made := func(s *side) {
		s.byHand(http.MethodPost, "/api/vcenter/namespaces/instances/v2", map[string]any{
			"supervisor": s.Supervisors()[0].ID, "namespace": "team-a", "storage_specs": []any{map[string]any{"policy": s.Policies()[1].ID}},
			"vm_service_spec": map[string]any{"vm_classes": []string{"best-effort-small"}},
		})
	}
	compare(t, lab.Options{}, func(s *side) {
		made(s)
		s.fails("doesn't support import", "import", "vsphere_namespace.test", "team-a")
	}, func(s *side) {
		made(s)
		s.works("import", "vks_namespace.test", "team-a")
		if output := s.works("plan"); strings.Contains(output, "must be replaced") || strings.Contains(output, "storage_policies") {
			t.Errorf("the plan after the import:\n%s", output)
		}
	})
}

// An update, and a destroy, end when vCenter is done.
func TestWaitsForUpdateAndDelete(t *testing.T) {
	t.Parallel()
	slow := lab.Options{ConfigureDelay: 3 * time.Second, RemoveDelay: 10 * time.Second}
	changed := func(s *side) (reads int, status string) {
		s.apply()
		s.set("classes", []string{"best-effort-medium"})
		s.apply()
		_, status = s.namespace()
		return s.readsAfterUpdate(), status
	}
	destroyed := func(s *side) (there bool) {
		s.works("destroy", "-auto-approve")
		_, _, there = s.Namespace("team-a")
		return there
	}
	compare(t, slow, func(s *side) {
		if reads, _ := changed(s); reads != 0 {
			t.Errorf("after the update the namespace was read %d times", reads)
		}
		if !destroyed(s) {
			t.Error("after the destroy the namespace is gone")
		}
		s.fails("ALREADY_EXISTS", "apply", "-auto-approve") // the name is not free yet
	}, func(s *side) {
		if reads, status := changed(s); reads == 0 || status != "RUNNING" {
			t.Errorf("after the update the namespace was read %d times and is %s", reads, status)
		}
		if destroyed(s) {
			t.Error("after the destroy the namespace is there still")
		}
	})
}

// A quota and a description that were changed in the vSphere Client.
func TestQuotaChangedOutside(t *testing.T) {
	t.Parallel()
	changed := func(s *side) {
		s.apply()
		s.byHand(http.MethodPatch, instance, map[string]any{"description": "by hand", "resource_spec": map[string]any{"cpu_limit": 1000}})
	}
	compare(t, lab.Options{}, func(s *side) {
		changed(s)
		s.plans(noChanges)
	}, func(s *side) {
		changed(s)
		s.plans(`cpu_limit_mhz\s+= 1000 -> null`)
		s.plans(`description\s+= "by hand" -> null`)
		s.apply()
		if ns, _ := s.namespace(); ns.CPULimitMHz != nil || ns.Description != "" {
			t.Errorf("what was changed is there still: %+v", ns)
		}
	})
}

// Another name is another namespace.
func TestRenamed(t *testing.T) {
	t.Parallel()
	renamed := func(s *side) {
		s.apply()
		s.set("name", "team-b")
	}
	compare(t, lab.Options{}, func(s *side) {
		renamed(s)
		s.plans(oneChange)
		s.fails("404", "apply", "-auto-approve") // it updates what is not there
		s.fails("404", "plan")                   // and believes from now on that this is its name
	}, func(s *side) {
		renamed(s)
		s.plans(replaced)
		s.apply()
		if names := s.Namespaces(); len(names) != 1 || names[0] != "team-b" {
			t.Errorf("the namespaces are %v", names)
		}
	})
}

// Another Supervisor is another place.
func TestMovedToAnotherSupervisor(t *testing.T) {
	t.Parallel()
	two := lab.Options{Clusters: 2, Supervisors: []lab.Supervisor{
		{Name: "east", ID: "id-east", Zones: []lab.SupervisorZone{{Name: "zone-e", Clusters: []string{"DC0_C0"}}}},
		{Name: "west", ID: "id-west", Zones: []lab.SupervisorZone{{Name: "zone-w", Clusters: []string{"DC0_C1"}}}},
	}}
	moved := func(s *side) {
		s.apply()
		s.set("supervisor", "id-west")
	}
	compare(t, two, func(s *side) {
		moved(s)
		s.apply()
		s.plans(noChanges)
		if ns, _ := s.namespace(); ns.Supervisor != "id-east" {
			t.Errorf("the namespace is on %s", ns.Supervisor)
		}
	}, func(s *side) {
		s.apply()
		s.set("supervisor", "east") // the same one by name
		s.plans(oneChange)
		s.apply()
		if ns, _ := s.namespace(); ns.Supervisor != "id-east" {
			t.Errorf("the namespace is on %s", ns.Supervisor)
		}
		s.set("supervisor", "id-west")
		s.plans(replaced)
		s.apply()
		if ns, _ := s.namespace(); ns.Supervisor != "id-west" {
			t.Errorf("the namespace is on %s", ns.Supervisor)
		}
	})
}

// The order in which policies are written means nothing.
func TestOrderOfPolicies(t *testing.T) {
	t.Parallel()
	turned := func(s *side) {
		s.set("policies", []string{"gold-policy", "silver-policy"})
		s.apply()
		s.set("policies", []string{"silver-policy", "gold-policy"})
	}
	compare(t, lab.Options{}, func(s *side) {
		turned(s)
		s.plans(oneChange)
	}, func(s *side) {
		turned(s)
		s.plans(noChanges)
	})
}

// vCenter 7.0 knows compute clusters, and no Supervisors.
func TestVCenter7(t *testing.T) {
	t.Parallel()
	old := lab.Options{Version: "7.0.3.0"}
	compare(t, old, func(s *side) {
		s.fails("404", "apply", "-auto-approve")
	}, func(s *side) {
		s.set("supervisor", "DC0_C0")
		s.apply()
		s.plans(noChanges)
	})
}
