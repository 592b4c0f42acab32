package share

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bundel-pgo/bundel/fhir"
)

func chained(t testing.TB, lines ...Line) [][]byte {
	t.Helper()
	var all [][]byte
	var last []byte
	for _, l := range lines {
		raw, err := l.After(last)
		if err != nil {
			t.Fatal(err)
		}
		all, last = append(all, raw), raw
	}
	return all
}

func lineAt(n int, act Act, to string, pins ...Pin) Line {
	return Line{At: since.Add(time.Duration(n) * time.Minute), Act: act, To: to, Pins: pins}
}

// TestTheFormOfALineIsFixed: who keeps a line elsewhere can check its hash.
func TestTheFormOfALineIsFixed(t *testing.T) {
	l := Line{At: since, Act: ActPermit, To: gp, Name: "Huisarts <De Linde>", Share: "share-1", Pins: []Pin{{fhir.Self, "", "Observation", "w"}}}
	const first = `{"n":1,"prev":"0000000000000000000000000000000000000000000000000000000000000000","at":"2026-06-01T07:00:00Z","act":"permit","to":"medmij:gp@medmij","name":"Huisarts \u003cDe Linde\u003e","share":"share-1","records":[{"source":"self","type":"Observation","id":"w"}],"by":"self"}`
	all := chained(t, l, Line{At: since, Act: ActPreview, To: gp})
	if string(all[0]) != first {
		t.Errorf("got  %s\nwant %s", all[0], first)
	}
	second := `{"n":2,"prev":"` + chainHash(all[0]) + `","at":"2026-06-01T07:00:00Z","act":"preview","to":"medmij:gp@medmij","by":"self"}`
	if string(all[1]) != second {
		t.Errorf("got  %s\nwant %s", all[1], second)
	}
}

// TestLinesOfBeforeSaidByWhom: a ledger that was begun before lines said who
// acted stays whole, and goes on with lines that do.
func TestLinesOfBeforeSaidByWhom(t *testing.T) {
	first := []byte(`{"n":1,"prev":"0000000000000000000000000000000000000000000000000000000000000000","at":"2026-06-01T07:00:00Z","act":"permit","to":"medmij:gp@medmij","name":"Huisarts \u003cDe Linde\u003e","share":"share-1","records":[{"source":"self","type":"Observation","id":"w"}]}`)
	second := []byte(`{"n":2,"prev":"7b26a28c17cc082b7428657ba04156b563612f383d75ee155f5b266565b83b75","at":"2026-06-01T07:00:00Z","act":"preview","to":"medmij:gp@medmij"}`)
	third, err := lineAt(1, ActExport, gp).After(second)
	if err != nil {
		t.Fatal(err)
	}
	g, err := ReadLedger([][]byte{first, second, third})
	if err != nil || len(g) != 3 {
		t.Fatalf("%d lines, %v", len(g), err)
	}
	if g[0].By != "" || g[1].By != "" || g[2].By != BySelf {
		t.Errorf("by %q, %q and %q", g[0].By, g[1].By, g[2].By)
	}
	for i, old := range [][]byte{first, second} {
		if again, err := g[i].canonical(); err != nil || !bytes.Equal(again, old) {
			t.Errorf("line %d became %s, %v", i+1, again, err)
		}
	}
}

// TestALineSaysWhoActed: the person, unless another of their side is named; not
// for what a reader, a provider or time did.
func TestALineSaysWhoActed(t *testing.T) {
	for act, want := range map[Act]string{
		ActPermit: BySelf, ActDeny: BySelf, ActRevoke: BySelf, ActPreview: BySelf, ActExport: BySelf, ActPublish: BySelf, ActSend: BySelf,
		ActOpen: "", ActPasscode: "", ActExpire: "", ActDeliver: "",
	} {
		raw, err := lineAt(0, act, gp).After(nil)
		if err != nil {
			t.Fatal(err)
		}
		if l, err := ParseLine(raw); err != nil || l.By != want {
			t.Errorf("%s is by %q, %v", act, l.By, err)
		}
		named := lineAt(0, act, gp)
		named.By = "to:person:daughter"
		if raw, err = named.After(nil); err != nil {
			t.Fatal(err)
		}
		if l, err := ParseLine(raw); err != nil || l.By != named.By {
			t.Errorf("%s of somebody else is by %q, %v", act, l.By, err)
		}
	}
}

