package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/store"
)

type initOptions struct{ recoveryFile string }

func (a *app) initCommand() *cobra.Command {
	var o initOptions
	c := &cobra.Command{
		Use: "init", Args: a.noArgs,
		Short: a.t("Maak een kluis en krijg de herstelcode", "Make a vault and get the recovery code"),
		RunE:  func(c *cobra.Command, _ []string) error { return a.runInit(c, o) },
	}
	c.Flags().StringVar(&o.recoveryFile, "recovery-file", "", a.t("schrijf de herstelcode in dit bestand (alleen voor u leesbaar)", "write the recovery code to this file (readable by you alone)"))
	return c
}

func (a *app) runInit(c *cobra.Command, o initOptions) error {
	d, err := a.closed()
	if err != nil {
		return err
	}
	secret, err := a.newPassphrase()
	if err != nil {
		return err
	}
	defer clear(secret)
	out, err := reserve(o.recoveryFile)
	if err != nil {
		return usage(a.t("het bestand voor de herstelcode kan niet worden gemaakt, of bestaat al", "the file for the recovery code cannot be made, or exists"), "--recovery-file FILE")
	}
	code, err := d.Create(c.Context(), secret)
	if err != nil {
		if out != nil {
			_ = errors.Join(out.Close(), os.Remove(out.Name()))
		}
		return err
	}
	a.warn(a.place())
	return a.giveCode(code, out)
}

// reserve makes the file before the vault, so that a code is never lost.
func reserve(path string) (*os.File, error) {
	if path == "" {
		return nil, nil
	}
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

func (a *app) giveCode(code store.RecoveryCode, out *os.File) error {
	switch {
	case out != nil:
		_, err := fmt.Fprintln(out, code.Reveal())
		a.say("%s", a.t("De kluis is klaar. De herstelcode staat in het bestand.", "The vault is ready. The recovery code is in the file."))
		return errors.Join(err, out.Sync(), out.Close())
	case a.json:
		return a.printJSON(map[string]string{"recoveryCode": code.Reveal()})
	}
	fmt.Fprintf(a.Stdout, "%s\n\n  %s\n\n%s\n",
		a.t("De kluis is klaar. Dit is uw herstelcode:", "The vault is ready. This is your recovery code:"), code.Reveal(),
		a.t("Schrijf hem op en bewaar hem op een veilige plek. U ziet hem niet nog een keer.", "Write it down and keep it in a safe place. You will not see it again."))
	return nil
}

// newPassphrase asks twice at a terminal.
func (a *app) newPassphrase() ([]byte, error) {
	first, err := a.passphrase(a.t("Kies een wachtzin (12 tekens of meer): ", "Choose a passphrase (12 characters or more): "))
	if err != nil || a.passphraseFile != "" || a.Getenv("BUNDEL_PASSPHRASE_FILE") != "" {
		return first, err
	}
	second, err := a.passphrase(a.t("Nog een keer: ", "Once more: "))
	defer clear(second)
	if err == nil && !bytes.Equal(first, second) {
		err = usage(a.t("de twee wachtzinnen zijn niet gelijk", "the two passphrases differ"), "bundel init")
	}
	return first, err
}

// noArgs refuses what a verb does not take.
func (a *app) noArgs(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage(a.t("hier hoort niets achter", "nothing goes behind this"), "bundel --help")
	}
	return nil
}

// atLeast asks for arguments.
func (a *app) atLeast(n int, hint string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) < n {
			return usage(a.t("er ontbreekt iets", "something is missing"), hint)
		}
		return nil
	}
}
