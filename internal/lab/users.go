package lab

import (
	"crypto/rand"
	"encoding/hex"
	"maps"

	"github.com/vksops/terraform-provider-vks/internal/lab/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/lab/vcenter"
)

// The standard users, whose passwords differ from lab to lab.
const (
	administrator = "administrator@vsphere.local"
	// reader may read everything and change nothing: what a plan needs.
	reader = "reader@vsphere.local"
	// developer has no rights but those that a namespace grants.
	developer = "developer@vsphere.local"
)

// viewersGroup is one that every namespace lets view it.
const viewersGroup = "SupervisorProviderViewers"

// User is an SSO user, who may log in to vCenter and to the Supervisor.
type User struct {
	Password string
	// Groups are names without their domain, which is the user's.
	Groups []string
	// ReadOnly users may read everything in vCenter and write nothing.
	ReadOnly bool
}

type users map[string]User

func newUsers(more map[string]User) users {
	u := users{
		administrator: {Password: newPassword(), Groups: []string{"Administrators"}},
		reader:        {Password: newPassword(), Groups: []string{viewersGroup}, ReadOnly: true},
		developer:     {Password: newPassword(), Groups: []string{"Developers"}},
	}
	maps.Copy(u, more)
	return u
}

// newPassword satisfies the rules of vCenter's Single Sign-On: it has a
// capital, a digit and a sign.
func newPassword() string {
	b := make([]byte, 12)
	_, _ = rand.Read(b) // it never fails
	return "Lab-1" + hex.EncodeToString(b)
}

// ofVCenter leaves out the administrator, who is an option of its own there.
func (u users) ofVCenter() map[string]vcenter.User {
	out := map[string]vcenter.User{}
	for name, user := range u {
		if name != administrator {
			out[name] = vcenter.User{Password: user.Password, Groups: user.Groups, ReadOnly: user.ReadOnly}
		}
	}
	return out
}

func (u users) ofSupervisor() map[string]supervisor.User {
	out := map[string]supervisor.User{}
	for name, user := range u {
		out[name] = supervisor.User{Password: user.Password, Groups: user.Groups}
	}
	return out
}
