//go:build !linux && !darwin && !windows

package disk

// Remote is not known here.
func Remote(string) bool { return false }
