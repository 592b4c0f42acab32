package desk

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store"
	"github.com/bundel-pgo/bundel/web"
)

const newPassphrase = "zeven stille fietsen"

// owner is the owner of a real vault, of which wrong tries are counted.
type owner struct {
	*Desk
	pages *Pages
	code  string
	ring  *chain
	now   *clock
	path  string
	state string // the folder for what is kept beside the vault
}

func newOwner(t *testing.T) *owner {
	t.Helper()
	o := &owner{now: clockAt(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)), ring: &chain{items: map[string][]byte{}}, path: filepath.Join(t.TempDir(), "vault.bundel"), state: t.TempDir()}
	o.Desk = must(New(Config{
		Path: o.path, Now: o.now.Now, Keyring: o.ring, Store: store.Config{KDF: cheap, State: o.state, Snapshots: true},
	}))
	t.Cleanup(func() { _ = o.Close() })
	o.pages = o.Pages(t.Context())
	o.code = must(o.pages.Create(t.Context(), []byte(passphrase)))
	return o
}

// opensWith tells whether a secret opens the vault, from closed.
func (o *owner) opensWith(t *testing.T, secret string) bool {
	t.Helper()
	o.pages.Lock()
	err := o.pages.Unlock(t.Context(), []byte(secret))
	var wrong *web.WrongSecret
	if err != nil && !errors.As(err, &wrong) {
		t.Fatal(err)
	}
	return err == nil
}

// into is where a backup goes that must not begin.
func into(w io.Writer) func(string) io.Writer { return func(string) io.Writer { return w } }

// TestWrongTriesCountTogether: each thing that asks for the passphrase takes from
// the five that unlocking gives, and after them even the right one waits.
func TestWrongTriesCountTogether(t *testing.T) {
	o := newOwner(t)
	ctx, wrongOne := t.Context(), []byte("een verkeerde wachtzin")
	var out bytes.Buffer
	tries := []struct {
		name string
		try  func(secret []byte) error
	}{
		{"passphrase", func(s []byte) error { return o.pages.ChangePassphrase(ctx, s, []byte(newPassphrase)) }},
		{"code", func(s []byte) error { _, err := o.pages.NewRecoveryCode(ctx, s); return err }},
		{"keyring", func(s []byte) error { return o.pages.AddToKeyring(ctx, s) }},
		{"backup", func(s []byte) error { return o.pages.Backup(ctx, s, into(&out)) }},
		{"erase", func(s []byte) error { return o.pages.Erase(ctx, s) }},
	}
	for i, tc := range tries {
		want := &web.WrongSecret{Left: 4 - i}
		if i == 4 {
			want = &web.WrongSecret{Wait: time.Minute}
		}
		var got *web.WrongSecret
		if err := tc.try(wrongOne); !errors.As(err, &got) || *got != *want {
			t.Errorf("%s: %v, want %+v", tc.name, err, want)
		}
	}
	for _, tc := range tries {
		var got *web.WrongSecret
		if err := tc.try([]byte(passphrase)); !errors.As(err, &got) || got.Wait != time.Minute {
			t.Errorf("%s while it waits: %v", tc.name, err)
		}
	}
	if err := o.pages.Unlock(ctx, []byte(passphrase)); err == nil {
		t.Error("unlocking does not wait")
	}
	if out.Len() > 0 || len(o.ring.items) > 0 || o.pages.State() != web.Open {
		t.Error("something was done without the passphrase")
	}
	o.now.pass(time.Minute)
	if !o.opensWith(t, passphrase) || !o.opensWith(t, o.code) {
		t.Error("the vault is not as it was")
	}
}

