//go:build unix && !aix

package keys

import "golang.org/x/sys/unix"

// mapPage gives memory of its own, and tells whether it is locked.
func mapPage(size int) (mem []byte, locked bool, err error) {
	mem, err = unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return nil, false, err
	}
	keepFromDumps(mem)
	return mem, unix.Mlock(mem) == nil, nil
}

// unmapPage also ends the lock.
func unmapPage(mem []byte) { _ = unix.Munmap(mem) }
