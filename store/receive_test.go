package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"
	"pgregory.net/rapid"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store/internal/seal"
)

// nights is a locked store into which five collections came of a page each: the
// first is received, then the store was locked again, and four wait. Messages 3
// to 10 wait, pages and ends in turn.
func nights(t *testing.T) (l *locked, before map[string]map[string][]byte) {
	t.Helper()
	l = lockedStore(t)
	l.send(fhir.One(clinic, fhir.R4, "everything", obs("0", "x")))
	before = state(t, l.path)
	s := l.open()
	receive(t, s)
	l.close(s)
	for i := range 4 {
		o := fhir.Origin{Source: fmt.Sprintf("medmij:%d@medmij", i+1), Service: "48"}
		l.send(fhir.One(o, fhir.R4, "everything", obs(fmt.Sprint(i+1), "x")))
	}
	return l, before
}

func messageAt(number uint64) []byte {
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint64(nil, number), 0)
}

// TestPromise_InboxCannotBeForged lets somebody who can write the file do what
// they want with what waits. What they did not touch comes in, and what they did
// is told.
func TestPromise_InboxCannotBeForged(t *testing.T) {
	l, before := nights(t)
	elsewhere, _ := nights(t)
	other := state(t, elsewhere.path)["i"]
	type told struct{ Pages, Missing, Damaged, Forged, Replayed int }
	for name, c := range map[string]struct {
		do      func(b *bbolt.Bucket) error
		want    told
		changed bool
	}{
		"nothing": {func(*bbolt.Bucket) error { return nil }, told{Pages: 4}, false},
		"flip a bit of a page": {func(b *bbolt.Bucket) error {
			return b.Put(messageAt(5), flipped(b.Get(messageAt(5)), 700))
		}, told{Pages: 3, Forged: 1, Missing: 1}, false},
		"flip a bit of its last byte": {func(b *bbolt.Bucket) error {
			v := b.Get(messageAt(5))
			return b.Put(messageAt(5), flipped(v, len(v)-1))
		}, told{Pages: 3, Forged: 1, Missing: 1}, false},
		"cut a page":       {func(b *bbolt.Bucket) error { return b.Put(messageAt(5), b.Get(messageAt(5))[:900]) }, told{Pages: 3, Forged: 1, Missing: 1}, false},
		"take out a page":  {func(b *bbolt.Bucket) error { return b.Delete(messageAt(5)) }, told{Pages: 3, Missing: 1}, false},
		"take out an end":  {func(b *bbolt.Bucket) error { return b.Delete(messageAt(6)) }, told{Pages: 4, Missing: 1}, false},
		"swap two pages":   {swapped(messageAt(3), messageAt(5)), told{Pages: 2, Forged: 2, Missing: 2}, false},
		"move a page back": {moved(messageAt(5), messageAt(20)), told{Pages: 3, Forged: 1, Missing: 1}, false},
		"double a page":    {func(b *bbolt.Bucket) error { return b.Put(messageAt(11), b.Get(messageAt(5))) }, told{Pages: 4, Forged: 1}, false},
		"put back what was received": {func(b *bbolt.Bucket) error {
			return errors.Join(b.Put(messageAt(1), before["i"][string(messageAt(1))]), b.Put(messageAt(2), before["i"][string(messageAt(2))]))
		}, told{Pages: 4, Replayed: 2}, false},
		"bring pages of another store": {func(b *bbolt.Bucket) error {
			return errors.Join(b.Put(messageAt(5), other[string(messageAt(5))]), b.Put(messageAt(11), other[string(messageAt(7))]))
		}, told{Pages: 3, Forged: 2, Missing: 1}, false},
		"bring another public key":   {func(b *bbolt.Bucket) error { return b.Put([]byte("key"), other["key"]) }, told{Pages: 4}, true},
		"flip a bit of the key":      {func(b *bbolt.Bucket) error { return b.Put([]byte("key"), flipped(b.Get([]byte("key")), 99)) }, told{Pages: 4}, true},
		"put back the older key":     {func(b *bbolt.Bucket) error { return b.Put([]byte("key"), before["i"]["key"]) }, told{Pages: 4}, true},
		"take out the key":           {func(b *bbolt.Bucket) error { return b.Delete([]byte("key")) }, told{Pages: 4}, true},
		"add a value":                {func(b *bbolt.Bucket) error { return b.Put([]byte("x"), []byte("y")) }, told{Pages: 4, Forged: 1}, false},
		"add a page of their own":    {func(b *bbolt.Bucket) error { return b.Put(messageAt(11), bytes.Repeat([]byte{1}, 2000)) }, told{Pages: 4, Forged: 1}, false},
		"take the highest number":    {func(b *bbolt.Bucket) error { return b.Put(messageAt(math.MaxUint64), []byte{1}) }, told{Pages: 4, Forged: 1}, false},
		"a part of a page, further":  {func(b *bbolt.Bucket) error { k := messageAt(5); k[11] = 1; return b.Put(k, b.Get(messageAt(5))) }, told{Pages: 4, Forged: 1}, false},
		"take out all the last ones": {func(b *bbolt.Bucket) error { return errors.Join(b.Delete(messageAt(9)), b.Delete(messageAt(10))) }, told{Pages: 3}, false},
	} {
		t.Run(name, func(t *testing.T) {
			l := &locked{t, copied(t, l.path), l.key, l.cfg}
			edit(t, l.path, func(tx *bbolt.Tx) error { return c.do(tx.Bucket([]byte("i"))) })
			s := l.open()
			noticed := c.changed || c.want.Forged > 0
			if _, err := s.Verify(context.Background(), Quick); errors.Is(err, ErrDamaged) != noticed {
				t.Errorf("Verify: %v", err)
			}
			r := receive(t, s)
			if diff := cmp.Diff(c.want, told{r.Pages, r.Missing, r.Damaged, r.Forged, r.Replayed}); diff != "" || r.KeyChanged != c.changed {
				t.Errorf("key changed %v %s", r.KeyChanged, diff)
			}
			if r.Suspicious() != (c.changed || c.want != told{Pages: c.want.Pages}) {
				t.Errorf("suspicious: %v", r.Suspicious())
			}
			if got := len(lines(t, s)); got != 2+c.want.Pages {
				t.Errorf("%d records", got)
			}
			l.close(s)
			l.worksOn()
		})
	}
}

