package supervisor

import (
	"context"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Roles of the Supervisor. A namespace's access list binds one of the first
// three in that namespace.
const (
	roleView  = "wcp:namespace-view"
	roleEdit  = "wcp:namespace-edit"
	roleOwner = "wcp:namespace-owner"
	roleAll   = "wcp:authenticated"
	roleAdmin = "wcp:administrators"
)

var (
	readVerbs  = []string{"get", "list", "watch"}
	writeVerbs = []string{"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"}
)

func allow(verbs []string, group string, resources ...string) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{Verbs: verbs, APIGroups: []string{group}, Resources: resources}
}

// viewRules are what anybody with a role in a namespace may read there.
// Secrets are not: a cluster's administrator kubeconfig is one.
func viewRules() []rbacv1.PolicyRule {
	return []rbacv1.PolicyRule{
		allow(readVerbs, "", "namespaces", "configmaps", "events", "persistentvolumeclaims", "pods", "services", "resourcequotas", "limitranges"),
		allow(readVerbs, "events.k8s.io", "events"),
		allow(readVerbs, "cluster.x-k8s.io", "*"),
		allow(readVerbs, "controlplane.cluster.x-k8s.io", "*"),
		allow(readVerbs, "bootstrap.cluster.x-k8s.io", "*"),
		allow(readVerbs, "infrastructure.cluster.x-k8s.io", "*"),
		allow(readVerbs, "vmoperator.vmware.com", "*"),
		allow(readVerbs, "cns.vmware.com", "*"),
		allow(readVerbs, "topology.tanzu.vmware.com", "zones"),
		allow(readVerbs, "cni.tanzu.vmware.com", "*"),
		allow(readVerbs, "run.tanzu.vmware.com", "*"),
		allow(readVerbs, "addons.kubernetes.vmware.com", "*"),
		allow(readVerbs, "rbac.authorization.k8s.io", "rolebindings"),
	}
}

// editRules do not reach what the controllers make: people change a Cluster's
// topology, never its machines.
func editRules() []rbacv1.PolicyRule {
	return append(viewRules(),
		allow(writeVerbs, "", "secrets", "configmaps", "persistentvolumeclaims", "services", "pods"),
		allow(writeVerbs, "cluster.x-k8s.io", "clusters"),
		allow(writeVerbs, "cni.tanzu.vmware.com", "*"),
		allow(writeVerbs, "run.tanzu.vmware.com", "*"),
		allow(writeVerbs, "addons.kubernetes.vmware.com", "*"),
	)
}

// globalRules are what every login may read: what a cluster can be made of. The
// cluster-scoped StorageClasses are not among it.
func globalRules() []rbacv1.PolicyRule {
	return []rbacv1.PolicyRule{
		allow(readVerbs, "kubernetes.vmware.com", "kubernetesreleases", "osimages"),
		allow(readVerbs, "cluster.x-k8s.io", "clusterclasses"),
		allow(readVerbs, "topology.tanzu.vmware.com", "availabilityzones"),
		allow(readVerbs, "apiextensions.k8s.io", "customresourcedefinitions"),
	}
}

func (s *Supervisor) installRoles(ctx context.Context) error {
	admin := append(append(editRules(), globalRules()...), allow(readVerbs, "storage.k8s.io", "storageclasses"))
	roles := map[string][]rbacv1.PolicyRule{
		roleView: viewRules(), roleEdit: editRules(), roleOwner: editRules(),
		roleAll: globalRules(), roleAdmin: admin,
	}
	objects := []client.Object{
		clusterBinding(roleAll, "system:authenticated"),
		clusterBinding(roleAdmin, ssoPrefix+AdministratorsGroup),
	}
	for name, rules := range roles {
		objects = append(objects, &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: rules})
	}
	for _, o := range objects {
		if err := s.kube.Create(ctx, o); err != nil {
			return err
		}
	}
	return nil
}

func clusterBinding(role, group string) *rbacv1.ClusterRoleBinding {
	return &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: role},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "Group", Name: group}},
	}
}

// accessObjects are the RoleBindings of a namespace's access list.
func (ns Namespace) accessObjects(set *objectSet) {
	for _, a := range ns.Access {
		role, kind := roleView, "User"
		switch strings.ToUpper(a.Role) {
		case "OWNER":
			role = roleOwner
		case "EDIT":
			role = roleEdit
		}
		if strings.EqualFold(a.Type, "GROUP") {
			kind = "Group"
		}
		subject := a.Subject + "@" + a.Domain
		if kind == "User" {
			subject = strings.ToLower(subject) // as a login does
		}
		// The role is in the name since a binding's roleRef cannot change.
		name := strings.ToLower("wcp:" + ns.Name + ":" + kind + ":" + a.Domain + ":" + a.Subject + ":" + a.Role)
		set.add(kindRoleBinding, name, map[string]any{
			"roleRef":  map[string]any{"apiGroup": rbacv1.GroupName, "kind": "ClusterRole", "name": role},
			"subjects": []any{map[string]any{"apiGroup": rbacv1.GroupName, "kind": kind, "name": ssoPrefix + subject}},
		})
	}
}

// GuestRole says what a user may do in the workload clusters of a namespace: who
// may edit the namespace administrates its clusters.
func (s *Supervisor) GuestRole(ctx context.Context, user string, groups []string, namespace string) (edit, view bool) {
	if isAdministrator(groups) {
		return true, true
	}
	var bindings rbacv1.RoleBindingList
	if err := s.kube.List(ctx, &bindings, client.InNamespace(namespace)); err != nil {
		return false, false // an API server that is not there grants nothing
	}
	for _, b := range bindings.Items {
		if !slices.ContainsFunc(b.Subjects, func(subject rbacv1.Subject) bool {
			return subject.Kind == "User" && strings.EqualFold(subject.Name, user) ||
				subject.Kind == "Group" && slices.ContainsFunc(groups, func(g string) bool { return strings.EqualFold(g, subject.Name) })
		}) {
			continue
		}
		switch b.RoleRef.Name {
		case roleEdit, roleOwner:
			return true, true
		case roleView:
			view = true
		}
	}
	return false, view
}
