package disk

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRemoteType(t *testing.T) {
	for magic, want := range map[uint32]bool{
		0x6969: true, 0xFF534D42: true, 0xFE534D42: true, 0x65735546: true, 0x01021997: true,
		0xEF53: false, 0x01021994: false, 0x9123683E: false, 0x58465342: false, // ext4, tmpfs, btrfs, xfs
	} {
		if remoteType(magic) != want {
			t.Errorf("%x: %v", magic, !want)
		}
	}
}

// The number of a disk leads to its name, where the kernel shows any.
func TestDeviceOf(t *testing.T) {
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Skip("no mounts to see")
	}
	found := false
	for line := range strings.Lines(string(mounts)) {
		f := strings.Fields(line)
		if len(f) < 5 || strings.HasPrefix(f[2], "0:") {
			continue
		}
		link, err := os.Readlink("/sys/dev/block/" + f[2])
		if info, statErr := os.Stat(f[4]); err != nil || statErr != nil || !info.IsDir() {
			continue
		}
		found = true
		if got := deviceOf(f[4]); got != filepath.Base(link) {
			t.Errorf("%s is on %q, not %q", f[4], filepath.Base(link), got)
		}
	}
	if !found {
		t.Skip("no disk to see")
	}
}