// TestChangeThePassphrase with the old one, and with the code by who forgot it.
func TestChangeThePassphrase(t *testing.T) {
	o := newOwner(t)
	var weak *web.WeakSecret
	if err := o.pages.ChangePassphrase(t.Context(), []byte(passphrase), []byte("wachtwoord123")); !errors.As(err, &weak) || weak.Reason != "common" {
		t.Errorf("weak: %v", err)
	}
	if err := o.pages.ChangePassphrase(t.Context(), []byte(passphrase), []byte(newPassphrase)); err != nil {
		t.Fatal(err)
	}
	if o.opensWith(t, passphrase) || !o.opensWith(t, newPassphrase) {
		t.Error("the old one opens, or the new one does not")
	}
	if err := o.pages.ChangePassphrase(t.Context(), []byte(o.code), []byte(passphrase)); err != nil {
		t.Fatal(err)
	}
	if o.opensWith(t, newPassphrase) || !o.opensWith(t, passphrase) || !o.opensWith(t, o.code) {
		t.Error("with the code: another one opens, or this one does not")
	}
}

// TestANewCodeEndsTheOldOne. The code itself is no passphrase: who found it must
// not be able to make another.
func TestANewCodeEndsTheOldOne(t *testing.T) {
	o := newOwner(t)
	if code, err := o.pages.NewRecoveryCode(t.Context(), []byte(o.code)); err == nil || code != "" {
		t.Errorf("with the code: %v", err)
	}
	next := must(o.pages.NewRecoveryCode(t.Context(), []byte(passphrase)))
	if next == o.code || o.opensWith(t, o.code) || !o.opensWith(t, next) || !o.opensWith(t, passphrase) {
		t.Error("the old code opens, or the new one or the passphrase does not")
	}
}

// TestTheKeyringFromThePages: on, gone stale, on again and off; and the system is
// asked nothing as long as nobody chose it.
func TestTheKeyringFromThePages(t *testing.T) {
	o := newOwner(t)
	is := func(want web.KeyringState) {
		t.Helper()
		if got, err := o.pages.Keyring(t.Context()); err != nil || got != want {
			t.Errorf("%q, want %q: %v", got, want, err)
		}
	}
	is(web.KeyringOff)
	if len(o.ring.calls) > 0 {
		t.Errorf("the keyring was asked: %v", o.ring.calls)
	}
	o.ring.fails("set")
	var problem *web.Problem
	if err := o.pages.AddToKeyring(t.Context(), []byte(passphrase)); !errors.As(err, &problem) || problem.Code != "keyring" {
		t.Errorf("locked: %v", err)
	}
	o.ring.before = nil
	if err := o.pages.AddToKeyring(t.Context(), []byte(passphrase)); err != nil {
		t.Fatal(err)
	}
	is(web.KeyringOn)
	for name := range o.ring.items {
		o.ring.items[name] = store.NewDeviceSecret()
	}
	is(web.KeyringStale)
	if err := o.pages.AddToKeyring(t.Context(), []byte(passphrase)); err != nil {
		t.Fatal(err)
	}
	is(web.KeyringOn)
	o.ring.fails("get")
	is(web.KeyringNone)
	o.ring.before = nil
	if err := o.pages.RemoveFromKeyring(t.Context()); err != nil || len(o.ring.items) > 0 {
		t.Errorf("%d items: %v", len(o.ring.items), err)
	}
	o.cfg.Keyring = noKeyring{}
	is(web.KeyringNone)
}

// TestABackupFromThePages opens with the passphrase of its day, and the moment is
// kept; one for which the passphrase is wrong never begins.
func TestABackupFromThePages(t *testing.T) {
	o := newOwner(t)
	if last, err := o.pages.LastBackup(t.Context()); err != nil || !last.IsZero() {
		t.Errorf("%v, %v", last, err)
	}
	var out bytes.Buffer
	var names []string
	begin := func(name string) io.Writer { names = append(names, name); return &out }
	if err := o.pages.Backup(t.Context(), []byte(passphrase), begin); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"bundel-2026-03-01T0900Z.bundel.age"}, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := store.CheckBackup(t.Context(), &out, store.Passphrase([]byte(passphrase)), store.Config{KDF: cheap}); err != nil {
		t.Error(err)
	}
	if last, err := o.pages.LastBackup(t.Context()); err != nil || !last.Equal(o.now.Now()) {
		t.Errorf("%v, %v", last, err)
	}
}