// worksOn sees that an inbox takes in and gives as if nothing had happened.
func (l *locked) worksOn() {
	l.t.Helper()
	l.send(fhir.One(clinic, fhir.R4, "everything", obs("after", "x")))
	if r := receive(l.t, l.open()); r.Pages != 1 || r.Suspicious() {
		l.t.Errorf("afterwards: %+v", r)
	}
}

func flipped(v []byte, at int) []byte {
	v = bytes.Clone(v)
	v[at] ^= 1
	return v
}

func swapped(a, b []byte) func(*bbolt.Bucket) error {
	return func(in *bbolt.Bucket) error {
		va, vb := bytes.Clone(in.Get(a)), bytes.Clone(in.Get(b))
		return errors.Join(in.Put(a, vb), in.Put(b, va))
	}
}

func moved(from, to []byte) func(*bbolt.Bucket) error {
	return func(in *bbolt.Bucket) error {
		v := bytes.Clone(in.Get(from))
		return errors.Join(in.Delete(from), in.Put(to, v))
	}
}

// Nothing is sealed to a key that somebody put in the place of ours, and a whole
// bucket that is taken away is made again.
func TestInboxKeyIsVouchedFor(t *testing.T) {
	l, _ := nights(t)
	elsewhere, _ := nights(t)
	theirs := state(t, elsewhere.path)["i"]["key"]
	in := l.inbox()
	edit(t, l.path, func(tx *bbolt.Tx) error { return tx.Bucket([]byte("i")).Put([]byte("key"), theirs) })
	if n, err := in.Put(context.Background(), one("secret")); n != 0 || !errors.Is(err, ErrInboxKey) {
		t.Error(n, err)
	}
	edit(t, l.path, func(tx *bbolt.Tx) error { return tx.DeleteBucket([]byte("i")) })
	if n, err := in.Put(context.Background(), one("secret")); n != 0 || !errors.Is(err, ErrNoInbox) {
		t.Error(n, err)
	}
	s := l.open()
	if _, err := s.Verify(context.Background(), Quick); !errors.Is(err, ErrDamaged) {
		t.Error(err)
	}
	if r := receive(t, s); !r.KeyChanged || r.Pages > 0 {
		t.Errorf("%+v", r)
	}
	l.close(s)
	l.worksOn()
}

