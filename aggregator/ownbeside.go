package aggregator

import (
	"math/big"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// OwnKept is an own entry that is stored, and since when.
type OwnKept struct {
	OwnEntry
	Stored time.Time
}

// OwnBefore is what a new entry is compared with.
type OwnBefore struct {
	Kept []OwnKept // what is stored now, in any order
	Born fhir.Date // of the person; zero when it is not known
}

// The limits of merge.md 6.1 and 6.2 between an entry and the own ones before it.
const (
	weightDays  = 14          // within so many days
	weightPart  = 10          // a weight differs by at most one part in so many
	heightDiff  = 3           // the height of an adult by at most so many cm
	adultYears  = 18          // who is this old does not grow
	doubleTouch = time.Minute // two equal entries stored within it may be one
)

// NewOwnBeside is [NewOwn] for an entry that stands beside earlier ones: it
// also asks about one that is far from the last own value of its kind, or that
// was stored a moment ago, and refuses one from before the birth (ErrBirth). It
// asks one question at most; the entry with this ID is never compared with itself.
func NewOwnBeside(e OwnEntry, before OwnBefore, now time.Time) (r fhir.Resource, question string, err error) {
	if e.At.IsZero() {
		e.At = now
	}
	if !before.Born.IsZero() && e.At.Before(before.Born.Low()) {
		return r, "", ErrBirth
	}
	r, question, err = NewOwn(e, now)
	if err != nil || question != "" {
		return r, question, err
	}
	switch doubt := before.doubt(r, now); {
	case doubt != "" && !e.Confirmed:
		return fhir.Resource{}, doubt, nil
	case doubt == AskTwice:
		// What was confirmed is that it came twice, not that it is unusual.
		plain := e
		plain.Confirmed = false
		if other, unusual, err := NewOwn(plain, now); err == nil && unusual == "" {
			return other, "", nil
		}
	}
	return r, "", nil
}

// doubt is the question that the earlier entries raise about a new one.
func (b OwnBefore) doubt(r fhir.Resource, now time.Time) string {
	e, _ := ReadOwn(r)
	last, found := b.last(e)
	switch {
	case b.twice(e, now):
		return AskTwice
	case found && e.Kind == "weight" && e.At.Sub(last.At).Abs() <= weightDays*24*time.Hour && differsBy(last.Value, e.Value, weightPart):
		return AskJump
	case found && e.Kind == "height" && b.adult(last.At) && differsMore(last.Value, e.Value, heightDiff):
		return AskJump
	}
	return ""
}

// last is the own entry of the kind before this one.
func (b OwnBefore) last(e OwnEntry) (last OwnKept, found bool) {
	for _, k := range b.Kept {
		if k.Kind == e.Kind && k.ID != e.ID && !k.At.After(e.At) && (!found || k.At.After(last.At)) {
			last, found = k, true
		}
	}
	return last, found
}

// twice: the same was stored less than a minute ago.
func (b OwnBefore) twice(e OwnEntry, now time.Time) bool {
	for _, k := range b.Kept {
		if k.ID != e.ID && k.Kind == e.Kind && k.Value == e.Value && k.Timing == e.Timing && k.Detail == e.Detail && now.Sub(k.Stored).Abs() < doubleTouch {
			return true
		}
	}
	return false
}

// adult: nobody who was grown up then grows. Whose birth is not known may be.
func (b OwnBefore) adult(at time.Time) bool {
	return b.Born.IsZero() || !at.Before(b.Born.High().AddDate(adultYears, 0, 0))
}

// differsBy: b is more than one part in so many away from a.
func differsBy(a, b string, parts int64) bool {
	x, diff, ok := gap(a, b)
	return ok && diff.Mul(diff, big.NewRat(parts, 1)).Cmp(x) > 0
}

// differsMore: b is more than so much away from a.
func differsMore(a, b string, most int64) bool {
	_, diff, ok := gap(a, b)
	return ok && diff.Cmp(big.NewRat(most, 1)) > 0
}

func gap(a, b string) (first, diff *big.Rat, ok bool) {
	x, okX := fhir.ParseDecimal(strings.TrimSpace(a))
	y, okY := fhir.ParseDecimal(strings.TrimSpace(b))
	if !okX || !okY {
		return nil, nil, false
	}
	diff = new(big.Rat).Sub(x, y)
	return x, diff.Abs(diff), true
}
