package storagelocation

import (
	"errors"
	"strings"
	"testing"
	"time"

	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/wait"
)

func location(phase velerov1.BackupStorageLocationPhase, validated bool, message string) *velerov1.BackupStorageLocation {
	l := &velerov1.BackupStorageLocation{ObjectMeta: metav1.ObjectMeta{Name: "s3"}}
	l.Status.Phase, l.Status.Message = phase, message
	if validated {
		l.Status.LastValidationTime = &metav1.Time{Time: time.Unix(1000, 0)}
	}
	return l
}

func TestJudge(t *testing.T) {
	t.Parallel()
	const available, unavailable = velerov1.BackupStorageLocationPhaseAvailable, velerov1.BackupStorageLocationPhaseUnavailable
	for name, c := range map[string]struct {
		live        *velerov1.BackupStorageLocation
		done, again bool
		advice      string
	}{
		"new":                  {live: location("", false, "")},
		"before validation":    {live: location(unavailable, false, "")},
		"stale phase":          {live: location(available, false, "")},
		"available":            {live: location(available, true, ""), done: true},
		"missing bucket":       {live: location(unavailable, true, "NoSuchBucket: The specified bucket does not exist"), advice: "create it"},
		"wrong keys":           {live: location(unavailable, true, "InvalidAccessKeyId: 403"), advice: "raise it with the new keys"},
		"CA":                   {live: location(unavailable, true, "x509: certificate signed by unknown authority"), advice: "ca_pem"},
		"unreachable":          {live: location(unavailable, true, "dial tcp: connection refused"), advice: "inside the cluster"},
		"plugin":               {live: location(unavailable, true, "unable to locate ObjectStore plugin named velero.io/ibm"), advice: "plugins"},
		"shared bucket":        {live: location(unavailable, true, "Backup store contains invalid top-level directories: [x]"), advice: "set prefix"},
		"no reason":            {live: location(unavailable, true, ""), advice: "Correct the location"},
		"Secret not seen yet":  {live: location(unavailable, true, "unable to get credentials: unable to get key for secret: x"), again: true},
		"CA Secret not seen":   {live: location(unavailable, true, "error getting CA certificate from secret: x"), again: true},
		"without credentials ": {live: location(unavailable, true, "no EC2 IMDS role found"), advice: "has no credentials"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := judge(c.live)
			if v.status.Done != c.done || v.again != c.again || (v.err != nil) != (c.advice != "") {
				t.Fatalf("got %+v", v)
			}
			var f *fault.Error
			if errors.As(v.err, &f) && !strings.Contains(f.Advice, c.advice) {
				t.Errorf("advice %q, want %q", f.Advice, c.advice)
			}
			if !c.done && v.err == nil && len(v.status.Pending) == 0 {
				t.Error("a timeout would have nothing to say")
			}
		})
	}
}

// A verdict counts when it has stood for the time, and starts anew when it was taken back.
func TestSettling(t *testing.T) {
	t.Parallel()
	at := func(seconds int64) time.Time { return time.Unix(1000+seconds, 0) }
	done, pending := verdict{status: wait.Status{Done: true}}, verdict{}
	s := &settling{need: 2 * time.Second}
	for i, c := range []struct {
		v    verdict
		at   int64
		want bool
	}{{pending, 0, false}, {done, 1, false}, {done, 2, false}, {pending, 3, false}, {done, 4, false}, {done, 6, true}} {
		if got := s.settled(c.v, at(c.at)); got != c.want {
			t.Errorf("look %d: got %t", i, got)
		}
	}
	if now := (&settling{}); !now.settled(done, at(0)) {
		t.Error("without a time to stand, the first verdict counts")
	}
}
