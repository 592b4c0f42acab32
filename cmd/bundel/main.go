// Command bundel is a personal health environment (Dutch: PGO): it collects a
// person's records from their care providers over MedMij, keeps them encrypted
// on their own machine, and merges them into one overview.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/cli/browser"
	"golang.org/x/term"

	"github.com/bundel-pgo/bundel/store/keyring"
)

func main() {
	harden()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	m := &Main{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Getenv: os.Getenv, Now: time.Now, Browse: browser.OpenURL,
		Terminal:     term.IsTerminal(int(os.Stderr.Fd())),
		ReadPassword: readPassword, Keyring: keyring.System{},
	}
	os.Exit(m.Run(ctx, os.Args[1:]))
}

// readPassword reads a line from the terminal without showing it.
func readPassword() ([]byte, error) {
	fd := int(os.Stdin.Fd())
	if !term.IsTerminal(fd) {
		return nil, errNoTerminal
	}
	return term.ReadPassword(fd)
}
