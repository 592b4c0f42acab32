package medmij

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// eventAt is an event that can be told from others by its id.
func eventAt(at time.Time, id string) Event {
	return Event{
		Event:   EventHead{Type: eventResource, Location: "pgo.example.nl", Datetime: at, SessionID: "s", TraceID: "t"},
		Request: &EventRequest{ID: id, Method: "GET"},
	}
}

func idsOf(t *testing.T, log string) []string {
	t.Helper()
	var ids []string
	for line := range strings.Lines(log) {
		var e Event
		if err := json.Unmarshal([]byte(line), &e); err != nil || !strings.HasSuffix(line, "\n") {
			t.Fatalf("%q is not a line: %v", line, err)
		}
		ids = append(ids, e.Request.ID)
	}
	return ids
}

func TestAChainLogHasOneWholeLinePerEvent(t *testing.T) {
	var out bytes.Buffer
	l := NewChainLog(&out)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				l.Add(eventAt(time.Now(), newUUID()))
			}
		})
	}
	wg.Wait()
	ids := idsOf(t, out.String())
	slices.Sort(ids)
	if len(slices.Compact(ids)) != 400 || l.Lost() != 0 {
		t.Errorf("%d lines, %d lost", len(ids), l.Lost())
	}
}

// TestAChainLogIsTheSinkOfAClient uses Add as the Chain of a client, with the
// field names of 5.1.
func TestAChainLogIsTheSinkOfAClient(t *testing.T) {
	var out bytes.Buffer
	log := NewChainLog(&out)
	s := newSetup(t, tokenServer(goodAnswer), func(c *Config) { c.Chain = log.Add })
	l, q := begin(t, s, connection("54"), Collect)
	if _, err := s.Finish(t.Context(), l, l.Handle, url.Values{"code": {"x"}, "state": {q.Get("state")}}); err != nil {
		t.Fatal(err)
	}
	var lines []map[string]map[string]any
	for line := range strings.Lines(out.String()) {
		var m map[string]map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, m)
	}
	if len(lines) != 4 {
		t.Fatalf("%d lines", len(lines))
	}
	names := func(m map[string]any) []string {
		var all []string
		for k := range m {
			all = append(all, k)
		}
		slices.Sort(all)
		return all
	}
	for part, want := range map[string][]string{
		"event":    {"datetime", "location", "session_id", "trace_id", "type"},
		"request":  {"client_id", "grant_type", "id", "initiated_by", "method", "server_id", "uri"},
		"response": {"id", "status"},
	} {
		from := lines[2]
		if part == "response" {
			from = lines[3]
		}
		if diff := cmp.Diff(want, names(from[part])); diff != "" {
			t.Errorf("%s (-want +got):\n%s", part, diff)
		}
	}
}

// halfWriter writes at most so many bytes of each line, then fails.
type halfWriter struct {
	bytes.Buffer
	most []int // per Write; -1: all
}

var errFull = errors.New("/srv/log/anna: no space left")

func (w *halfWriter) Write(p []byte) (int, error) {
	most := -1
	if len(w.most) > 0 {
		most, w.most = w.most[0], w.most[1:]
	}
	if most < 0 {
		return w.Buffer.Write(p)
	}
	n, _ := w.Buffer.Write(p[:min(most, len(p))])
	return n, errFull
}

func TestALogThatFailsStopsNobody(t *testing.T) {
	var reports bytes.Buffer
	w := &halfWriter{most: []int{-1, 0, 0, 0, -1}}
	l := NewChainLog(w)
	l.Log = slog.New(slog.NewJSONHandler(&reports, nil))
	for _, id := range []string{"a", "b", "c", "d", "e"} {
		l.Add(eventAt(time.Now(), id))
	}
	if diff := cmp.Diff([]string{"a", "e"}, idsOf(t, w.String())); diff != "" {
		t.Error(diff)
	}
	if n := strings.Count(reports.String(), "\n"); n != 1 || l.Lost() != 3 {
		t.Errorf("%d reports, %d lost", n, l.Lost())
	}
	if strings.Contains(reports.String(), "anna") {
		t.Error("the report tells where the log is")
	}
}

func TestALineThatWasCutOffSpoilsNoOther(t *testing.T) {
	w := &halfWriter{most: []int{-1, 20, 0, 1, -1, -1}}
	l := NewChainLog(w)
	l.Log = slog.New(slog.DiscardHandler)
	for _, id := range []string{"a", "b", "c", "d", "e", "f"} {
		l.Add(eventAt(time.Now(), id))
	}
	var whole []string
	for line := range strings.Lines(w.String()) {
		var e Event
		if json.Unmarshal([]byte(line), &e) == nil {
			whole = append(whole, e.Request.ID)
		}
	}
	if diff := cmp.Diff([]string{"a", "e", "f"}, whole); diff != "" || l.Lost() != 3 {
		t.Errorf("%s, %d lost", diff, l.Lost())
	}
}

