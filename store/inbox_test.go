package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store/internal/seal"
)

// locked is a store that is closed, and what is known outside it.
type locked struct {
	t    testing.TB
	path string
	key  InboxKey
	cfg  Config
}

// lockedStore is a closed store with an inbox and one record.
func lockedStore(t testing.TB) *locked {
	t.Helper()
	l := &locked{t: t, path: filepath.Join(t.TempDir(), "vault.bundel"), cfg: cheap()}
	s, _, err := Create(l.path, testPhrase, l.cfg)
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, own, resource("Basic", "note", "mine"))
	if l.key, err = s.InboxKey(context.Background()); err != nil {
		t.Fatal(err)
	}
	l.close(s)
	return l
}

func (l *locked) open() *Store {
	l.t.Helper()
	s, err := Open(l.path, Passphrase(testPhrase), l.cfg)
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { _ = s.Close() })
	return s
}

func (l *locked) close(s *Store) {
	l.t.Helper()
	if err := s.Close(); err != nil {
		l.t.Fatal(err)
	}
}

func (l *locked) inbox() *Inbox {
	l.t.Helper()
	in, err := OpenInbox(l.path, l.key, l.cfg)
	if err != nil {
		l.t.Fatal(err)
	}
	return in
}

// send collects a source while the store is locked.
func (l *locked) send(src fhir.Source) {
	l.t.Helper()
	in := l.inbox()
	defer func() { _ = in.Close() }()
	if _, err := in.Put(context.Background(), src); err != nil {
		l.t.Fatal(err)
	}
}

