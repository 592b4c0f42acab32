package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestHarden looks in a process of its own: what harden does cannot be undone.
func TestHarden(t *testing.T) {
	if os.Getenv("BUNDEL_HARDEN") != "" {
		harden()
		dumpable, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
		var core unix.Rlimit
		fmt.Println("dumpable", dumpable, err, "core", unix.Getrlimit(unix.RLIMIT_CORE, &core), core.Cur, core.Max)
		return
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "-test.run=^TestHarden$") // #nosec G204 -- this test itself
	cmd.Env = append(os.Environ(), "BUNDEL_HARDEN=1")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "dumpable 0 <nil> core <nil> 0 0") {
		t.Errorf("%s %v", out, err)
	}
}