// A writer that says less than it should is not believed.
type shortWriter struct{}

func (shortWriter) Write(p []byte) (int, error) { return len(p) - 1, nil }

func TestAShortWriteIsALoss(t *testing.T) {
	l := NewChainLog(shortWriter{})
	l.Log = slog.New(slog.DiscardHandler)
	l.Add(Event{})
	if l.Lost() != 1 {
		t.Error("not counted")
	}
}

func TestLOG_04_LinesOlderThan36MonthsAreDestroyed(t *testing.T) {
	now := time.Date(2029, 3, 2, 12, 0, 0, 0, time.UTC)
	edge := ChainLogSince(now)
	if want := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC); !edge.Equal(want) {
		t.Fatalf("kept since %v", edge)
	}
	line := func(at time.Time, id string) string {
		raw, err := json.Marshal(eventAt(at, id))
		if err != nil {
			t.Fatal(err)
		}
		return string(raw) + "\n"
	}
	old, young := line(edge.Add(-time.Second), "old"), line(edge, "young")
	zoned := line(edge.Add(-time.Second).In(time.FixedZone("", 5*3600)), "old elsewhere")
	for _, c := range []struct {
		name, log, want string
		dropped         int
	}{
		{"nothing", "", "", 0},
		{"old and young", old + young, young, 1},
		{"young only", young + young, young + young, 0},
		{"old only", old + zoned, "", 2},
		{"a clock that was wrong for a while", young + old + young, young + young, 1},
		{"a broken line goes with the one before it", old + "{\"ev\n" + young, young, 2},
		{"or stays with it", young + "{\"ev\n" + old, young + "{\"ev\n", 1},
		{"a broken line at the beginning is old", "{\"ev\n" + young, young, 1},
		{"the last line has no end", old + strings.TrimSpace(young), young, 1},
		{"a line that broke off at the end", young + `{"event":{"ty`, young + `{"event":{"ty` + "\n", 0},
		{"empty lines", "\n" + young + "\n\n", young, 0},
		{"another JSON is no event", "{}\n" + young, young, 1},
	} {
		var out bytes.Buffer
		done, err := Prune(strings.NewReader(c.log), &out, edge)
		if err != nil || out.String() != c.want || done.Dropped != c.dropped || done.Kept != strings.Count(c.want, "\n") {
			t.Errorf("%s: %+v, %v\n%s", c.name, done, err, out.String())
		}
	}
}

func TestAPruneThatFailsSaysSo(t *testing.T) {
	raw, _ := json.Marshal(eventAt(time.Now(), "a"))
	if _, err := Prune(bytes.NewReader(raw), &halfWriter{most: []int{0}}, time.Time{}); !errors.Is(err, errFull) {
		t.Errorf("a full disk: %v", err)
	}
	broken := io.MultiReader(bytes.NewReader(raw), brokenReader{})
	if _, err := Prune(broken, io.Discard, time.Time{}); !errors.Is(err, errFull) {
		t.Errorf("a broken disk: %v", err)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errFull }

// TestLawsOfPruning: what is kept is unchanged and in order; pruning twice is
// pruning to the later moment.
func TestLawsOfPruning(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	prune := func(t *rapid.T, log string, before time.Time) string {
		var out bytes.Buffer
		if _, err := Prune(strings.NewReader(log), &out, before); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	rapid.Check(t, func(t *rapid.T) {
		var log strings.Builder
		day := 0
		for range rapid.IntRange(0, 30).Draw(t, "lines") {
			day += rapid.IntRange(0, 9).Draw(t, "days")
			raw, _ := json.Marshal(eventAt(start.AddDate(0, 0, day), newUUID()))
			log.Write(append(raw, '\n'))
		}
		one := start.AddDate(0, 0, rapid.IntRange(0, 200).Draw(t, "one"))
		two := start.AddDate(0, 0, rapid.IntRange(0, 200).Draw(t, "two"))
		later := one
		if two.After(one) {
			later = two
		}
		kept := prune(t, log.String(), later)
		if !strings.HasSuffix(log.String(), kept) {
			t.Fatal("a log in order is cut at one place")
		}
		if prune(t, prune(t, log.String(), one), two) != kept {
			t.Fatal("twice is not once")
		}
	})
}

func FuzzPrune(f *testing.F) {
	raw, _ := json.Marshal(eventAt(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), "a"))
	f.Add(append(raw, '\n'))
	f.Add([]byte("\n{\n" + string(raw)))
	f.Fuzz(func(t *testing.T, log []byte) {
		var all bytes.Buffer
		done, err := Prune(bytes.NewReader(log), &all, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		again, err := Prune(bytes.NewReader(all.Bytes()), io.Discard, time.Time{})
		if err != nil || again.Kept != done.Kept || again.Dropped != 0 {
			t.Errorf("%+v, then %+v, %v", done, again, err)
		}
	})
}
