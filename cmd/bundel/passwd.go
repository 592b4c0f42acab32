package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/store"
)

type passwdOptions struct {
	rotate            bool
	newPassphraseFile string
	newRecoveryFile   string
}

func (o *passwdOptions) flags(a *app, c *cobra.Command) {
	c.Flags().StringVar(&o.newPassphraseFile, "new-passphrase-file", "", a.t("bestand met de nieuwe wachtzin", "file with the new passphrase"))
	c.Flags().StringVar(&o.newRecoveryFile, "new-recovery-file", "", a.t("schrijf de nieuwe herstelcode in dit bestand (alleen voor u leesbaar)", "write the new recovery code to this file (readable by you alone)"))
}

func (a *app) passwdCommand() *cobra.Command {
	var o passwdOptions
	c := &cobra.Command{
		Use: "passwd", Args: a.noArgs,
		Short: a.t("Kies een andere wachtzin", "Choose another passphrase"),
		Long: a.t(`Kies een andere wachtzin. De oude opent de kluis daarna niet meer; uw herstelcode blijft gelden.
Kende iemand de oude wachtzin of de herstelcode? Geef dan --rotate: de kluis krijgt een nieuwe
hoofdsleutel en u krijgt een nieuwe herstelcode. Reservekopieën en andere kopieën van de kluis houden
de wachtzin en de code van toen.`,
			`Choose another passphrase. The old one no longer opens the vault; your recovery code stays as it is.
Did somebody know the old passphrase or the recovery code? Then give --rotate: the vault gets a new
main key and you get a new recovery code. Backups and other copies of the vault keep the passphrase
and the code of their time.`),
		RunE: func(c *cobra.Command, _ []string) error { return a.runPasswd(c, o) },
	}
	c.Flags().BoolVar(&o.rotate, "rotate", false, a.t("ook een nieuwe hoofdsleutel en herstelcode", "a new main key and recovery code as well"))
	o.flags(a, c)
	return c
}

func (a *app) runPasswd(c *cobra.Command, o passwdOptions) error {
	if o.newRecoveryFile != "" && !o.rotate {
		return usage(a.t("zonder --rotate blijft de herstelcode zoals hij is", "without --rotate the recovery code stays as it is"), "--rotate")
	}
	// Not with the keyring: who only sits here may not take the vault over.
	d, old, err := a.openWithSecret()
	if err != nil {
		return err
	}
	clear(old)
	secret, err := a.newPassphrase(o.newPassphraseFile, "--new-passphrase-file FILE")
	if err != nil {
		return err
	}
	defer clear(secret)
	if o.rotate {
		out, err := a.reserve(o.newRecoveryFile, "--new-recovery-file FILE")
		if err != nil {
			return err
		}
		r, err := d.Rotate(c.Context(), store.Passphrase(secret))
		a.sayDropped(r)
		return a.giveCode(a.passphraseChanged(), r.Recovery, out, err)
	}
	s, err := d.Vault()
	if err != nil {
		return err
	}
	if err := s.ChangePassphrase(c.Context(), store.Passphrase(secret)); err != nil {
		return err
	}
	a.say("%s", a.passphraseChanged())
	return nil
}

func (a *app) passphraseChanged() string {
	return a.t("De wachtzin is veranderd.", "The passphrase is changed.")
}

// sayDropped names the ways in that a rotation could not keep.
func (a *app) sayDropped(r store.Rotated) {
	var kinds []string
	for _, slot := range r.Dropped {
		kinds = append(kinds, string(slot.Kind))
	}
	if len(kinds) > 0 {
		a.say(a.t("Deze sleutels openen de kluis niet meer: %s.", "These keys no longer open the vault: %s."), strings.Join(kinds, ", "))
	}
	if slices.Contains(kinds, string(store.KindDevice)) {
		a.say("%s", a.t("Een computer met een eigen sleutel (device) krijgt een nieuwe met: bundel keyring add", "A computer with a key of its own (device) gets a new one with: bundel keyring add"))
	}
}

type recoverOptions struct {
	passwdOptions
	recoveryFile string
}

func (a *app) recoverCommand() *cobra.Command {
	var o recoverOptions
	c := &cobra.Command{
		Use: "recover", Args: a.noArgs,
		Short: a.t("Wachtzin vergeten: open met de herstelcode en kies een nieuwe", "Forgotten the passphrase: open with the recovery code and choose a new one"),
		Long: a.t(`Open de kluis met de herstelcode en kies een nieuwe wachtzin. De kluis krijgt ook een nieuwe
hoofdsleutel en u krijgt een nieuwe herstelcode: de oude wachtzin en de oude code openen hem niet meer.`,
			`Open the vault with the recovery code and choose a new passphrase. The vault also gets a new main
key, and you get a new recovery code: the old passphrase and the old code no longer open it.`),
		RunE: func(c *cobra.Command, _ []string) error { return a.runRecover(c, o) },
	}
	c.Flags().StringVar(&o.recoveryFile, "recovery-file", "", a.t("bestand met de herstelcode", "file with the recovery code"))
	o.flags(a, c)
	return c
}

func (a *app) runRecover(c *cobra.Command, o recoverOptions) error {
	d, err := a.closed()
	if err != nil {
		return err
	}
	code, err := a.secret(o.recoveryFile, "--recovery-file FILE", a.t("Herstelcode: ", "Recovery code: "))
	if err != nil {
		return err
	}
	defer clear(code)
	secret, err := a.newPassphrase(o.newPassphraseFile, "--new-passphrase-file FILE")
	if err != nil {
		return err
	}
	defer clear(secret)
	out, err := a.reserve(o.newRecoveryFile, "--new-recovery-file FILE")
	if err != nil {
		return err
	}
	r, err := d.Recover(c.Context(), string(code), store.Passphrase(secret))
	a.sayDropped(r)
	return a.giveCode(a.passphraseChanged(), r.Recovery, out, err)
}
