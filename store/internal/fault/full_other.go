//go:build !windows

package fault

import "syscall"

// fullErrors are what a system says when there is no room: on the disk, within
// a quota, or for so large a file (FAT holds none above 4 GB).
func fullErrors() []error { return []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG} }
