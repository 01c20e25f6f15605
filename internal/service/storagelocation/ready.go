package storagelocation

import (
	"fmt"
	"strings"
	"time"

	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/wait"
)

// verdict is what Velero says about a location since it was last written.
type verdict struct {
	status wait.Status
	// err ends the wait: Velero has looked, and the location cannot be used.
	err error
	// again: what Velero met may be gone when it looks again.
	again bool
}

// judge reads the verdict. The phase alone says nothing: it is Unavailable
// before the first validation, and stale after a change. lastValidationTime is
// cleared before each write, so that what stands there is about what was written.
func judge(l *velerov1.BackupStorageLocation) verdict {
	pending := func(message string) wait.Status {
		return wait.Status{
			Progress: "not validated yet",
			Pending:  []wait.Pending{{What: "BackupStorageLocation " + l.Name, Message: message, Layer: wait.LayerCluster}},
		}
	}
	if l.Status.LastValidationTime.IsZero() {
		return verdict{status: pending("Velero has not validated it yet; it looks every ten seconds, so look at whether the Velero server runs")}
	}
	if l.Status.Phase == velerov1.BackupStorageLocationPhaseAvailable {
		return verdict{status: wait.Status{Done: true, Progress: "available"}}
	}
	message := l.Status.Message
	if message == "" {
		message = "Velero gives no reason"
	}
	if secretNotSeen(message) {
		return verdict{status: pending(message), again: true}
	}
	return verdict{err: &fault.Error{
		Kind: fault.Unsupported, Op: fmt.Sprintf("validate storage location %s", l.Name), Message: message, Advice: advice(message),
	}}
}

// secretNotSeen: Velero reads Secrets from a cache that may lag behind the
// location by a moment.
func secretNotSeen(message string) bool {
	return strings.Contains(message, "unable to get key for secret") || strings.Contains(message, "error getting CA certificate from secret")
}

// advice says what to do about the messages that Velero's plugins give.
func advice(message string) string {
	has := func(parts ...string) bool {
		for _, part := range parts {
			if strings.Contains(message, part) {
				return true
			}
		}
		return false
	}
	switch {
	case has("NoSuchBucket", "NotFound", "bucket does not exist", "ContainerNotFound", "StatusCode: 404"):
		return "The bucket must exist: create it, or correct bucket, s3.region and s3.url."
	case has("InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied", "Forbidden", "StatusCode: 403", "StatusCode: 401"):
		return "Check the keys and what they may do in this bucket. Write-only values are sent only when credentials_wo_version changes: raise it with the new keys."
	case has("x509", "certificate"):
		return "Set ca_pem (or ca_secret) to the CA that signed the store's certificate."
	case has("no such host", "connection refused", "i/o timeout", "context deadline exceeded", "no route to host"):
		return "s3.url must be reachable from inside the cluster: check the name, the port, and network policies and firewalls on the way."
	case has("unable to locate ObjectStore plugin"):
		return "The Velero of this cluster lacks the plugin for object_store: add its image to plugins of vks_data_protection."
	case has("invalid top-level directories"):
		return "The bucket holds what is not Velero's: set prefix."
	case has("no EC2 IMDS role found", "failed to refresh cached credentials", "NoCredentialProviders"):
		return "Velero has no credentials: set access_key_id_wo and secret_access_key_wo with credentials_wo_version, or credential."
	}
	return "The words are those of Velero's plugin. Correct the location, the bucket or the credentials, and apply again."
}

// settleTime is how long a verdict must stand after a change: a validation that
// was under way while the change was written is followed by one of its own.
const settleTime = 2 * time.Second

// settling holds back verdicts until they have stood long enough.
type settling struct {
	need  time.Duration
	since time.Time
}

// settled reports whether the verdict counts, at now.
func (s *settling) settled(v verdict, now time.Time) bool {
	if v.err == nil && !v.status.Done {
		s.since = time.Time{}
		return false
	}
	if s.since.IsZero() {
		s.since = now
	}
	return now.Sub(s.since) >= s.need
}
