package protection

import (
	"fmt"
	"time"
)

// DefaultRetention is what Velero uses for a backup that names no ttl.
const DefaultRetention = 720 * time.Hour

// CheckRetention returns a warning when retention is shorter than two gaps: one
// failed run then leaves nothing to restore from. It returns "" when all is well.
func CheckRetention(retention, gap time.Duration) (warning string) {
	if retention == 0 {
		retention = DefaultRetention
	}
	if retention < 0 {
		return fmt.Sprintf("retention %s is in the past: every backup is deleted as soon as it is made", Short(retention))
	}
	if gap <= 0 || retention/2 >= gap {
		return ""
	}
	if retention < gap {
		return fmt.Sprintf("retention %s is shorter than the longest gap between two runs (%s): there are times with no backup at all; keep at least %s",
			Short(retention), Short(gap), Short(2*gap))
	}
	return fmt.Sprintf("retention %s is shorter than two gaps between runs (%s each): one failed run leaves nothing to restore from; keep at least %s",
		Short(retention), Short(gap), Short(2*gap))
}

// Short writes a duration without its zero parts: "720h", not "720h0m0s".
func Short(d time.Duration) string {
	s := d.String()
	if d%time.Minute == 0 && d != 0 {
		s = s[:len(s)-len("0s")]
		if d%time.Hour == 0 {
			s = s[:len(s)-len("0m")]
		}
	}
	return s
}
