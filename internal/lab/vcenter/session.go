package vcenter

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
)

const (
	sessionHeader = "vmware-api-session-id"
	soapCookie    = "vmware_soap_session"
	lockWindow    = 3 * time.Minute
	lockTime      = 5 * time.Minute
)

// account is one user as the lab sees it.
type account struct {
	name, domain string
	User
	admin bool
}

func (a *account) login() string { return a.name + "@" + a.domain }

// inGroup compares a group of the user's own domain.
func (a *account) inGroup(name, domain string) bool {
	return strings.EqualFold(domain, a.domain) && slices.ContainsFunc(a.Groups, func(g string) bool { return strings.EqualFold(g, name) })
}

type session struct {
	id            string
	user          *account
	created, used time.Time
}

func newAccount(login string, u User, admin bool) *account {
	name, domain, _ := strings.Cut(login, "@")
	return &account{name: name, domain: domain, User: u, admin: admin}
}

// authenticate checks a password and counts failures: SSO locks an account after several in a row.
func (v *VCenter) authenticate(login, password string) *account {
	key := strings.ToLower(login)
	v.login.Lock()
	defer v.login.Unlock()
	now := time.Now()
	if until, locked := v.locked[key]; locked && now.Before(until) {
		return nil
	}
	user := v.accounts[key]
	if user != nil && user.Password == password {
		delete(v.failures, key)
		return user
	}
	if v.opts.LockAfter > 0 {
		recent := slices.DeleteFunc(v.failures[key], func(t time.Time) bool { return now.Sub(t) > lockWindow })
		v.failures[key] = append(recent, now)
		if len(v.failures[key]) >= v.opts.LockAfter {
			v.locked[key] = now.Add(lockTime)
		}
	}
	return nil
}

func (v *VCenter) validSOAPLogin(req *types.Login) bool {
	return v.authenticate(req.UserName, req.Password) != nil
}

// sessionOf finds the live session of a request and keeps it alive.
func (v *VCenter) sessionOf(r *http.Request) *session {
	id := r.Header.Get(sessionHeader)
	if id == "" {
		if c, err := r.Cookie(sessionHeader); err == nil {
			id = c.Value
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	s := v.sessions[id]
	if s == nil {
		return nil
	}
	if time.Since(s.used) > v.opts.SessionTTL {
		delete(v.sessions, id)
		return nil
	}
	s.used = time.Now()
	traffic.SetUser(r.Context(), s.user.login())
	return s
}

// serveSession is /api/session and its older form under /rest, which govmomi uses and which wraps its replies.
func (v *VCenter) serveSession(wrap bool) http.HandlerFunc {
	reply := func(w http.ResponseWriter, status int, value any) {
		if wrap {
			status, value = http.StatusOK, map[string]any{"value": value}
		}
		body, _ := json.Marshal(value)
		writeJSON(w, status, body)
	}
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.URL.Query().Get("~action") == "" {
			v.logIn(w, r, reply)
			return
		}
		s := v.sessionOf(r)
		switch {
		case s == nil:
			v.refuse(w, unauthenticated())
		case r.Method == http.MethodDelete:
			v.mu.Lock()
			delete(v.sessions, s.id)
			v.mu.Unlock()
			if wrap {
				w.WriteHeader(http.StatusOK)
				return
			}
			w.WriteHeader(http.StatusNoContent)
		case r.Method == http.MethodGet, r.Method == http.MethodPost:
			reply(w, http.StatusOK, map[string]any{
				"user": s.user.login(), "created_time": s.created.UTC(), "last_accessed_time": s.used.UTC(),
			})
		default:
			v.refuse(w, routeAbsent())
		}
	}
}

func (v *VCenter) logIn(w http.ResponseWriter, r *http.Request, reply func(http.ResponseWriter, int, any)) {
	login, password, ok := r.BasicAuth()
	var user *account
	if ok {
		user = v.authenticate(login, password)
	}
	if user == nil {
		v.refuse(w, unauthenticated())
		return
	}
	now := time.Now()
	s := &session{id: strings.ReplaceAll(uuid.NewString(), "-", ""), user: user, created: now, used: now}
	v.mu.Lock()
	v.sessions[s.id] = s
	v.mu.Unlock()
	if !strings.EqualFold(r.Header.Get("vmware-use-header-authn"), "true") {
		http.SetCookie(w, &http.Cookie{Name: sessionHeader, Value: s.id, Path: "/", Secure: v.opts.TLS != nil, HttpOnly: true})
	}
	reply(w, http.StatusCreated, s.id)
}

func (v *VCenter) refuse(w http.ResponseWriter, e *apiError) { writeJSON(w, e.status, e.body()) }

// soap stands before the simulator's SOAP endpoints: the simulator has no way to end sessions from outside, so an
// ended one loses its cookie here.
func (v *VCenter) soap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := r.Cookie(soapCookie); err == nil && !v.soapAlive(c.Value) {
			r.Header.Del("Cookie")
		}
		next.ServeHTTP(w, r)
		v.noteSOAPLogin(w.Header())
	})
}

// soapAlive takes an id that it does not know for a new session: its first use can be here before its login is noted.
func (v *VCenter) soapAlive(id string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	used, known := v.soapSessions[id]
	if v.soapEnded[id] || known && time.Since(used) > v.opts.SessionTTL {
		delete(v.soapSessions, id)
		v.soapEnded[id] = true
		return false
	}
	v.soapSessions[id] = time.Now()
	return true
}

func (v *VCenter) noteSOAPLogin(h http.Header) {
	for _, c := range (&http.Response{Header: h}).Cookies() {
		if c.Name == soapCookie {
			v.mu.Lock()
			v.soapSessions[c.Value] = time.Now()
			v.mu.Unlock()
		}
	}
}
