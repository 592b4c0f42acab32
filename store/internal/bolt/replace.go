//go:build !windows

package bolt

import "os"

// replace gives the draft the name of the old file, in one step.
func replace(draft, path string, _, _ *File) error { return os.Rename(draft, path) }
