package supervisor

import (
	"crypto/subtle"
	"slices"
	"strings"
)

// AdministratorsGroup is the SSO group that may act on everything of tenants.
// It is not cluster-admin: not even administrator@vsphere.local is that on a
// Supervisor.
const AdministratorsGroup = "Administrators@vsphere.local"

// ssoPrefix marks names that come from vCenter Single Sign-On.
const ssoPrefix = "sso:"

// User is an SSO user that may log in. A group without a domain is one of
// vsphere.local.
type User struct {
	Password string
	Groups   []string
}

type account struct {
	name     string // as configured: user@domain
	password string
	groups   []string
}

// accounts indexes users by lower-case name: SSO names have no case.
func accounts(users map[string]User) map[string]account {
	out := make(map[string]account, len(users))
	for name, u := range users {
		a := account{name: name, password: u.Password}
		for _, g := range u.Groups {
			if !strings.Contains(g, "@") {
				g += "@vsphere.local"
			}
			a.groups = append(a.groups, g)
		}
		out[strings.ToLower(name)] = a
	}
	return out
}

func (s *Supervisor) authenticatePassword(user, password string) (account, bool) {
	a, ok := s.users[strings.ToLower(user)]
	if !ok || subtle.ConstantTimeCompare([]byte(a.password), []byte(password)) != 1 {
		return account{}, false
	}
	return a, true
}

// Authenticate returns who a token of /wcp/login belongs to, as Kubernetes
// names: both the Supervisor and the workload clusters take these.
func (s *Supervisor) Authenticate(token string) (user string, groups []string, err error) {
	c, err := s.signer.verify(token, s.now())
	if err != nil {
		return "", nil, err
	}
	for _, g := range c.Groups {
		groups = append(groups, ssoPrefix+g)
	}
	// Kubernetes compares names as they are, and SSO names have no case.
	return ssoPrefix + strings.ToLower(c.Subject), groups, nil
}

func isAdministrator(groups []string) bool {
	return slices.ContainsFunc(groups, func(g string) bool {
		return strings.EqualFold(g, ssoPrefix+AdministratorsGroup)
	})
}
