package keys

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

// mapPage gives memory of its own, and tells whether it is locked.
func mapPage(size int) (mem []byte, locked bool, err error) {
	at, err := windows.VirtualAlloc(0, uintptr(size), windows.MEM_COMMIT|windows.MEM_RESERVE, windows.PAGE_READWRITE)
	if err != nil {
		return nil, false, err
	}
	// Not a pointer that Go's collector knows: read as one, through its address.
	mem = unsafe.Slice(*(**byte)(unsafe.Pointer(&at)), size)
	return mem, windows.VirtualLock(at, uintptr(size)) == nil, nil
}

// unmapPage also ends the lock.
func unmapPage(mem []byte) {
	_ = windows.VirtualFree(uintptr(unsafe.Pointer(unsafe.SliceData(mem))), 0, windows.MEM_RELEASE)
}
