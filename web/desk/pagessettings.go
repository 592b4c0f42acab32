package desk

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/store"
	"github.com/bundel-pgo/bundel/store/keyring"
	"github.com/bundel-pgo/bundel/web"
)

// preferences is the document (store.Setting) that holds how the pages look. It
// goes where the vault goes, so that a new computer looks as the person is used to.
const preferences = "pages/preferences"

// Preferences implements [web.Preferrer].
func (p *Pages) Preferences(ctx context.Context) (web.Preferences, error) {
	var kept web.Preferences
	err := p.desk.load(ctx, store.Setting, preferences, &kept)
	if errors.Is(err, ErrNotFound) {
		return kept, nil
	}
	if kept.Idle != 0 {
		kept.Idle = min(max(kept.Idle, time.Minute), time.Hour)
	}
	return kept, pageError(err)
}

// SetPreferences implements [web.Preferrer].
func (p *Pages) SetPreferences(ctx context.Context, kept web.Preferences) error {
	return pageError(p.desk.keep(ctx, store.Setting, preferences, kept))
}

// prove gives the open vault to who knows its secret. Wrong tries count with those
// of unlocking.
func (p *Pages) prove(key store.Key) (*store.Store, error) {
	s, err := p.desk.Vault()
	if err != nil {
		return nil, err
	}
	return s, s.Check(key)
}

// ChangePassphrase implements [web.Locksmith]. It is not cut off when the browser
// goes away: the person may already think of the new one as theirs.
func (p *Pages) ChangePassphrase(ctx context.Context, present, next []byte) error {
	s, err := p.prove(store.PassphraseOrRecovery(present))
	if err == nil {
		err = s.ChangePassphrase(context.WithoutCancel(ctx), store.Passphrase(next))
	}
	return secretError(err)
}

// NewRecoveryCode implements [web.Locksmith].
func (p *Pages) NewRecoveryCode(ctx context.Context, passphrase []byte) (string, error) {
	s, err := p.prove(store.Passphrase(passphrase))
	if err != nil {
		return "", secretError(err)
	}
	code, err := s.NewRecoveryCode(context.WithoutCancel(ctx))
	return code.Reveal(), secretError(err)
}

// Keyring implements [web.Locksmith].
func (p *Pages) Keyring(ctx context.Context) (web.KeyringState, error) {
	if _, none := p.desk.cfg.Keyring.(noKeyring); none {
		return web.KeyringNone, nil
	}
	label, err := p.desk.label()
	if err == nil && !label.Has(store.KindDevice) {
		return web.KeyringOff, nil
	}
	var state KeyringState
	if err == nil {
		state, err = p.desk.KeyringState(ctx)
	}
	if err != nil {
		return web.KeyringNone, openError(err)
	}
	return map[KeyringState]web.KeyringState{
		KeyringOff: web.KeyringOff, KeyringOn: web.KeyringOn, KeyringStale: web.KeyringStale, KeyringUnavailable: web.KeyringNone,
	}[state], nil
}

// AddToKeyring implements [web.Locksmith].
func (p *Pages) AddToKeyring(ctx context.Context, passphrase []byte) error {
	_, err := p.prove(store.Passphrase(passphrase))
	if err == nil {
		err = p.desk.AddToKeyring(ctx)
	}
	return keyringError(err)
}

// RemoveFromKeyring implements [web.Locksmith].
func (p *Pages) RemoveFromKeyring(ctx context.Context) error {
	_, err := p.desk.RemoveFromKeyring(ctx, false)
	return keyringError(err)
}

// keyringError is secretError for what may fail in the keyring too.
func keyringError(err error) error {
	if errors.Is(err, keyring.ErrUnavailable) {
		return &web.Problem{Code: "keyring", Err: err}
	}
	return secretError(err)
}

// Gates implements [web.Gatekeeper].
func (p *Pages) Gates(ctx context.Context) ([]aggregator.GateRule, error) {
	o, err := p.Overview(ctx, "")
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(o.Gates(), func(g aggregator.GateRule) bool { return len(g.Records) > 0 }), nil
}

// SetGates implements [web.Gatekeeper].
func (p *Pages) SetGates(ctx context.Context, rules []aggregator.GateRule) error {
	return pageError(p.desk.SetGate(ctx, rules...))
}

// LastBackup implements [web.Archivist].
func (p *Pages) LastBackup(ctx context.Context) (time.Time, error) {
	last, err := p.desk.LastBackup(ctx)
	return last, pageError(err)
}

// Backup implements [web.Archivist].
func (p *Pages) Backup(ctx context.Context, passphrase []byte, begin func(name string) io.Writer) error {
	s, err := p.desk.Vault()
	if err != nil {
		return pageError(err)
	}
	to := &beginner{begin: func() io.Writer { return begin(store.BackupName(p.desk.Now())) }}
	return secretError(p.desk.NoteBackup(ctx, func() error { return s.Backup(ctx, to, passphrase) }))
}

// beginner asks for a writer at the first byte: what goes wrong before it can
// still be told in another way.
type beginner struct {
	begin func() io.Writer
	w     io.Writer
}

// Write implements [io.Writer].
func (b *beginner) Write(data []byte) (int, error) {
	if b.w == nil {
		b.w = b.begin()
	}
	return b.w.Write(data)
}

// Erase implements [web.Archivist]. Nothing of the person stays in this program
// either.
func (p *Pages) Erase(ctx context.Context, passphrase []byte) error {
	if _, err := p.prove(store.Passphrase(passphrase)); err != nil {
		return secretError(err)
	}
	p.jobs.stopAll()
	err := p.desk.ForgetAll(context.WithoutCancel(ctx))
	p.mu.Lock()
	p.sent, p.parcel, p.last = nil, web.Parcel{}, time.Time{}
	p.mu.Unlock()
	return openError(err)
}
