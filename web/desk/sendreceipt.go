package desk

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/share"
	"github.com/bundel-pgo/bundel/store"
)

const (
	receiptPrefix = "receipt/"
	receiptKey    = "receipt-key"
)

// sent is where the result of every attempt to send comes by, also of one that
// failed: it leaves a signed receipt.
func (d *Desk) sent(ctx context.Context, s Sending, p Prepared, results []medmij.EntryResult, err error) error {
	r := share.Receipt{
		Time: d.Now(), Recipient: s.Recipient, Kind: s.Kind, Service: d.serviceOf(s.Kind), Digest: p.Message.Digest(),
	}
	var failed *medmij.Error
	if errors.As(err, &failed) {
		r.Code, r.Trace = failed.Code, failed.Trace
	}
	nothing := err != nil && !errors.Is(err, medmij.ErrUnknownOutcome)
	for i, e := range p.Message.Entries {
		result := outcomeOf(results, i)
		if nothing {
			result = share.Refused
		}
		r.Entries = append(r.Entries, share.EntryOutcome{Type: e.Type, Result: result})
	}
	return d.keepReceipt(ctx, r)
}

func (d *Desk) keepReceipt(ctx context.Context, r share.Receipt) error {
	key, err := d.signingKey(ctx)
	if err != nil {
		return err
	}
	text, err := r.Sign(key)
	if err != nil {
		return err
	}
	name := receiptPrefix + r.Time.UTC().Format("20060102T150405.000000000") + "-" + r.Digest[:8]
	if err := d.keep(ctx, store.Setting, name, text); err != nil {
		return fmt.Errorf("keep the receipt: %w", err)
	}
	return nil
}

// signingKey is the key for receipts of this vault, made at the first one.
func (d *Desk) signingKey(ctx context.Context) (ed25519.PrivateKey, error) {
	var seed []byte
	err := d.load(ctx, store.Setting, receiptKey, &seed)
	if errors.Is(err, ErrNotFound) {
		seed = make([]byte, ed25519.SeedSize)
		_, _ = rand.Read(seed) // never fails (crypto/rand)
		err = d.keep(ctx, store.Setting, receiptKey, seed)
	}
	if err == nil && len(seed) != ed25519.SeedSize {
		err = share.ErrReceipt
	}
	if err != nil {
		return nil, fmt.Errorf("the key for receipts: %w", err)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// StoredReceipt is a receipt from the vault: as it was signed, and read. Valid
// tells whether it holds; if not, only Text is filled in.
type StoredReceipt struct {
	share.Receipt
	Text  string // the compact JWS
	Valid bool
}

// Receipts gives the receipts of what was sent, newest first.
func (d *Desk) Receipts(ctx context.Context) ([]StoredReceipt, error) {
	s, err := d.Vault()
	if err != nil {
		return nil, err
	}
	var names []string
	for doc, err := range s.ListUnder(ctx, store.Setting, receiptPrefix) {
		if err != nil {
			return nil, fmt.Errorf("read the receipts: %w", err)
		}
		names = append(names, doc.Name)
	}
	if len(names) == 0 {
		return nil, nil
	}
	key, err := d.signingKey(ctx)
	if err != nil {
		return nil, err
	}
	public, _ := key.Public().(ed25519.PublicKey)
	slices.Sort(names)
	slices.Reverse(names)
	out := make([]StoredReceipt, len(names))
	for i, name := range names {
		if err := d.load(ctx, store.Setting, name, &out[i].Text); err != nil {
			return nil, err
		}
		r, err := share.VerifyReceipt(out[i].Text, public)
		out[i].Receipt, out[i].Valid = r, err == nil
	}
	return out, nil
}
