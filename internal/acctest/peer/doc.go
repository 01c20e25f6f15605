// Package peer compares vks_namespace with vsphere_namespace, the resource of
// the vSphere provider: the same job for both, against a vCenter of the lab.
// It holds tests only; the guide "Comparison" has a row for each of them.
//
// The vSphere provider cannot be built as a Go module, so by default a stand-in
// takes its place (see standin_test.go, and decision 9). With the path of the
// real program in VKS_PEER_PROVIDER the same tests run with that one; it waits
// in whole minutes where the stand-in waits in seconds.
package peer
