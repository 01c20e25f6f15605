// Package protection holds the arithmetic of backup schedules: which cron
// expressions Velero accepts, when they run, the largest gap between two runs,
// a cron that keeps a recovery point objective, and how many recovery points a
// retention leaves.
//
// It is pure: the standard library and the cron parser that Velero itself uses,
// nothing else. No I/O, no clock (time is passed in), no Terraform, no
// Kubernetes types, none of our packages.
package protection

// Zone names must mean the same on a laptop without a zone database as they do
// inside Velero's container, so the database is linked in.
import _ "time/tzdata"