// What holds the inbox key can send anything: what is no message, what is too
// large to keep, and pages in a name that is not theirs.
func TestReceiveFromABadHolder(t *testing.T) {
	l := lockedStore(t)
	send := func(m message) {
		b, err := m.encode()
		if err != nil {
			t.Fatal(err)
		}
		in := l.inbox()
		defer func() { _ = in.Close() }()
		if err := in.writer.Add(in.kv, b, in.room); err != nil {
			t.Fatal(err)
		}
	}
	good := message{delivery: [16]byte{1}, origin: clinic, version: fhir.R4, began: testStart.UnixNano(), page: pageOf("q", true, obs("a", "x"))}
	strange, mine, nameless, huge, reason := good, good, good, good, good
	strange.end = 9
	mine.origin = own
	nameless.origin.Source = seal.Receipts
	huge.page.Resources = []fhir.Resource{obs("b", "x")}
	huge.page.Resources[0].FullURL = strings.Repeat("u", 100<<10)
	huge.delivery[0] = 2
	reason.refused = map[Reason]int{"<script>": 1}
	for _, m := range []message{strange, mine, nameless, good, huge, reason} {
		send(m)
	}
	r := receive(t, l.open())
	if r.Pages != 2 || r.Refused[TooLarge] != 1 || r.Damaged != 2 || r.Foreign != 2 || r.Missing+r.Forged+r.Replayed > 0 || !r.Suspicious() {
		t.Errorf("%+v", r)
	}
}

// A BSN that comes in under the name of a resource is masked like everywhere.
func TestPromise_NoBSNFromTheInbox(t *testing.T) {
	m := message{origin: clinic, version: fhir.R4, page: pageOf("q", true, obs("abcdefgh", "x"))}
	b, err := m.encode()
	if err != nil {
		t.Fatal(err)
	}
	raw := obs("abcdefgh", "x").Bytes()
	bad := []byte(`{"resourceType":"Patient","identifier":[{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"999990019"}]}`)
	b = bytes.Replace(b, append(binary.AppendUvarint(nil, uint64(len(raw))), raw...), append(binary.AppendUvarint(nil, uint64(len(bad))), bad...), 1)
	got, ok := parseMessage(b)
	if !ok || len(got.page.Resources) != 1 {
		t.Fatal(ok, got)
	}
	if r := got.page.Resources[0]; r.Masked != 1 || bytes.Contains(r.Bytes(), []byte("999990019")) {
		t.Errorf("%s", r.Bytes())
	}
}

// Older than what is here, a page would turn back the clock.
func TestOvertaken(t *testing.T) {
	l := lockedStore(t)
	ahead := l.cfg
	ahead.Now = func() time.Time { return testStart.Add(time.Hour) }
	s, err := Open(l.path, Passphrase(testPhrase), ahead)
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, clinic, obs("a", "new"), obs("b", "new"))
	l.close(s)
	l.send(one("old"))
	s = l.open()
	if r := receive(t, s); r.Overtaken != 1 || r.Pages > 0 || r.Suspicious() || len(r.Receipts) > 0 {
		t.Errorf("%+v", r)
	}
	if _, now := snapshot(t, s, obs("a", "").Ref); !slices.Equal(now, []string{"new"}) {
		t.Error(now)
	}
}

// A collector whose clock is ahead does not put its records before all to come.
func TestClockAhead(t *testing.T) {
	l := lockedStore(t)
	right := l.cfg
	l.cfg.Now = func() time.Time { return testStart.Add(1000 * time.Hour) }
	l.send(one("from the future"))
	l.cfg = right
	s := l.open()
	if r := receive(t, s); r.Pages != 1 || r.Receipts[0].Started.After(testStart.Add(time.Hour)) || r.Receipts[0].Finished.After(testStart.Add(time.Hour)) {
		t.Errorf("%+v", r)
	}
}

