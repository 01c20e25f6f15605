package netport_test

import (
	"net"
	"testing"

	"github.com/vksops/terraform-provider-vks/internal/lab/netport"
)

func TestAddress(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 50 {
		address, err := netport.Address(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if seen[address] {
			t.Errorf("%s was given twice", address)
		}
		seen[address] = true
	}
	for address := range seen {
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", address)
		if err != nil {
			t.Error(err)
			continue
		}
		_ = l.Close()
	}
}
