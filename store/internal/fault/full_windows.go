package fault

import "syscall"

// fullErrors are what Windows says when there is no room: ERROR_DISK_FULL,
// ERROR_HANDLE_DISK_FULL, ERROR_DISK_QUOTA_EXCEEDED and ERROR_FILE_TOO_LARGE.
func fullErrors() []error {
	return []error{syscall.Errno(112), syscall.Errno(39), syscall.Errno(1295), syscall.Errno(223)}
}
