package vcenter

import (
	"bytes"
	"log"
	"testing"
)

func TestErrorLogHasNoHandshakes(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	to := log.New(withoutHandshakes{&b}, "", 0)
	to.Print("http: TLS handshake error from 127.0.0.1:1: remote error: tls: bad certificate")
	to.Print("http: panic serving 127.0.0.1:1: nil map")
	if got := b.String(); got != "http: panic serving 127.0.0.1:1: nil map\n" {
		t.Errorf("got %q", got)
	}
}
