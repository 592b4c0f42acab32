package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/store"
	"github.com/bundel-pgo/bundel/web/desk"
)

// Main is the program with its surroundings as fields, so that a test runs
// the whole of it in process.
type Main struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Now            func() time.Time
	Browse         func(address string) error // opens the person's browser
	Terminal       bool                       // Stderr is one: progress bars
	ReadPassword   func() ([]byte, error)     // without echo
	KDF            store.KDF                  // zero: calibrate
	Keyring        desk.Keyring               // nil: there is none
}

// app is one run of the program.
type app struct {
	*Main
	store, config, passphraseFile string
	lang                          string
	json, quiet, demo             bool
	acceptOlder, noKeyring        bool
	started                       bool // the command line was understood
	desk                          *desk.Desk
	relay                         string          // address of --relay
	ctx                           context.Context // ends with this run
}

// Run runs one command and gives the exit code (contract: 0 ok, 1 error, 2
// usage, 3 partly done, 10 no store, 11 in use, 12 wrong passphrase, 13 damaged).
func (m *Main) Run(ctx context.Context, args []string) int {
	a := &app{Main: m, lang: langOf(args, m.Getenv), ctx: ctx}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(m.Stdin)
	root.SetOut(m.Stdout)
	root.SetErr(m.Stderr)
	err := root.ExecuteContext(ctx)
	if err != nil && !a.started {
		err = a.misused(err)
	}
	if a.desk != nil {
		if closeErr := a.desk.Close(); err == nil {
			err = closeErr
		}
	}
	if err == nil {
		return 0
	}
	return a.report(err)
}

// langOf looks for the language before anything is parsed, so that the help
// is in it too.
func langOf(args []string, getenv func(string) string) string {
	lang := getenv("BUNDEL_LANG")
	for i, arg := range args {
		if value, ok := strings.CutPrefix(arg, "--lang="); ok {
			lang = value
		} else if arg == "--lang" && i+1 < len(args) {
			lang = args[i+1]
		}
	}
	if lang == "en" {
		return "en"
	}
	return "nl"
}

// t chooses between the two languages; every text is given in both.
func (a *app) t(nl, en string) string {
	if a.lang == "en" {
		return en
	}
	return nl
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use: "bundel", SilenceUsage: true, SilenceErrors: true,
		Short: a.t("Uw medische gegevens, bij elkaar en van u alleen", "Your medical records, together and yours alone"),
		Long: a.t("Bundel haalt uw gegevens op bij huisarts, apotheek en ziekenhuis (MedMij),\nbewaart ze versleuteld op deze computer en legt ze bij elkaar.",
			"Bundel collects your records from GP, pharmacy and hospital (MedMij),\nkeeps them encrypted on this computer and puts them together.") +
			"\n\nEXIT STATUS\n  0 ok, 1 error, 2 usage, 3 partly done, 10 no store, 11 store in use,\n  12 wrong passphrase, 13 damaged store",
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.InitDefaultHelpFlag() // else the value of a flag behind --help reads as a command
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage(err.Error(), "bundel --help") })
	f := root.PersistentFlags()
	f.StringVar(&a.store, "store", "", a.t("kluisbestand (standaard $BUNDEL_STORE)", "vault file (default $BUNDEL_STORE)"))
	f.StringVar(&a.config, "config", "", a.t("instellingen, een JSON-bestand", "settings, a JSON file"))
	f.StringVar(&a.passphraseFile, "passphrase-file", "", a.t("bestand met de wachtzin (standaard $BUNDEL_PASSPHRASE_FILE)", "file with the passphrase (default $BUNDEL_PASSPHRASE_FILE)"))
	f.StringVar(&a.lang, "lang", a.lang, a.t("taal: nl of en", "language: nl or en"))
	f.BoolVar(&a.json, "json", false, a.t("uitvoer als JSON", "output as JSON"))
	f.BoolVar(&a.acceptOlder, "accept-older", false, a.t("open een oudere kopie van de kluis en ga daarmee verder", "open an older copy of the vault and go on with it"))
	f.BoolVar(&a.noKeyring, "no-keyring", false, a.t("vraag de wachtzin, ook als de sleutelbos de kluis opent", "ask for the passphrase, also where the keyring opens the vault"))
	f.BoolVar(&a.quiet, "quiet", false, a.t("geen voortgang", "no progress"))
	root.PersistentPreRunE = func(*cobra.Command, []string) error {
		a.started = true
		if a.lang != "nl" && a.lang != "en" {
			return usage(a.t("--lang is nl of en", "--lang is nl or en"), "--lang en")
		}
		return nil
	}
	root.AddCommand(
		a.demoCommand(), a.initCommand(), a.providersCommand(), a.connectCommand(), a.syncCommand(), a.sourcesCommand(),
		a.overviewCommand(), a.explainCommand(), a.changesCommand(), a.searchCommand(), a.seeCommand(), a.addCommand(), a.shareCommand(), a.sharesCommand(), a.linkCommand(), a.sendCommand(),
		a.importCommand(), a.exportCommand(), a.forgetCommand(), a.serveCommand(), a.relayCommand(), a.mockCommand(), a.logCommand(), a.versionCommand(),
		a.backupCommand(), a.restoreCommand(), a.verifyCommand(), a.salvageCommand(), a.passwdCommand(), a.recoverCommand(), a.keyringCommand(),
	)
	root.AddCommand(a.decideCommands()...)
	return root
}

// say writes for the person on stderr, unless they want it quiet.
func (a *app) say(format string, args ...any) {
	if !a.quiet {
		fmt.Fprintf(a.Stderr, format+"\n", args...)
	}
}

// printJSON writes a result on stdout.
func (a *app) printJSON(value any) error {
	enc := json.NewEncoder(a.Stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(value)
}

func (a *app) log() *slog.Logger {
	if a.quiet {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(a.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

// closed makes a Desk with a closed vault.
func (a *app) closed() (*desk.Desk, error) {
	if a.desk != nil {
		return a.desk, nil
	}
	path, err := a.storePath()
	if err != nil {
		return nil, err
	}
	medmij, err := a.medmij()
	if err != nil {
		return nil, err
	}
	relay, err := a.relayAddress()
	if err != nil {
		return nil, err
	}
	a.desk, err = desk.New(desk.Config{
		Path: path, Store: a.storeConfig(), MedMij: medmij, Now: a.Now, Log: a.log(), Keyring: a.Keyring, Relay: relay,
	})
	return a.desk, err
}

// storeConfig is how a personal vault is kept: with a snapshot beside it.
func (a *app) storeConfig() store.Config {
	return store.Config{KDF: a.KDF, Now: a.Now, Log: a.log(), State: a.stateFolder(), AcceptOlder: a.acceptOlder, Snapshots: true}
}

// open makes a Desk and opens the vault with the keyring or the passphrase.
func (a *app) open() (*desk.Desk, error) {
	d, err := a.closed()
	if err != nil {
		return nil, err
	}
	if opened, err := a.openWithKeyring(d); opened || err != nil {
		return d, err
	}
	d, secret, err := a.openWithSecret()
	clear(secret)
	return d, err
}

// openWithSecret opens the vault with the passphrase and gives that too, for the
// caller to wipe.
func (a *app) openWithSecret() (*desk.Desk, []byte, error) {
	d, err := a.closed()
	if err != nil {
		return nil, nil, err
	}
	secret, err := a.passphrase(a.t("Wachtzin: ", "Passphrase: "))
	if err != nil {
		return nil, nil, err
	}
	if err := d.Open(store.Passphrase(secret)); err != nil {
		clear(secret)
		return nil, nil, err
	}
	return d, secret, nil
}
