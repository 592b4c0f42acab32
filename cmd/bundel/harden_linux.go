package main

import "golang.org/x/sys/unix"

// harden keeps the keys of the vault out of core dumps and away from other
// programs of the same account (security-store.md 1.7). It is this program's
// decision; a library makes none for its process. What the system refuses is
// done without.
func harden() {
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
}