// TestAFailedBackupIsNotTheLast: who takes half a file has no backup.
func TestAFailedBackupIsNotTheLast(t *testing.T) {
	o := newOwner(t)
	broken, w := io.Pipe()
	_ = broken.Close()
	if err := o.pages.Backup(t.Context(), []byte(passphrase), into(w)); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v", err)
	}
	if last, err := o.pages.LastBackup(t.Context()); err != nil || !last.IsZero() {
		t.Errorf("%v, %v", last, err)
	}
}

// TestEraseLeavesNothing: no file of the vault, nothing in the keyring, nothing in
// memory, and a new vault can be made in its place.
func TestEraseLeavesNothing(t *testing.T) {
	o := newOwner(t)
	if err := o.pages.AddToKeyring(t.Context(), []byte(passphrase)); err != nil {
		t.Fatal(err)
	}
	o.pages.sent, o.pages.parcel = []web.Sent{{Item: "vital:x"}}, web.Parcel{Recipient: "medmij:x@medmij"}
	o.pages.jobs.add(&job{cancel: func() {}})
	if err := o.pages.Erase(t.Context(), []byte(passphrase)); err != nil {
		t.Fatal(err)
	}
	left := append(must(os.ReadDir(filepath.Dir(o.path))), must(os.ReadDir(o.state))...)
	if len(left) > 0 || len(o.ring.items) > 0 || o.pages.State() != web.NoVault {
		t.Errorf("%v, %d items in the keyring, state %d", left, len(o.ring.items), o.pages.State())
	}
	if last, sent := o.pages.Sent(); last.Recipient != "" || sent != nil || len(o.pages.Progress()) > 0 {
		t.Error("the program still knows what was sent or fetched")
	}
	if _, err := o.pages.Create(t.Context(), []byte(newPassphrase)); err != nil {
		t.Fatal(err)
	}
	if p := must(o.pages.Preferences(t.Context())); p != (web.Preferences{}) {
		t.Errorf("the new vault has %+v", p)
	}
}

