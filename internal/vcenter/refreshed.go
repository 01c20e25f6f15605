package vcenter

import (
	"context"
	"sync"
)

// refreshed keeps namespaces as a refresh read them. In one plan a resource and
// the data sources about it ask within a moment, and nothing changes meanwhile.
// An apply does not refresh: what a data source reads there, after a cluster was
// made in the namespace, say, is always read anew. The inventory is others' to
// change, without a word to this client: it is kept by age.
type refreshed struct {
	mu   sync.Mutex
	seen map[string]Namespace

	hosts, machines age
}

// RefreshNamespace is Namespace for a refresh: what it gives is shared with
// SharedNamespace, until this client changes anything.
func (c *Client) RefreshNamespace(ctx context.Context, name string) (*Namespace, error) {
	n, err := c.Namespace(ctx, name)
	if err == nil {
		c.refreshed.keep(*n)
	}
	return n, err
}

// SharedNamespace gives what a refresh has just read, and else asks.
func (c *Client) SharedNamespace(ctx context.Context, name string) (*Namespace, error) {
	if n, ok := c.refreshed.get(name); ok {
		return &n, nil
	}
	return c.Namespace(ctx, name)
}

// changed drops what a write may have changed.
func (c *Client) changed() {
	c.refreshed.changed()
	c.vim.pools.forget()
}

// changed drops everything: a change of one namespace may show in others.
func (r *refreshed) changed() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen = nil
}

func (r *refreshed) keep(n Namespace) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen == nil {
		r.seen = map[string]Namespace{}
	}
	r.seen[n.Name] = n
}

func (r *refreshed) get(name string) (Namespace, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n, ok := r.seen[name]
	return n, ok
}
