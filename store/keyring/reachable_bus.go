//go:build !darwin && !windows

package keyring

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// reachable looks whether a session bus is there. Without one the library below
// would start one, which would outlive this program and hold no keyring.
func reachable() error {
	if address := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); address != "" && address != "autolaunch:" {
		return nil
	}
	folder := filepath.Join("/run/user", strconv.Itoa(os.Getuid()))
	for _, name := range []string{"bus", "dbus-session"} {
		if _, err := os.Stat(filepath.Join(folder, name)); err == nil {
			return nil
		}
	}
	return fmt.Errorf("%w: there is no session bus", ErrUnavailable)
}
