package disk

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// FastCommitFault tells whether the folder is on an ext4 that uses fast commits
// under a kernel that loses pages with them.
func FastCommitFault(folder string) bool {
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil || !losesPages(strings.TrimSpace(string(release))) {
		return false
	}
	info, err := os.ReadFile(filepath.Join("/proc/fs/ext4", deviceOf(folder), "fc_info"))
	return err == nil && fastCommits(string(info)) > 0
}

// deviceOf gives the kernel's name of the disk that a folder is on.
func deviceOf(folder string) string {
	var s syscall.Stat_t
	if syscall.Stat(folder, &s) != nil {
		return ""
	}
	dev := uint64(s.Dev) //nolint:unconvert // 32 bits on some machines
	major, minor := dev>>8&0xfff|dev>>32&^uint64(0xfff), dev&0xff|dev>>12&^uint64(0xff)&0xffffffff
	link, err := os.Readlink(fmt.Sprintf("/sys/dev/block/%d:%d", major, minor))
	if err != nil {
		return ""
	}
	return filepath.Base(link)
}
