package quota

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/vksops/terraform-provider-vks/internal/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// facts are what was read, before any judgement.
type facts struct {
	id         string
	namespaces []*vcenter.Namespace // by name
	// bare namespaces are as the list has them, without limits.
	bare     map[string]bool
	policies map[string]string // names by id
	zones    map[string]string // names by compute cluster
	// coreMHz is the speed of the Supervisor's slowest core; 0 = not known.
	coreMHz int64
	// shares are resource pools by namespace; nil where they could not be read.
	shares map[string][]vcenter.PoolShare
	// usage is nil where the Supervisor could not be read.
	usage *supervisor.Usage

	mu   sync.Mutex
	gaps []gap
	// unlimited are namespaces whose limits could not be read.
	unlimited map[string]bool
	// elsewhere are namespaces on another Supervisor than the provider's.
	elsewhere map[string]bool
	// slow says why each namespace took requests of its own.
	slow []string
}

// gap is what is not known, and why.
type gap struct {
	namespace string // "" = of all
	text      string
}

func newFacts() *facts {
	return &facts{bare: map[string]bool{}, policies: map[string]string{}, zones: map[string]string{}, unlimited: map[string]bool{}, elsewhere: map[string]bool{}}
}

// of gives what the Supervisor has in a namespace; nil = not known.
func (f *facts) of(namespace string) *supervisor.NamespaceUsage {
	if f.usage == nil {
		return nil
	}
	return f.usage.Namespaces[namespace]
}

// pools are those of a namespace: all that the Supervisor names, or else those
// of its name. None where one is not to be seen: a part would look like the whole.
func (f *facts) pools(namespace string) []vcenter.PoolShare {
	shares := f.shares[namespace]
	if in := f.of(namespace); in != nil {
		for _, id := range in.Pools {
			if !slices.ContainsFunc(shares, func(s vcenter.PoolShare) bool { return s.ID == id }) {
				return nil
			}
		}
	}
	return shares
}

func (f *facts) miss(text string) { f.missNamespace("", text) }

func (f *facts) missNamespace(namespace, text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.gaps = append(f.gaps, gap{namespace: namespace, text: text})
}

// unknown are the gaps of a namespace alone, or with "" those of all.
func (f *facts) unknown(namespace string) []string {
	var list []string
	for _, g := range f.gaps {
		if g.namespace == namespace {
			list = append(list, g.text)
		}
	}
	return list
}

// sort makes the answer independent of what came first.
func (f *facts) sort() {
	slices.SortFunc(f.gaps, func(a, b gap) int {
		return cmp.Or(cmp.Compare(a.namespace, b.namespace), cmp.Compare(a.text, b.text))
	})
	slices.SortFunc(f.namespaces, func(a, b *vcenter.Namespace) int { return cmp.Compare(a.Name, b.Name) })
}

// shown bounds the gaps in the warning: the reasons have them all.
const shown = 10

// warning lists the gaps; "" = none.
func (f *facts) warning() string {
	var lines []string
	for _, g := range f.gaps {
		switch {
		case len(lines) == shown:
			return strings.Join(append(lines, "and more, see reasons"), "\n  - ")
		case g.namespace == "":
			lines = append(lines, g.text)
		default:
			lines = append(lines, "namespace "+g.namespace+": "+g.text)
		}
	}
	return strings.Join(lines, "\n  - ")
}
