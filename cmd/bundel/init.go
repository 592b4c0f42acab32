package main

import (
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
	secret, err := a.newPassphrase(a.passphrasePath(), "--passphrase-file FILE")
	if err != nil {
		return err
	}
	defer clear(secret)
	out, err := a.reserve(o.recoveryFile, "--recovery-file FILE")
	if err != nil {
		return err
	}
	code, err := d.Create(c.Context(), secret)
	if err == nil {
		a.warn(a.place())
	}
	return a.giveCode(a.t("De kluis is klaar.", "The vault is ready."), code, out, err)
}

// reserve makes the file before the vault, so that a code is never lost.
func (a *app) reserve(path, flag string) (*os.File, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, usage(a.t("het bestand voor de herstelcode kan niet worden gemaakt, of bestaat al", "the file for the recovery code cannot be made, or exists"), flag)
	}
	return f, nil
}

// giveCode shows a new recovery code, or writes it to out, and gives err back. A
// code beside an error may hold already, so it is given too; without one the file
// that was reserved for it goes.
func (a *app) giveCode(done string, code store.RecoveryCode, out *os.File, err error) error {
	switch {
	case code.Reveal() == "" && out != nil:
		return errors.Join(err, out.Close(), os.Remove(out.Name()))
	case code.Reveal() == "":
		return err
	case err != nil:
		done = a.t("Er ging iets mis. Bewaar ook de oude code: een van de twee geldt.", "Something went wrong. Keep the old code too: one of the two holds.")
	}
	return errors.Join(err, a.showCode(done, code, out))
}

func (a *app) showCode(done string, code store.RecoveryCode, out *os.File) error {
	switch {
	case out != nil:
		_, err := fmt.Fprintln(out, code.Reveal())
		a.say("%s %s", done, a.t("De herstelcode staat in het bestand.", "The recovery code is in the file."))
		return errors.Join(err, out.Sync(), out.Close())
	case a.json:
		return a.printJSON(map[string]string{"recoveryCode": code.Reveal()})
	}
	fmt.Fprintf(a.Stdout, "%s %s\n\n  %s\n\n%s\n", done,
		a.t("Dit is uw herstelcode:", "This is your recovery code:"), code.Reveal(),
		a.t("Schrijf hem op en bewaar hem op een veilige plek. U ziet hem niet nog een keer.", "Write it down and keep it in a safe place. You will not see it again."))
	return nil
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
