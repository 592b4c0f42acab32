package seal

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/bundel-pgo/bundel/store/internal/fault"
	"github.com/bundel-pgo/bundel/store/internal/keys"
)

// Line is one entry of the log.
type Line struct {
	Number uint64 // from 1
	Time   time.Time
	Text   []byte
	Chain  []byte // HMAC over the chain before it, the time and the text
}

const lineMeta = 8 + sha256.Size // time in nanoseconds, chain

// chainStart ties the chain to this store.
func (v *Vault) chainStart() []byte {
	mac := hmac.New(sha256.New, v.keys.Key(keys.Audit))
	mac.Write([]byte("bundel.log.1"))
	mac.Write(v.storeID[:])
	return mac.Sum(nil)
}

// chainOn is one link. time and tip have fixed lengths, so no two entries give
// the same bytes.
func (v *Vault) chainOn(tip []byte, nanos, text []byte) []byte {
	mac := hmac.New(sha256.New, v.keys.Key(keys.Audit))
	mac.Write(tip)
	mac.Write(nanos)
	mac.Write(text)
	return mac.Sum(nil)
}

func lineName(number uint64) Name { return Name{Kind: Log, Parts: []string{Number(number)}} }

// AppendLine adds an entry to the log.
func (tx *Tx) AppendLine(at time.Time, text []byte) error {
	nanos := binary.BigEndian.AppendUint64(nil, uint64(at.UnixNano()))
	tip := tx.v.chainOn(tx.head.LogTip, nanos, text)
	number := tx.head.LogCount + 1
	err := tx.Add(Logs, Entry{Name: lineName(number), Meta: append(nanos, tip...), Body: text})
	if err != nil {
		return err
	}
	tx.head.LogCount, tx.head.LogTip = number, tip
	return nil
}

// LogStart is where the log begins: the last line that was dropped, without its
// text, or before the first one.
func (tx *Tx) LogStart() Line {
	if tx.head.LogGone > 0 {
		return Line{Number: tx.head.LogGone, Chain: tx.head.LogBase}
	}
	return Line{Chain: tx.v.chainStart()}
}

// DropLines takes away the entries before a moment, up to the first later one,
// and tells how many. The head keeps the chain up to the last of them, so that
// the rest can be proved as before.
func (tx *Tx) DropLines(before time.Time) (dropped int, err error) {
	last := tx.LogStart()
	for last.Number < tx.head.LogCount {
		line, err := tx.ReadLine(last.Number+1, last.Chain)
		if err != nil {
			return dropped, err
		}
		if !line.Time.Before(before) {
			break
		}
		if _, err := tx.Delete(Logs, lineName(line.Number)); err != nil {
			return dropped, err
		}
		last, dropped = line, dropped+1
	}
	if dropped > 0 {
		tx.head.LogGone, tx.head.LogBase = last.Number, last.Chain
	}
	return dropped, nil
}

// ReadLine reads one entry and checks that it continues the chain; before is
// the Chain of the entry before it.
func (tx *Tx) ReadLine(number uint64, before []byte) (Line, error) {
	e, found, err := tx.Get(Logs, lineName(number))
	if err != nil {
		return Line{}, err
	}
	if !found || len(e.Meta) != lineMeta {
		return Line{}, fault.Damaged("log")
	}
	nanos, chain := e.Meta[:8], e.Meta[8:]
	if !hmac.Equal(chain, tx.v.chainOn(before, nanos, e.Body)) {
		return Line{}, fault.Damaged("log")
	}
	return Line{Number: number, Time: lineTime(nanos), Text: e.Body, Chain: chain}, nil
}

func lineTime(meta []byte) time.Time {
	return time.Unix(0, int64(binary.BigEndian.Uint64(meta))).UTC() // #nosec G115 -- as it was written
}

// CheckTip tells whether last is where the head says the log ends.
func (tx *Tx) CheckTip(last Line) error {
	if last.Number != tx.head.LogCount || !hmac.Equal(last.Chain, tx.head.LogTip) {
		return fault.Damaged("log")
	}
	return nil
}

// Lines is how many entries the log has at this moment.
func (tx *Tx) Lines() uint64 { return tx.head.LogCount }
