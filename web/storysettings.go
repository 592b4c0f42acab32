package web

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
)

// storySettings are the settings of the example, and what was done to them.
type storySettings struct {
	preferences Preferences
	ring        KeyringState
	gates       []aggregator.GateRule
	backup      time.Time
	secrets     []string // that were typed, in turn
	cut         bool     // a backup fails half way
	half        bool     // a code is made, and something fails after it
}

func (d *storyDesk) Preferences(context.Context) (Preferences, error) { return d.set.preferences, nil }

func (d *storyDesk) SetPreferences(_ context.Context, p Preferences) error {
	d.set.preferences = p
	return d.fault
}

// typed notes a secret, and fails where the story does.
func (d *storyDesk) typed(secrets ...[]byte) error {
	for _, s := range secrets {
		d.set.secrets = append(d.set.secrets, string(s))
	}
	return d.fault
}

func (d *storyDesk) ChangePassphrase(_ context.Context, present, next []byte) error {
	return d.typed(present, next)
}

func (d *storyDesk) NewRecoveryCode(_ context.Context, passphrase []byte) (string, error) {
	if err := d.typed(passphrase); err != nil && !d.set.half {
		return "", err
	}
	return "2QXV-81MC-T5HK-09ZD-RJ4W-7NPB-E3GS-6YAF-C", d.fault
}

func (d *storyDesk) Keyring(context.Context) (KeyringState, error) { return d.set.ring, nil }

func (d *storyDesk) AddToKeyring(_ context.Context, passphrase []byte) error {
	err := d.typed(passphrase)
	if err == nil {
		d.set.ring = KeyringOn
	}
	return err
}

func (d *storyDesk) RemoveFromKeyring(context.Context) error {
	d.set.ring = KeyringOff
	return d.fault
}

func (d *storyDesk) Gates(context.Context) ([]aggregator.GateRule, error) { return d.set.gates, nil }

func (d *storyDesk) SetGates(_ context.Context, rules []aggregator.GateRule) error {
	if d.fault == nil {
		d.set.gates = append(d.set.gates, rules...)
	}
	return d.fault
}

func (d *storyDesk) LastBackup(context.Context) (time.Time, error) { return d.set.backup, nil }

func (d *storyDesk) Backup(_ context.Context, passphrase []byte, begin func(string) io.Writer) error {
	if err := d.typed(passphrase); err != nil {
		return err
	}
	if _, err := io.WriteString(begin("bundel-2025-05-20T0920Z.bundel.age"), "age-encryption.org/v1\n"); err != nil {
		return err
	}
	if d.set.cut {
		return io.ErrShortWrite
	}
	return nil
}

func (d *storyDesk) Erase(_ context.Context, passphrase []byte) error {
	err := d.typed(passphrase)
	if err == nil {
		d.become(NoVault)
	}
	return err
}

// settingStories are the pages on which the person sets things.
func settingStories() []story {
	const long = "zeven stille fietsen"
	pass := func(pairs ...string) string {
		return form(append([]string{"wachtzin", "een lange wachtzin"}, pairs...)...)
	}
	fails := func(err error) func(*storyDesk) { return func(d *storyDesk) { d.fault = err } }
	post := func(name, page, form string, desk func(*storyDesk)) story {
		return story{name: name, method: "POST", path: settingsHome + page, form: form, desk: desk}
	}
	ring := func(state KeyringState) func(*storyDesk) { return func(d *storyDesk) { d.set.ring = state } }
	return []story{
		{name: "settings", path: settingsHome, desk: setBefore},
		{name: "settings-untouched", path: settingsHome},
		{name: "settings-look", path: settingsHome + "/weergave"},
		{name: "settings-look-saved", path: settingsHome + "/weergave?ok", desk: setBefore},
		{name: "settings-idle", path: settingsHome + "/tijd"},
		post("settings-idle-none", "/tijd", "", nil),
		{name: "settings-pass", path: settingsHome + "/wachtzin"},
		{name: "settings-pass-changed", path: settingsHome + "/wachtzin?ok"},
		post("settings-pass-empty", "/wachtzin", form("nieuw", long, "nogmaals", long), nil),
		post("settings-pass-short", "/wachtzin", pass("nieuw", "kort"), nil),
		post("settings-pass-unlike", "/wachtzin", pass("nieuw", long, "nogmaals", "iets anders"), nil),
		post("settings-pass-weak", "/wachtzin", pass("nieuw", "wachtwoord123", "nogmaals", "wachtwoord123"), fails(&WeakSecret{Reason: "common"})),
		post("settings-pass-wrong", "/wachtzin", pass("nieuw", long, "nogmaals", long), fails(&WrongSecret{Left: 2})),
		post("settings-pass-wait", "/wachtzin", pass("nieuw", long, "nogmaals", long), fails(&WrongSecret{Wait: time.Minute})),
		{name: "settings-code", path: settingsHome + "/code"},
		post("settings-code-wrong", "/code", pass(), fails(&WrongSecret{Left: 4})),
		post("settings-code-shown", "/code", pass(), nil),
		post("settings-code-half", "/code", pass(), func(d *storyDesk) { d.set.half, d.fault = true, io.ErrShortWrite }),
		{name: "settings-ring-none", path: settingsHome + "/sleutelbos"},
		{name: "settings-ring-off", path: settingsHome + "/sleutelbos", desk: ring(KeyringOff)},
		{name: "settings-ring-on", path: settingsHome + "/sleutelbos", desk: ring(KeyringOn)},
		{name: "settings-ring-stale", path: settingsHome + "/sleutelbos", desk: ring(KeyringStale)},
		post("settings-ring-fails", "/sleutelbos", pass(), func(d *storyDesk) { d.set.ring, d.fault = KeyringOff, &Problem{Code: "keyring"} }).answering(http.StatusBadGateway),
		{name: "settings-gates", path: settingsHome + "/zien"},
		{name: "settings-gates-set", path: settingsHome + "/zien?ok", desk: setBefore},
		post("settings-gates-wrong", "/zien", form("n-lab", "morgen", "n-dna", seeNever), setBefore),
		{name: "settings-copy", path: settingsHome + "/kopie"},
		{name: "settings-copy-made", path: settingsHome + "/kopie", desk: setBefore},
		post("settings-copy-wrong", "/kopie", pass(), fails(&WrongSecret{Left: 1})),
		{name: "settings-wipe", path: settingsHome + "/wissen"},
		post("settings-wipe-unsure", "/wissen", pass(), nil),
		post("settings-wipe-wrong", "/wissen", pass("ja", "ja"), fails(&WrongSecret{Wait: time.Minute})),
		{name: "first-erased", path: "/nieuw?gewist", door: true, desk: noVault},
	}
}

// setBefore is the example with everything set.
func setBefore(d *storyDesk) {
	d.set.preferences = Preferences{Colour: ColourDark, Large: true, Contrast: true, Idle: 5 * time.Minute}
	d.set.backup = storyNow.AddDate(0, -1, 0)
	d.set.gates = []aggregator.GateRule{
		{Wait: aggregator.WaitDays, Days: 7},
		{Kind: aggregator.KindLab, Wait: aggregator.WaitNot},
		{Kind: aggregator.KindDNA, Wait: aggregator.WaitDays, Days: 30},
		{Source: storyHospital, Wait: aggregator.WaitNever},
		{Kind: aggregator.KindLetter, Source: storyGP, Wait: aggregator.WaitAsk},
	}
}
