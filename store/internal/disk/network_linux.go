package disk

import "syscall"

// Remote tells whether the folder is on a disk of another computer, or one that
// a program stands in for: locks and flushes are only as good as that.
func Remote(folder string) bool {
	var s syscall.Statfs_t
	return syscall.Statfs(folder, &s) == nil && remoteType(uint32(s.Type)) // #nosec G115 -- the kernel's 32 bits
}

// remoteType knows the numbers of statfs(2).
func remoteType(magic uint32) bool {
	switch magic {
	case 0x6969, // NFS
		0x517B, 0xFF534D42, 0xFE534D42, // SMB, CIFS, SMB2
		0x65735546,             // FUSE: sshfs, rclone and the like
		0x01021997,             // 9P: the disks of Windows in WSL
		0x5346414F, 0x73757245, // AFS, Coda
		0x00C36400: // Ceph
		return true
	}
	return false
}