// TestPartsAreNeverGone takes in a collection in pieces: what was in another
// piece is not gone.
func TestPartsAreNeverGone(t *testing.T) {
	collection := func(between func(page int)) fhir.Source {
		return fhir.Source{Origin: clinic, Version: fhir.R4, Pages: func(yield func(fhir.Page, error) bool) {
			for i := range 4 {
				if !yield(pageOf("q", i == 3, obs(fmt.Sprint(i), "x")), nil) {
					return
				}
				between(i)
			}
		}}
	}
	for name, c := range map[string]struct {
		between func(l *locked, page int)
		gone    []string
	}{
		"in one piece": {func(*locked, int) {}, []string{"left"}},
		"received half way": {func(l *locked, page int) {
			if page == 1 {
				s := l.open()
				receive(t, s)
				l.close(s)
			}
		}, nil},
		"received after every page": {func(l *locked, _ int) {
			s := l.open()
			receive(t, s)
			l.close(s)
		}, nil},
		"with a page that was taken out": {func(l *locked, page int) {
			if page == 3 {
				edit(t, l.path, func(tx *bbolt.Tx) error { return tx.Bucket([]byte("i")).Delete(messageAt(2)) })
			}
		}, nil},
		"with its first page taken out": {func(l *locked, page int) {
			if page == 3 {
				edit(t, l.path, func(tx *bbolt.Tx) error { return tx.Bucket([]byte("i")).Delete(messageAt(1)) })
			}
		}, nil},
	} {
		l := lockedStore(t)
		s := l.open()
		put(t, s, clinic) // the query is known, and that it gave nothing
		if _, err := s.Put(context.Background(), pagesOf(clinic, pageOf("q", true, obs("left", "x"), obs("1", "x")))); err != nil {
			t.Fatal(err)
		}
		l.close(s)
		l.send(collection(func(page int) { c.between(l, page) }))
		s = l.open()
		r := receive(t, s)
		if len(r.Receipts) != 1 || (r.Receipts[0].Detail == "") != (c.gone != nil) {
			t.Errorf("%s: %+v", name, r)
		}
		l.close(s)
		l.checkGone(c.gone...)
	}
}

var errPower = errors.New("the power is cut")

// power is a Backend that fails for good at its n-th update, after it was kept
// or before.
type power struct {
	Backend
	left int
	kept bool
}

func (p *power) Update(fn func(BackendTx) error) error {
	p.left--
	switch {
	case p.left > 0:
		return p.Backend.Update(fn)
	case p.left == 0 && p.kept:
		return errors.Join(p.Backend.Update(fn), errPower)
	}
	return errPower
}

// TestPromise_ReceivedOnce cuts the power at every write of collecting and of
// receiving: every page is in the store once in the end, and none half.
func TestPromise_ReceivedOnce(t *testing.T) {
	ctx := context.Background()
	src := func() fhir.Source {
		return pagesOf(clinic, pageOf("q", false, obs("a", "1"), obs("b", strings.Repeat("2", 2<<20))), pageOf("q", true, obs("c", "3")), pageOf("r", true, obs("d", "4")))
	}
	for _, kept := range []bool{false, true} {
		for cut := 1; cut <= 6; cut++ {
			kv, cfg := Memory(), cheap()
			s, _, err := CreateOn(kv, testPhrase, cfg)
			if err != nil {
				t.Fatal(err)
			}
			key, err := s.InboxKey(ctx)
			if err != nil {
				t.Fatal(err)
			}
			_ = s.Close()
			in, err := OpenInboxOn(&power{kv, cut, kept}, key, cfg)
			if err != nil {
				t.Fatal(err)
			}
			n, err := in.Put(ctx, src())
			if (cut <= 4) != errors.Is(err, errPower) || n != min(cut-1, 3) {
				t.Fatalf("cut %d: %d pages, %v", cut, n, err)
			}
			pages := receiveUntilDone(t, kv, cfg, cut, kept)
			if want := n + cutPage(cut, kept); pages != want {
				t.Errorf("cut %d, kept %v: %d pages, want %d", cut, kept, pages, want)
			}
		}
	}
}