// TestABrokenLedgerSaysWhere: whatever is done to a line, the first one that is
// wrong is named.
func TestABrokenLedgerSaysWhere(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 8).Draw(rt, "lines")
		var lines []Line
		for i := range n {
			lines = append(lines, lineAt(i, rapid.SampledFrom([]Act{ActPermit, ActExport, ActSend}).Draw(rt, "act"), gp, Pin{hospital, "48", "Observation", fmt.Sprint(i)}))
		}
		raw := chained(t, lines...)
		if err := VerifyLedger(raw); err != nil {
			rt.Fatal(err)
		}
		at := rapid.IntRange(0, n-1).Draw(rt, "at")
		want := uint64(at) + 1
		switch harm := rapid.SampledFrom([]string{"byte", "out", "twice", "space", "rewritten"}).Draw(rt, "harm"); {
		case harm == "byte":
			raw[at] = bytes.Replace(raw[at], []byte(hospital), []byte("medmij:hx@medmij"), 1)
			want++ // it reads well: the next one does not hold its hash
		case harm == "rewritten":
			l := lines[at]
			l.Number, l.Prev, l.To = uint64(at)+1, hashedNothing, hospital
			raw[at], _ = l.canonical()
			if want++; at > 0 {
				want--
			}
		case harm == "out":
			raw = slices.Delete(raw, at, at+1)
		case harm == "twice":
			raw = slices.Insert(raw, at, raw[at])
			want++
		default:
			raw[at] = append(slices.Clone(raw[at]), ' ')
		}
		if want > uint64(len(raw)) {
			return // the last line: the seals of the store show it, a chain cannot
		}
		var broken *BrokenError
		good, err := ReadLedger(raw)
		if !errors.As(err, &broken) || !errors.Is(err, ErrLedger) || broken.Line != want || uint64(len(good)) != want-1 {
			rt.Fatalf("%v with %d good lines, want line %d", err, len(good), want)
		}
	})
}

func TestALineFollowsALine(t *testing.T) {
	if _, err := (Line{At: since}).After([]byte("no line")); !errors.Is(err, ErrLedger) {
		t.Errorf("got %v", err)
	}
}

func TestManyRecordsTakeMoreLines(t *testing.T) {
	var many []Pin
	for i := range 2*MaxLinePins + 1 {
		many = append(many, Pin{hospital, "48", "Observation", fmt.Sprint(i)})
	}
	parts := lineAt(0, ActExport, gp, many...).Split()
	var back []Pin
	for i, l := range parts {
		if l.Part != i+1 || l.Parts != 3 || len(l.Pins) > MaxLinePins {
			t.Errorf("part %d of %d has %d", l.Part, l.Parts, len(l.Pins))
		}
		back = append(back, l.Pins...)
	}
	if diff := cmp.Diff(many, back); diff != "" {
		t.Error(diff)
	}
	if one := lineAt(0, ActExport, gp, many[:3]...).Split(); len(one) != 1 || one[0].Parts != 0 {
		t.Errorf("a small line became %d", len(one))
	}
}

// TestWhatDidIEverShareWithWhom is answered by the ledger alone.
func TestWhatDidIEverShareWithWhom(t *testing.T) {
	a, b, c, d := Pin{fhir.Self, "", "Observation", "a"}, Pin{fhir.Self, "", "Observation", "b"}, Pin{hospital, "48", "Condition", "c"}, Pin{fhir.Self, "", "Observation", "d"}
	delivered := lineAt(3, ActDeliver, gp)
	delivered.Outcomes = []Outcome{{a, Sent}, {b, Refused}}
	g, err := ReadLedger(chained(t,
		lineAt(0, ActPermit, gp, a, b, c), lineAt(1, ActPreview, gp, a, b, c), lineAt(2, ActSend, gp, a, b), delivered,
		lineAt(4, ActExport, hospital, a), lineAt(5, ActExport, gp, a), lineAt(6, ActSend, gp, d),
	))
	if err != nil {
		t.Fatal(err)
	}
	if got := len(g.Of(hospital)); got != 1 {
		t.Errorf("%d lines of the hospital", got)
	}
	if got := len(g.Shared(b)); got != 4 {
		t.Errorf("%d lines name b", got)
	}
	want := []Leaving{
		{gp, a, since.Add(3 * time.Minute).UTC(), ""},
		{hospital, a, since.Add(4 * time.Minute).UTC(), ""},
		{gp, d, since.Add(6 * time.Minute).UTC(), ""}, // nothing was heard of it
	}
	if diff := cmp.Diff(want, g.Left()); diff != "" {
		t.Error(diff)
	}
}

// FuzzParseLine: what is read as a line is written as the same bytes, and
// nothing else is.
func FuzzParseLine(f *testing.F) {
	f.Add([]byte(`{"n":1,"prev":"","at":"2026-06-01T07:00:00Z","act":"open","to":"x","reader":"Dr. J"}`))
	f.Add([]byte(`{"n":1,"n":2}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		l, err := ParseLine(raw)
		if err != nil {
			if !errors.Is(err, ErrLedger) {
				t.Fatal(err)
			}
			return
		}
		if again, err := l.canonical(); err != nil || !bytes.Equal(raw, again) {
			t.Fatalf("%s became %s, %v", raw, again, err)
		}
	})
}