func receive(t testing.TB, s *Store) Received {
	t.Helper()
	r, err := s.Receive(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Verify(context.Background(), Deep); err != nil {
		t.Error("after receiving:", err)
	}
	return r
}

// pagesOf is a source of pages, each with resources of the ids given; the last
// page of a query ends it.
func pagesOf(o fhir.Origin, pages ...fhir.Page) fhir.Source {
	return fhir.Source{Origin: o, Version: fhir.R4, Pages: func(yield func(fhir.Page, error) bool) {
		for _, p := range pages {
			if !yield(p, nil) {
				return
			}
		}
	}}
}

func pageOf(query string, last bool, resources ...fhir.Resource) fhir.Page {
	p := fhir.Page{Query: query, Trace: "trace-" + query, Resources: resources}
	if last {
		p.Result = &fhir.QueryResult{Query: query, Outcome: fhir.OK, Resources: len(resources), Pages: 1}
	}
	return p
}

func obs(id, text string) fhir.Resource { return resource("Observation", id, text) }

// varied is a source with something of everything.
func varied() fhir.Source {
	masked := fhir.Parse([]byte(`{"resourceType":"Patient","id":"m","identifier":[{"system":`+
		`"http://fhir.nl/fhir/NamingSystem/bsn","value":"999990019"}]}`), fhir.R4)
	named := fhir.Parse([]byte(`{"resourceType":"Patient","id":"p"}`), fhir.R4)
	named.FullURL = "https://example.test/Patient/p"
	return pagesOf(clinic,
		pageOf("everything", false, obs("a", "one"), obs("b", "two"), masked),
		pageOf("everything", true, obs("c", strings.Repeat("long ", 500_000)), named, fhir.Parse([]byte("<html>sorry"), fhir.R4)),
		pageOf("nothing", true),
		pageOf("more", true, obs("a", "one"), fhir.Parse([]byte(`{"resourceType":"Basic"}`), fhir.R4)),
	)
}

// TestPromise_LockedStoreTakesIn collects into a locked store and into an open
// one: what is in them afterwards is the same.
func TestPromise_LockedStoreTakesIn(t *testing.T) {
	l := lockedStore(t)
	in := l.inbox()
	n, err := in.Put(context.Background(), varied())
	if err != nil || n != 4 {
		t.Fatalf("%d pages: %v", n, err)
	}
	s := l.open()
	if r, err := s.Verify(context.Background(), Deep); err != nil || r.Waiting != 5 || r.Records != 1 {
		t.Errorf("before: %+v %v", r, err)
	}
	got := receive(t, s)
	direct, _ := newStore(t)
	put(t, direct, own, resource("Basic", "note", "mine"))
	want, err := direct.Put(context.Background(), varied())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(lines(t, direct), lines(t, s)); diff != "" {
		t.Error(diff)
	}
	if len(got.Receipts) != 1 || got.Pages != 4 || got.Suspicious() || got.Overtaken > 0 || len(got.Refused) > 0 {
		t.Fatalf("%+v", got)
	}
	receipt := got.Receipts[0]
	if !receipt.Started.Before(receipt.Finished) || receipt.Masked != 1 {
		t.Errorf("%+v", receipt)
	}
	receipt.Started, receipt.Finished = want.Started, want.Finished
	if diff := cmp.Diff(want, receipt); diff != "" {
		t.Error(diff)
	}
	if again := receive(t, s); again.Pages > 0 || again.Suspicious() {
		t.Errorf("received twice: %+v", again)
	}
	l.close(s)
	if diff := cmp.Diff(lines(t, direct), lines(t, l.open())); diff != "" {
		t.Error(diff)
	}
}

// What is fetched in the background is told of as if it had been fetched here:
// changed, unchanged and gone.
func TestReceivedCountsAsCollected(t *testing.T) {
	l := lockedStore(t)
	s := l.open()
	put(t, s, clinic, obs("a", "old"), obs("b", "same"), obs("c", "goes"))
	l.close(s)
	l.send(fhir.One(clinic, fhir.R4, "everything", obs("a", "new"), obs("b", "same")))
	l.send(fhir.One(clinic, fhir.R4, "everything", obs("a", "newer"), obs("b", "same"), obs("d", "joins")))
	s = l.open()
	r := receive(t, s)
	l.close(s)
	if len(r.Receipts) != 2 || r.Receipts[0].Changed != 1 || r.Receipts[0].Unchanged != 1 || r.Receipts[1].New != 1 {
		t.Errorf("%+v", r.Receipts)
	}
	l.checkGone("c")
}

// checkGone sees that these and no others are told to be gone.
func (l *locked) checkGone(want ...string) {
	l.t.Helper()
	s := l.open()
	defer func() { _ = s.Close() }()
	var got []string
	for r, err := range s.Records(context.Background()) {
		if err != nil {
			l.t.Fatal(err)
		}
		if !r.Gone.IsZero() {
			got = append(got, r.ID)
		}
	}
	if !slices.Equal(got, want) {
		l.t.Errorf("gone: %v, want %v", got, want)
	}
}

// Put stores in the order of fetching: what waits goes first.
func TestPutReceivesFirst(t *testing.T) {
	l := lockedStore(t)
	l.send(one("in the night"))
	s := l.open()
	if r := put(t, s, clinic, obs("a", "by day")); r.Changed != 1 {
		t.Errorf("%+v", r)
	}
	if _, now := snapshot(t, s, obs("a", "").Ref); !slices.Equal(now, []string{"by day"}) {
		t.Error(now)
	}
}

func TestForgetTakesTheInboxAlong(t *testing.T) {
	l := lockedStore(t)
	other := fhir.Origin{Source: "medmij:other@medmij", Service: "48"}
	l.send(one("secret"))
	l.send(fhir.One(other, fhir.R4, "q", obs("x", "stays")))
	s := l.open()
	if err := s.Forget(context.Background(), clinic.Source); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(lines(t, s), "\n"); strings.Contains(got, clinic.Source) || !strings.Contains(got, other.Source) {
		t.Error(got)
	}
	if r := receive(t, s); r.Pages > 0 || r.Suspicious() {
		t.Errorf("%+v", r)
	}
}

// Dropping the inbox shuts out who holds the old key, and loses nothing.
func TestDropInbox(t *testing.T) {
	l := lockedStore(t)
	old := l.key
	in := l.inbox()
	l.send(one("before"))
	s := l.open()
	if r, err := s.DropInbox(context.Background()); err != nil || r.Pages != 1 {
		t.Fatal(r, err)
	}
	if k, v := inInbox(t, s); len(k)+len(v) > 0 {
		t.Errorf("%d values left", len(k))
	}
	l.close(s)
	if _, err := in.Put(context.Background(), one("after")); !errors.Is(err, ErrNoInbox) {
		t.Error(err)
	}
	s = l.open()
	var err error
	if l.key, err = s.InboxKey(context.Background()); err != nil || l.key == old {
		t.Error("the same key again", err)
	}
	if again, err := s.InboxKey(context.Background()); err != nil || again != l.key {
		t.Error("another key", err)
	}
	l.close(s)
	if _, err := in.Put(context.Background(), one("after")); !errors.Is(err, ErrInboxKey) {
		t.Error(err)
	}
	l.send(one("again"))
	if r := receive(t, l.open()); r.Pages != 1 || r.Suspicious() {
		t.Errorf("%+v", r)
	}
}

// inInbox gives what lies in the inbox.
func inInbox(t testing.TB, s *Store) (keys, values [][]byte) {
	t.Helper()
	err := s.kv.View(func(tx BackendTx) error {
		b, err := tx.Bucket([]byte("i"))
		if b == nil || err != nil {
			return err
		}
		return b.ForEach(func(k, v []byte) error {
			keys, values = append(keys, bytes.Clone(k)), append(values, bytes.Clone(v))
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return keys, values
}

// While the person has the store open, the program they use collects.
func TestInboxOfAnOpenStore(t *testing.T) {
	l := lockedStore(t)
	in := l.inbox()
	s := l.open()
	src := pagesOf(clinic, pageOf("q", true, obs("a", "x")))
	if n, err := in.Put(context.Background(), src); n != 0 || !errors.Is(err, ErrInUse) {
		t.Error(n, err)
	}
	if _, err := OpenInbox(l.path, l.key, l.cfg); !errors.Is(err, ErrInUse) {
		t.Error(err)
	}
	l.close(s)
	// The person unlocks between two pages, and is not kept waiting.
	src.Pages = func(yield func(fhir.Page, error) bool) {
		if !yield(pageOf("q", false, obs("a", "x")), nil) {
			return
		}
		s = l.open()
		yield(pageOf("q", true, obs("b", "y")), nil)
	}
	if n, err := in.Put(context.Background(), src); n != 1 || !errors.Is(err, ErrInUse) {
		t.Error(n, err)
	}
	r := receive(t, s)
	if len(r.Receipts) != 1 || r.Receipts[0].Detail != detailEarly || r.Receipts[0].New != 1 {
		t.Errorf("%+v", r)
	}
}

func TestOpenInboxErrors(t *testing.T) {
	l, other := lockedStore(t), lockedStore(t)
	dir := t.TempDir()
	s, path := newStore(t)
	_ = s.Close()
	exposed := copied(t, l.path)
	if err := os.Chmod(exposed, 0o644); err != nil { // #nosec G302 -- the point
		t.Fatal(err)
	}
	wrong := l.key
	wrong.secret[0] ^= 1
	for name, c := range map[string]struct {
		path string
		key  InboxKey
		want error
	}{
		"no file":              {filepath.Join(dir, "none"), l.key, ErrNoStore},
		"open to others":       {exposed, l.key, ErrExposed},
		"nobody asked for one": {path, InboxKey{store: storeID(t, path)}, ErrNoInbox},
		"another store":        {other.path, l.key, ErrInboxKey},
		"another secret":       {l.path, wrong, ErrInboxKey},
		"no key":               {l.path, InboxKey{}, ErrInboxKey},
	} {
		if _, err := OpenInbox(c.path, c.key, l.cfg); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func storeID(t testing.TB, path string) (id [16]byte) {
	t.Helper()
	s, err := Open(path, Passphrase(testPhrase), cheap())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	h, err := readHeader(s.kv)
	if err != nil {
		t.Fatal(err)
	}
	return h.StoreID
}

func TestInboxKeyText(t *testing.T) {
	l := lockedStore(t)
	text := l.key.Reveal()
	if k, err := ParseInboxKey(" " + text + "\n"); err != nil || k != l.key {
		t.Error(k, err)
	}
	for _, bad := range []string{"", text[1:], text + "A", text[:len(text)-1], strings.ToUpper(text), text + "="} {
		if _, err := ParseInboxKey(bad); !errors.Is(err, ErrInboxKey) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		if got := fmt.Sprintf(verb, l.key); got != redacted {
			t.Errorf("%s: %s", verb, got)
		}
	}
	if l.key.LogValue().String() != redacted {
		t.Error("the log shows it")
	}
}

// The door of the inbox is that of the store.
func TestInboxRefuses(t *testing.T) {
	l := lockedStore(t)
	in := l.inbox()
	altered := obs("b", "y")
	altered.ID = "c"
	bsn := obs("d", "z")
	bsn.FullURL = `{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"999990019"}`
	n, err := in.Put(context.Background(), fhir.One(clinic, fhir.R4, "q", obs("a", "x"), altered, fhir.Resource{}, bsn))
	for _, reason := range []Reason{Altered, NoBytes, HoldsBSN} {
		if !strings.Contains(fmt.Sprint(err), string(reason)) {
			t.Errorf("%s is not in %v", reason, err)
		}
	}
	if n != 1 {
		t.Errorf("%d pages", n)
	}
	for want, src := range map[error]fhir.Source{
		ErrNotOwn:  fhir.One(own, fhir.R4, "q", obs("a", "x")),
		ErrBadName: fhir.One(fhir.Origin{Source: seal.Tokens}, fhir.R4, "q"),
	} {
		if n, err := in.Put(context.Background(), src); n != 0 || !errors.Is(err, want) {
			t.Errorf("%v: %d %v", want, n, err)
		}
	}
	r := receive(t, l.open())
	if diff := cmp.Diff(map[Reason]int{Altered: 1, NoBytes: 1, HoldsBSN: 1}, r.Refused); diff != "" || r.Receipts[0].New != 1 {
		t.Error(diff, r.Receipts)
	}
	if r.Receipts[0].Detail == "" {
		t.Error("the receipt says nothing of it")
	}
}

// What is full stays as it is, and takes more once it was received.
func TestInboxIsBounded(t *testing.T) {
	for name, room := range map[string]seal.Room{
		"messages": {Messages: 3, Bytes: 1 << 30},
		"bytes":    {Messages: 99, Bytes: 5000},
	} {
		l := lockedStore(t)
		in := l.inbox()
		in.room = room
		src := pagesOf(clinic, pageOf("1", true, obs("a", "x")), pageOf("2", true, obs("b", "x")), pageOf("3", true, obs("c", "x")),
			pageOf("4", true, obs("d", "x")), pageOf("5", true, obs("e", "x")), pageOf("6", true, obs("f", "x")))
		n, err := in.Put(context.Background(), src)
		var full *InboxFullError
		if !errors.As(err, &full) || !errors.Is(err, ErrInboxFull) || full.Messages != n || full.Bytes == 0 {
			t.Fatalf("%s: %d %v", name, n, err)
		}
		s := l.open()
		if r := receive(t, s); r.Pages != n || r.Suspicious() {
			t.Errorf("%s: %+v", name, r)
		}
		l.close(s)
		if n, err := in.Put(context.Background(), one("again")); n != 1 || err != nil {
			t.Errorf("%s: %d %v", name, n, err)
		}
	}
	l := lockedStore(t)
	_, err := l.inbox().Put(context.Background(), one(strings.Repeat("x", 65<<20)))
	if !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
}

// A source or a caller that stops leaves what came before it.
func TestInboxStops(t *testing.T) {
	stop := errors.New("the line is dead")
	for name, c := range map[string]struct {
		src    func(cancel func()) fhir.Source
		want   error
		detail string
	}{
		"the source": {func(func()) fhir.Source {
			return fhir.Source{Origin: clinic, Version: fhir.R4, Pages: func(yield func(fhir.Page, error) bool) {
				if yield(pageOf("q", true, obs("a", "x")), nil) {
					yield(fhir.Page{}, stop)
				}
			}}
		}, stop, detailEarly},
		"the caller": {func(cancel func()) fhir.Source {
			return fhir.Source{Origin: clinic, Version: fhir.R4, Pages: func(yield func(fhir.Page, error) bool) {
				if yield(pageOf("q", true, obs("a", "x")), nil) {
					cancel()
					yield(pageOf("r", true, obs("b", "x")), nil)
				}
			}}
		}, context.Canceled, detailStopped},
		"there is nothing": {func(func()) fhir.Source { return fhir.Source{Origin: clinic, Version: fhir.R4} }, nil, ""},
	} {
		l := lockedStore(t)
		ctx, cancel := context.WithCancel(context.Background())
		if _, err := l.inbox().Put(ctx, c.src(cancel)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		cancel()
		if r := receive(t, l.open()); len(r.Receipts) != 1 || r.Receipts[0].Detail != c.detail {
			t.Errorf("%s: %+v", name, r)
		}
	}
}