// cutPage is the page that was kept and not acknowledged.
func cutPage(cut int, kept bool) int {
	if kept && cut <= 3 {
		return 1
	}
	return 0
}

func receiveUntilDone(t *testing.T, kv Backend, cfg Config, cut int, kept bool) (records int) {
	t.Helper()
	ctx := context.Background()
	s, err := OpenOn(&power{kv, cut, kept}, Passphrase(testPhrase), cfg)
	if err != nil {
		t.Fatal(err)
	}
	_, first := s.Receive(ctx)
	_ = s.Close()
	if first != nil && !errors.Is(first, errPower) {
		t.Fatal(first)
	}
	if s, err = OpenOn(kv, Passphrase(testPhrase), cfg); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if r := receive(t, s); r.Suspicious() || r.Overtaken > 0 {
		t.Errorf("cut %d: %+v", cut, r)
	}
	if again := receive(t, s); again.Pages > 0 {
		t.Errorf("cut %d: received again %+v", cut, again)
	}
	pages := map[string]bool{}
	for r, err := range s.Records(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Number != 1 {
			t.Errorf("cut %d: %s is there twice", cut, r.Ref)
		}
		pages[map[string]string{"a": "1", "b": "1", "c": "2", "d": "3"}[r.ID]] = true
		records++
	}
	if pages["1"] && records != len(pages)+1 {
		t.Errorf("cut %d: half a page, %d records", cut, records)
	}
	return len(pages)
}

