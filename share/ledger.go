package share

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// Act is what happened, in a line of the ledger.
type Act string

// The acts of security-store.md 5.3.
const (
	ActPermit   Act = "permit"   // the person chose that somebody may see something
	ActDeny     Act = "deny"     // that they may not
	ActRevoke   Act = "revoke"   // a choice, a link or a grant was taken back
	ActExpire   Act = "expire"   // it ended by itself
	ActPreview  Act = "preview"  // the person looked at what somebody would see
	ActExport   Act = "export"   // it was written to a file, or to the output
	ActPublish  Act = "publish"  // a link was made, or its files were renewed
	ActOpen     Act = "open"     // somebody opened it
	ActPasscode Act = "passcode" // a wrong passcode, code or birth date
	ActSend     Act = "send"     // a message is about to go to a provider
	ActDeliver  Act = "deliver"  // what the provider answered, per record
)

// Line is one line of the ledger: who, what, when and how. It names records and
// holds nothing of their content.
//
// Its canonical form is JSON as RFC 8259 has it, in one line without spaces,
// with the members in the order below, empty ones left out, the time in UTC as
// RFC 3339, and in strings escaped only what must be, and <, >, &, U+2028 and
// U+2029 as \u003c and so on. Those bytes are stored and hashed.
type Line struct {
	Number   uint64    `json:"n"`                 // from 1, without gaps
	Prev     string    `json:"prev"`              // SHA-256 of the line before, hex; of line 1 64 zeros
	At       time.Time `json:"at"`                //
	Act      Act       `json:"act"`               //
	To       string    `json:"to"`                // ID of the recipient
	Name     string    `json:"name,omitempty"`    // as it was called then
	Role     Role      `json:"role,omitempty"`    //
	How      string    `json:"how,omitempty"`     // "medmij", "ips", "csv", "file", "age", "link", "code", "screen", "print"
	Share    string    `json:"share,omitempty"`   // id of the choice or the link
	About    string    `json:"subject,omitempty"` // of a choice for a subject
	Later    bool      `json:"later,omitempty"`   // the choice reaches what comes later
	Unseen   bool      `json:"unseen,omitempty"`  // results among Pins were not seen by the person
	Until    string    `json:"until,omitempty"`   // when it ends, RFC 3339 in UTC
	Pins     []Pin     `json:"records,omitempty"` // that it is about
	Outcomes []Outcome `json:"results,omitempty"` // of a delivery
	Reader   string    `json:"reader,omitempty"`  // who opened it, as they call themselves
	Net      string    `json:"network,omitempty"` // from where: /24 of IPv4, /48 of IPv6
	Agent    string    `json:"agent,omitempty"`   // kind of browser
	Part     int       `json:"part,omitempty"`    // of an act with too many records for one line: from 1
	Parts    int       `json:"partsOf,omitempty"` // how many lines that act has
	By       string    `json:"by,omitempty"`      // who of the person's side did it; see BySelf
}

// BySelf is in Line.By that the person did it (merge.md 6.3). Who acts for
// somebody else is to be named there. It is empty for what others did, or nobody,
// and in lines of before it was written: there the person did it too.
const BySelf = fhir.Self

// byPerson tells whether an act is one of whoever has the vault open.
func (a Act) byPerson() bool {
	switch a {
	case ActOpen, ActPasscode, ActExpire, ActDeliver:
		return false
	}
	return true
}

// Outcome is what became of one record that was sent.
type Outcome struct {
	Pin
	Code string `json:"code"` // Sent, Refused, Failed or Unknown
}

// The codes of an Outcome.
const (
	Sent    = "sent"
	Refused = "refused" // they got it, and did not take it
	Failed  = "failed"  // it never reached them
	Unknown = "unknown" // it may have arrived
)

// MaxLinePins is how many records one line names at most; [Line.Split] makes
// more lines of one act.
const MaxLinePins = 200

const hashedNothing = "0000000000000000000000000000000000000000000000000000000000000000"

// ErrLedger: the ledger is not whole. What errors.As gives as *BrokenError says
// where.
var ErrLedger = errors.New("share: the ledger of what was shared is not whole")

// BrokenError is ErrLedger with the number of the first line that is not as it
// was written: changed, missing, or out of place. The lines before it are good.
type BrokenError struct{ Line uint64 }

func (e *BrokenError) Error() string { return fmt.Sprintf("%v: line %d", ErrLedger, e.Line) }

// Is makes it an ErrLedger.
func (e *BrokenError) Is(target error) bool { return target == ErrLedger }

// Split gives the line as it fits: itself, or several that name each a part of
// its records.
func (l Line) Split() []Line {
	n := max(len(l.Pins), len(l.Outcomes))
	if n <= MaxLinePins {
		return []Line{l}
	}
	var all []Line
	for from := 0; from < n; from += MaxLinePins {
		part := l
		part.Part, part.Parts = from/MaxLinePins+1, (n+MaxLinePins-1)/MaxLinePins
		part.Pins = slices.Clone(l.Pins[min(from, len(l.Pins)):min(from+MaxLinePins, len(l.Pins))])
		part.Outcomes = slices.Clone(l.Outcomes[min(from, len(l.Outcomes)):min(from+MaxLinePins, len(l.Outcomes))])
		all = append(all, part)
	}
	return all
}

// After gives the canonical bytes of the line as the one that follows last, the
// canonical bytes of the line before; nil for the first line. Number and Prev
// of the line are set, and By where it is empty and the act is the person's. The
// error is about last: it is no line.
func (l Line) After(last []byte) ([]byte, error) {
	l.Number, l.Prev = 1, hashedNothing
	if l.By == "" && l.Act.byPerson() {
		l.By = BySelf
	}
	if last != nil {
		before, err := ParseLine(last)
		if err != nil {
			return nil, err
		}
		l.Number, l.Prev = before.Number+1, chainHash(last)
	}
	return l.canonical()
}

func (l Line) canonical() ([]byte, error) {
	l.At = l.At.UTC()
	raw, err := json.Marshal(l)
	if err != nil {
		return nil, fmt.Errorf("write a line of the ledger: %w", err)
	}
	return raw, nil
}

// ParseLine reads a line. It is ErrLedger when the bytes are not the canonical
// form of one.
func ParseLine(raw []byte) (Line, error) {
	var l Line
	if json.Unmarshal(raw, &l) != nil {
		return Line{}, ErrLedger
	}
	again, err := l.canonical()
	if err != nil || !bytes.Equal(raw, again) {
		return Line{}, ErrLedger
	}
	return l, nil
}

func chainHash(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}
