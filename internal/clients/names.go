package clients

import "sync"

// Names remembers what was found in a state. The plan that creates a tainted or
// replaced object anew gets no prior state and no private one: without this it
// would take the object that is about to go for somebody else's.
type Names struct{ names sync.Map }

// Add remembers a name.
func (n *Names) Add(name string) { n.names.Store(name, true) }

// Has reports whether the name was added.
func (n *Names) Has(name string) bool {
	_, ok := n.names.Load(name)
	return ok
}