// Nobody loses pages because the disk was full for a while.
func TestReceiveAfterManyFailures(t *testing.T) {
	ctx, kv, cfg := context.Background(), Memory(), cheap()
	full := &power{Backend: kv, left: 99}
	s, _, err := CreateOn(full, testPhrase, cfg)
	if err != nil {
		t.Fatal(err)
	}
	key, err := s.InboxKey(ctx)
	if err != nil {
		t.Fatal(err)
	}
	in, err := OpenInboxOn(kv, key, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := in.Put(ctx, varied()); err != nil {
		t.Fatal(err)
	}
	full.left = 0
	for range 5 {
		if _, err := s.Receive(ctx); !errors.Is(err, errPower) {
			t.Fatal(err)
		}
	}
	full.left = 99
	if r := receive(t, s); r.Pages != 4 || r.Overtaken > 0 {
		t.Errorf("%+v", r)
	}
}

// What waits shows neither content nor source in the file.
func TestInboxRevealsNothing(t *testing.T) {
	l := lockedStore(t)
	l.send(fhir.One(clinic, fhir.R4, "everything", obs("marker-id", strings.Repeat("marker-text", 50))))
	raw, err := os.ReadFile(l.path)
	if err != nil {
		t.Fatal(err)
	}
	secret := l.key.secret
	for _, mark := range []string{"marker", "kliniek", "Observation", "everything", string(secret[:])} {
		if bytes.Contains(raw, []byte(mark)) {
			t.Errorf("%.10q is in the file", mark)
		}
	}
	// Sizes are rounded: a few bytes more or less do not show.
	sizes := map[int]bool{}
	for i := range 4 {
		l := lockedStore(t)
		l.send(fhir.One(clinic, fhir.R4, "everything", obs("id", strings.Repeat("0123456789abcdef", 30)+strings.Repeat("x", i))))
		s := l.open()
		_, values := inInbox(t, s)
		sizes[len(values[0])] = true
	}
	if len(sizes) > 2 {
		t.Errorf("%d sizes", len(sizes))
	}
}

// Existing stores get an inbox when somebody asks for it.
func TestInboxInOldStores(t *testing.T) {
	for path, g := range goldens(t) {
		l := &locked{t: t, path: copied(t, path), cfg: cheap()}
		s, err := Open(l.path, Recovery(g.Recovery), l.cfg)
		if err != nil {
			t.Fatal(err)
		}
		before := lines(t, s)
		if r := receive(t, s); r.Pages > 0 || r.Suspicious() {
			t.Errorf("without an inbox: %+v", r)
		}
		if l.key, err = s.InboxKey(context.Background()); err != nil {
			t.Fatal(err)
		}
		l.close(s)
		l.send(fhir.One(fhir.Origin{Source: "medmij:new@medmij"}, fhir.R4, "q", obs("new", "x")))
		if s, err = Open(l.path, Recovery(g.Recovery), l.cfg); err != nil {
			t.Fatal(err)
		}
		if r := receive(t, s); r.Pages != 1 || len(lines(t, s)) != len(before)+1 {
			t.Errorf("%+v", r)
		}
		_ = s.Close()
	}
}

// A message says all that goes in, whatever it is.
func TestMessageRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String()
		m := message{
			index: rapid.Uint64Range(0, 1<<62).Draw(t, "index"), end: ending(rapid.IntRange(0, 3).Draw(t, "end")),
			origin:  fhir.Origin{Source: text.Draw(t, "source"), Service: text.Draw(t, "service")},
			version: rapid.SampledFrom([]fhir.Version{fhir.STU3, fhir.R4}).Draw(t, "version"),
			began:   rapid.Int64().Draw(t, "began"), at: rapid.Int64().Draw(t, "at"),
			refused: rapid.MapOf(rapid.SampledFrom([]Reason{HoldsBSN, Altered}), rapid.IntRange(0, 1<<31-1)).Draw(t, "refused"),
		}
		copy(m.delivery[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "delivery"))
		m.page = fhir.Page{Query: text.Draw(t, "query"), Trace: text.Draw(t, "trace")}
		for range rapid.IntRange(0, 3).Draw(t, "resources") {
			r := fhir.Parse([]byte(text.Draw(t, "body")), m.version)
			r.FullURL = text.Draw(t, "url")
			m.page.Resources = append(m.page.Resources, r)
		}
		if rapid.Bool().Draw(t, "last") {
			m.page.Result = &fhir.QueryResult{Query: "q", Outcome: fhir.OK, Resources: 3}
		}
		b, err := m.encode()
		if err != nil {
			t.Fatal(err)
		}
		got, ok := parseMessage(b)
		if diff := cmp.Diff(fmt.Sprintf("%+v %+v", m, m.page.Result), fmt.Sprintf("%+v %+v", got, got.page.Result)); !ok || sameBytes(m, got) != "" {
			t.Fatal(ok, diff)
		}
		if _, ok := parseMessage(b[:len(b)-1]); ok {
			t.Fatal("it was cut and passes")
		}
		if _, ok := parseMessage(append(b, 0)); ok {
			t.Fatal("there is something behind it and it passes")
		}
	})
}

func sameBytes(a, b message) string {
	for i, r := range a.page.Resources {
		if s := b.page.Resources[i]; !bytes.Equal(r.Bytes(), s.Bytes()) || r.Ref != s.Ref || r.Masked != s.Masked || r.FullURL != s.FullURL {
			return fmt.Sprint(i)
		}
	}
	return ""
}

// FuzzMessage reads what a holder of the inbox key could send.
func FuzzMessage(f *testing.F) {
	for _, m := range []message{
		{version: fhir.R4, origin: clinic},
		{version: fhir.STU3, origin: clinic, end: complete, refused: map[Reason]int{Altered: 2}},
		{version: fhir.R4, page: pageOf("q", true, obs("a", "x"), fhir.Parse([]byte("<"), fhir.R4))},
	} {
		b, err := m.encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, ok := parseMessage(b)
		if !ok {
			return
		}
		for _, r := range m.page.Resources {
			if !r.Untouched() {
				t.Fatal("a resource that the store would take for altered")
			}
		}
		again, err := m.encode()
		if err != nil {
			t.Fatal(err)
		}
		got, ok := parseMessage(again)
		if !ok || got.end != m.end || got.origin != m.origin || len(got.page.Resources) != len(m.page.Resources) {
			t.Fatalf("%v: %+v, then %+v", ok, m, got)
		}
	})
}
