package web

import (
	"context"
	"fmt"
	"log/slog"
)

// Use is what the person says of their use of a medicine.
type Use string

// The answers about the use of a medicine.
const (
	UseNone    Use = ""        // nothing: it is a remark
	UseAs      Use = "as"      // as in Text, or as in the item Like
	UseStopped Use = "stopped" // they do not use it any more
	UseUnknown Use = "unknown" // they do not know
)

// Said is what the person says about items: how they use a medicine, or a
// remark on anything.
type Said struct {
	Items []string // ids, at least one
	Use   Use
	Like  string // id of the item that is right according to the person; for UseAs
	Text  string // in the person's own words, or in those of the option they chose
}

// LogValue keeps health data out of logs.
func (Said) LogValue() slog.Value { return slog.StringValue("[answer]") }

// String keeps health data out of texts.
func (Said) String() string { return "[answer]" }

// Format keeps health data out of texts.
func (Said) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[answer]")) }

// Sayer keeps what the person says about items. It is an entry of their own
// beside those items (aggregator.Item.About): it decides nothing, nothing
// changes at a provider, and [Keeper] changes it, takes it away and has its
// history.
type Sayer interface {
	// Say stores the answer in place of the one the person gave before about
	// these items. The error is ErrNotFound for an item that is not there or is
	// closed, or a *Refused; then nothing was stored.
	Say(ctx context.Context, s Said) error
}
