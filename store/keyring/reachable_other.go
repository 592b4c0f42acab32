//go:build darwin || windows

package keyring

// reachable: every account has a keyring here.
func reachable() error { return nil }
