package namespace

import (
	"errors"
	"testing"
)

type forgetful struct {
	catalog
	forgot int
}

func (f *forgetful) Forget() { f.forgot++ }

// What is not among what was read before may be new; what is missing twice is not there.
func TestLookTwice(t *testing.T) {
	t.Parallel()
	failed := errors.New("no route")
	for name, c := range map[string]struct {
		readings [][]string
		err      error
		reads    int
	}{
		"known":         {[][]string{{"a", "b"}}, nil, 1},
		"new":           {[][]string{{"b"}, {"a", "b"}}, nil, 2},
		"not there":     {[][]string{{"b"}, {"b"}}, nil, 2},
		"not reachable": {[][]string{nil}, failed, 1},
	} {
		from, reads := &forgetful{}, 0
		got, err := lookTwice(from, func() ([]string, error) {
			reads++
			return c.readings[reads-1], c.err
		}, containsAll([]string{"a"}))
		if reads != c.reads || from.forgot != c.reads-1 || !errors.Is(err, c.err) || len(got) != len(c.readings[reads-1]) {
			t.Errorf("%s: %v, %v after %d readings and %d times forgotten", name, got, err, reads, from.forgot)
		}
	}
}
