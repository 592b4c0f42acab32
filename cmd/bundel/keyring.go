package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/store"
	"github.com/bundel-pgo/bundel/store/keyring"
	"github.com/bundel-pgo/bundel/web/desk"
)

func (a *app) keyringCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "keyring", Args: a.noArgs,
		Short: a.t("Open de kluis zonder wachtzin, met de sleutelbos van deze computer", "Open the vault without the passphrase, with the keyring of this computer"),
		Long: a.t(`Laat zien of de sleutelbos van deze computer (Sleutelhanger, Referentiebeheer, GNOME of KDE) de kluis
opent. Met "add" bewaart Bundel daar een eigen sleutel, en vraagt dan hier niet meer om de wachtzin.
Wie bij uw account op deze computer kan, kan dan ook bij uw kluis. Wie alleen het kluisbestand heeft niet.
Onthoud uw wachtzin: reservekopieën, een nieuwe wachtzin en een andere computer vragen erom.`,
			`Show whether the keyring of this computer (Keychain, Credential Manager, GNOME or KDE) opens the vault.
With "add" Bundel keeps a key of its own there, and no longer asks for the passphrase here. Whoever can
use your account on this computer can then open your vault. Whoever has only the vault file cannot.
Remember your passphrase: backups, a new passphrase and another computer ask for it.`),
		RunE: func(*cobra.Command, []string) error { return a.runKeyring() },
	}
	c.AddCommand(a.keyringAddCommand(), a.keyringRemoveCommand())
	return c
}

func (a *app) runKeyring() error {
	d, err := a.closed()
	if err != nil {
		return err
	}
	state, err := d.KeyringState(a.ctx)
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(map[string]any{"keyring": state})
	}
	fmt.Fprintln(a.Stdout, a.keyringWords(state))
	return nil
}

func (a *app) keyringWords(state desk.KeyringState) string {
	switch state {
	case desk.KeyringOn:
		return a.t("Ja: de sleutelbos van deze computer opent de kluis.", "Yes: the keyring of this computer opens the vault.")
	case desk.KeyringStale:
		return a.t("Nee: wat in de sleutelbos staat, opent deze kluis niet meer. Vernieuw het met bundel keyring add, of haal het weg met bundel keyring remove.",
			"No: what is in the keyring no longer opens this vault. Renew it with bundel keyring add, or take it away with bundel keyring remove.")
	case desk.KeyringUnavailable:
		return a.t("Nee: deze computer heeft geen sleutelbos, of hij bleef op slot.", "No: this computer has no keyring, or it stayed locked.")
	}
	return a.t("Nee: de kluis gaat alleen open met de wachtzin of de herstelcode.", "No: the vault opens with the passphrase or the recovery code only.")
}

func (a *app) keyringAddCommand() *cobra.Command {
	return &cobra.Command{
		Use: "add", Args: a.noArgs,
		Short: a.t("Laat de sleutelbos de kluis openen; vraagt de wachtzin", "Let the keyring open the vault; asks the passphrase"),
		RunE:  func(*cobra.Command, []string) error { return a.runKeyringAdd() },
	}
}

// runKeyringAdd asks for the passphrase also where the keyring opens the vault: so
// the person still knows it, and who only sits here cannot.
func (a *app) runKeyringAdd() error {
	d, secret, err := a.openWithSecret()
	if err != nil {
		return err
	}
	clear(secret)
	if err := d.AddToKeyring(a.ctx); err != nil {
		return err
	}
	if a.json {
		return a.printJSON(map[string]any{"keyring": desk.KeyringOn})
	}
	fmt.Fprintln(a.Stdout, a.keyringWords(desk.KeyringOn))
	a.say("%s", a.t("Onthoud uw wachtzin: niet alles kan zonder.", "Remember your passphrase: not everything goes without."))
	return nil
}

func (a *app) keyringRemoveCommand() *cobra.Command {
	var all bool
	c := &cobra.Command{
		Use: "remove", Args: a.noArgs,
		Short: a.t("Haal de sleutel uit de sleutelbos en uit de kluis", "Take the key out of the keyring and out of the vault"),
		RunE:  func(*cobra.Command, []string) error { return a.runKeyringRemove(all) },
	}
	c.Flags().BoolVar(&all, "all", false, a.t("ook de sleutels van uw andere computers, bijvoorbeeld als er een weg is", "the keys of your other computers as well, for instance when one is lost"))
	return c
}

func (a *app) runKeyringRemove(all bool) error {
	d, err := a.open()
	if err != nil {
		return err
	}
	removed, err := d.RemoveFromKeyring(a.ctx, all)
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(map[string]any{"keyring": desk.KeyringOff, "removed": removed})
	}
	fmt.Fprintf(a.Stdout, a.t("Weggehaald: %d. De sleutelbos van deze computer opent de kluis niet.\n", "Removed: %d. The keyring of this computer does not open the vault.\n"), removed)
	return nil
}

// openWithKeyring opens the vault without asking anything, where the person chose
// that and names no file with a passphrase. What goes wrong with the keyring
// itself is told, and the passphrase asked.
func (a *app) openWithKeyring(d *desk.Desk) (opened bool, err error) {
	if a.noKeyring || a.passphrasePath() != "" {
		return false, nil
	}
	err = d.UnlockWithKeyring(a.ctx)
	switch {
	case err == nil:
		return true, nil
	case a.ctx.Err() != nil: // the person ended it: nothing more is asked
		return false, err
	case errors.Is(err, keyring.ErrNone):
		return false, nil
	case errors.Is(err, keyring.ErrUnavailable):
		a.say("%s", a.t("De sleutelbos is nu niet te gebruiken (overslaan kan met --no-keyring).", "The keyring cannot be used now (--no-keyring skips it)."))
		return false, nil
	case errors.Is(err, store.ErrWrongKey):
		a.say("%s", a.t("Wat in de sleutelbos staat, opent deze kluis niet meer: de sleutel is weggehaald of vernieuwd. Zie: bundel keyring",
			"What is in the keyring no longer opens this vault: the key was removed or renewed. See: bundel keyring"))
		return false, nil
	}
	return false, err
}
