package disk

import "syscall"

// Remote tells whether the folder is on a disk of another computer.
func Remote(folder string) bool {
	const local = 0x1000 // MNT_LOCAL of sys/mount.h
	var s syscall.Statfs_t
	return syscall.Statfs(folder, &s) == nil && s.Flags&local == 0
}
