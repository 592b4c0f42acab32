package disk

import (
	"path/filepath"
	"syscall"
	"unsafe"
)

// Remote tells whether the folder is on a disk of another computer.
func Remote(folder string) bool {
	const remote = 4 // DRIVE_REMOTE of fileapi.h
	whole, err := filepath.Abs(folder)
	if err != nil {
		return false
	}
	root, err := syscall.UTF16PtrFromString(filepath.VolumeName(whole) + `\`)
	if err != nil {
		return false
	}
	kind, _, _ := syscall.NewLazyDLL("kernel32.dll").NewProc("GetDriveTypeW").Call(uintptr(unsafe.Pointer(root))) // #nosec G103 -- how a text is handed over
	return kind == remote
}
