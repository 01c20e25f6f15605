package transport_test

import (
	"testing"

	"github.com/vksops/terraform-provider-vks/internal/transport"
)

func TestParseServer(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][2]string{
		"vc.example.com":          {"vc.example.com", ""},
		"vc.example.com:8443":     {"vc.example.com", "8443"},
		"https://vc.example.com/": {"vc.example.com", ""},
		" 192.0.2.1 ":             {"192.0.2.1", ""},
		"2001:db8::1":             {"2001:db8::1", ""},
		"[2001:db8::1]":           {"2001:db8::1", ""},
		"[2001:db8::1]:443":       {"2001:db8::1", "443"},
	} {
		host, port, err := transport.ParseServer(in)
		if err != nil || host != want[0] || port != want[1] {
			t.Errorf("%q: got %q, %q, %v", in, host, port, err)
		}
	}
	for _, in := range []string{
		"", "  ", "http://vc.example.com", "vc.example.com/ui", "ops@vc.example.com", "two words", "vc:port", "vc.example.com:99999", ":443", "a:b:c",
	} {
		if host, port, err := transport.ParseServer(in); err == nil {
			t.Errorf("%q was accepted as %q, %q", in, host, port)
		}
	}
}