// TestPreferencesStay in the vault, across closing it; a time that somebody wrote
// into it is held to what may be.
func TestPreferencesStay(t *testing.T) {
	o := newOwner(t)
	want := web.Preferences{Colour: web.ColourDark, Large: true, Contrast: true, Lang: "en", Idle: 5 * time.Minute}
	if err := o.pages.SetPreferences(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	o.opensWith(t, passphrase)
	if got := must(o.pages.Preferences(t.Context())); got != want {
		t.Errorf("%+v", got)
	}
	for idle, want := range map[time.Duration]time.Duration{-1: time.Minute, 1: time.Minute, 48 * time.Hour: time.Hour, 0: 0} {
		if err := o.pages.SetPreferences(t.Context(), web.Preferences{Idle: idle}); err != nil {
			t.Fatal(err)
		}
		if got := must(o.pages.Preferences(t.Context())).Idle; got != want {
			t.Errorf("%s is read as %s", idle, got)
		}
	}
}

// TestGatesFromThePages: rules end and begin together, and those about single
// items are not among them.
func TestGatesFromThePages(t *testing.T) {
	o := newOwner(t)
	one := aggregator.GateRule{Wait: aggregator.WaitNever, Records: []aggregator.StableRef{{Provider: "medmij:x@medmij", Kind: "lab", ID: "1"}}}
	if err := o.SetGate(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	gates := func() (got []aggregator.GateRule) {
		t.Helper()
		for _, g := range must(o.pages.Gates(t.Context())) {
			got = append(got, aggregator.GateRule{Kind: g.Kind, Source: g.Source, Wait: g.Wait, Days: g.Days})
		}
		slices.SortFunc(got, func(a, b aggregator.GateRule) int { return strings.Compare(a.Kind, b.Kind) })
		return got
	}
	same := cmp.Comparer(func(a, b fhir.Date) bool { return a.String() == b.String() })
	first := []aggregator.GateRule{{Wait: aggregator.WaitNot}, {Kind: "dna", Wait: aggregator.WaitDays, Days: 14}}
	if err := o.pages.SetGates(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, gates(), same); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	o.now.pass(time.Minute)
	if err := o.pages.SetGates(t.Context(), []aggregator.GateRule{{Kind: "dna", Off: true}, {Kind: "lab", Wait: aggregator.WaitAsk}}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]aggregator.GateRule{{Wait: aggregator.WaitNot}, {Kind: "lab", Wait: aggregator.WaitAsk}}, gates(), same); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestSettingsOfAClosedVault say that it is closed.
func TestSettingsOfAClosedVault(t *testing.T) {
	o := newOwner(t)
	o.pages.Lock()
	ctx, secret := t.Context(), []byte(passphrase)
	for name, do := range map[string]func() error{
		"preferences":     func() error { _, err := o.pages.Preferences(ctx); return err },
		"set preferences": func() error { return o.pages.SetPreferences(ctx, web.Preferences{Large: true}) },
		"passphrase":      func() error { return o.pages.ChangePassphrase(ctx, secret, []byte(newPassphrase)) },
		"code":            func() error { _, err := o.pages.NewRecoveryCode(ctx, secret); return err },
		"keyring on":      func() error { return o.pages.AddToKeyring(ctx, secret) },
		"keyring off":     func() error { return o.pages.RemoveFromKeyring(ctx) },
		"gates":           func() error { _, err := o.pages.Gates(ctx); return err },
		"set gates":       func() error { return o.pages.SetGates(ctx, []aggregator.GateRule{{Wait: aggregator.WaitNot}}) },
		"last backup":     func() error { _, err := o.pages.LastBackup(ctx); return err },
		"backup":          func() error { return o.pages.Backup(ctx, secret, into(io.Discard)) },
		"erase":           func() error { return o.pages.Erase(ctx, secret) },
	} {
		if err := do(); !errors.Is(err, web.ErrLocked) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestThePersonSetsThings goes the way through the pages of a real vault, from
// another look to nothing at all.
func TestThePersonSetsThings(t *testing.T) {
	o := newOwner(t)
	b := browse(t, o.Desk, "nl")
	does := func(path string, pairs ...string) (*http.Response, string) {
		t.Helper()
		f := url.Values{}
		for i := 0; i+1 < len(pairs); i += 2 {
			f.Add(pairs[i], pairs[i+1])
		}
		return b.post("/instellingen/"+path, f.Encode())
	}
	leads := func(res *http.Response, to string) {
		t.Helper()
		if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != to {
			t.Fatalf("%s to %q, want %q", res.Status, res.Header.Get("Location"), to)
		}
	}
	res, _ := does("weergave", "kleur", "donker", "letters", "large", "taal", "nl")
	leads(res, "/instellingen/weergave?ok")
	res, _ = does("zien", "n", "7", "n-lab", "nooit")
	leads(res, "/instellingen/zien?ok")
	res, _ = does("wachtzin", "wachtzin", passphrase, "nieuw", newPassphrase, "nogmaals", newPassphrase)
	leads(res, "/instellingen/wachtzin?ok")
	b.cookies = res.Cookies()
	if res, data := does("kopie", "wachtzin", newPassphrase); !strings.HasPrefix(data, "age-encryption.org/v1") {
		t.Fatalf("%s: no backup", res.Status)
	}
	_, text := b.get("/instellingen")
	for _, want := range []string{`data-kleur="donker"`, `class="large"`, "Na 7 dagen · 1 eigen keuze", "De laatste reservekopie is van vandaag"} {
		if !strings.Contains(strings.ReplaceAll(text, "\u00a0", " "), want) {
			t.Errorf("%q is not on the page", want)
		}
	}
	if _, text = does("wissen", "wachtzin", passphrase, "ja", "ja"); !strings.Contains(text, "Dat klopt niet.") {
		t.Error("the old passphrase erases")
	}
	res, _ = does("wissen", "wachtzin", newPassphrase, "ja", "ja")
	leads(res, "/nieuw?gewist")
	if _, text = b.get("/nieuw?gewist"); !strings.Contains(text, "Alles is gewist.") || o.pages.State() != web.NoVault {
		t.Error("there is still a vault")
	}
	for _, secret := range []string{passphrase, newPassphrase, o.path} {
		if strings.Contains(b.log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}
