package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// machine is a computer with a state folder of its own.
type machine struct{ state string }

func newMachine(t testing.TB) machine {
	t.Helper()
	return machine{filepath.Join(t.TempDir(), "state")}
}

func (m machine) config() Config {
	cfg := cheap()
	cfg.State = m.state
	return cfg
}

// anchor gives the one file in the state folder.
func (m machine) anchor(t testing.TB) string {
	t.Helper()
	all, _ := filepath.Glob(filepath.Join(m.state, "*.anchor"))
	if len(all) != 1 {
		t.Fatalf("%d anchors", len(all))
	}
	return all[0]
}

// write opens the store, writes n entries of the log and closes it.
func (m machine) write(t testing.TB, path, text string, n int) {
	t.Helper()
	s, err := Open(path, Passphrase(testPhrase), m.config())
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if err := s.Append(context.Background(), fmt.Appendf(nil, "%s %d", text, i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// codes opens the store and gives what was noticed.
func (m machine) codes(t testing.TB, path string) (codes []WarningCode, err error) {
	t.Helper()
	s, err := Open(path, Passphrase(testPhrase), m.config())
	if err != nil {
		return nil, err
	}
	for _, n := range s.Notices() {
		codes = append(codes, n.Code)
	}
	return codes, s.Close()
}

func createAt(t testing.TB, m machine) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "vault.bundel")
	s, _, err := Create(path, testPhrase, m.config())
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Notices()) > 0 {
		t.Errorf("a new store has notices: %v", s.Notices())
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func copyFile(t testing.TB, from, to string) {
	t.Helper()
	raw, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, raw, 0o600); err != nil {
		t.Fatal(err)
	}
}

// scene is a store that wrote 3 entries, was copied with its anchor, and wrote 2
// more.
type scene struct {
	path, old, anchor, oldAnchor string
	m                            machine
}

func newScene(t *testing.T) scene {
	t.Helper()
	s := scene{m: newMachine(t)}
	s.path = createAt(t, s.m)
	s.old, s.anchor = s.path+".old", s.m.anchor(t)
	s.oldAnchor = s.anchor + ".old"
	s.m.write(t, s.path, "first", 3)
	copyFile(t, s.path, s.old)
	copyFile(t, s.anchor, s.oldAnchor)
	s.m.write(t, s.path, "second", 2)
	return s
}

// trick is what can be done with copies of a store and its anchor.
type trick struct {
	do     func(*testing.T, scene)
	older  bool
	notice WarningCode
}

func tricksWithCopies() map[string]trick {
	return map[string]trick{
		"nothing":             {do: func(*testing.T, scene) {}},
		"the older file back": {do: func(t *testing.T, s scene) { copyFile(t, s.old, s.path) }, older: true},
		"the older file with other changes": {do: func(t *testing.T, s scene) {
			copyFile(t, s.old, s.path)
			newMachine(t).write(t, s.path, "elsewhere", 9)
		}, older: true},
		"the older file, as far as the newer": {do: func(t *testing.T, s scene) {
			copyFile(t, s.old, s.path)
			newMachine(t).write(t, s.path, "elsewhere", 1) // and the notice: 2 commits
		}, older: true},
		// A crash between the commit and the anchor looks like this.
		"the older anchor back": {do: func(t *testing.T, s scene) { copyFile(t, s.oldAnchor, s.anchor) }},
		"a draft of the anchor left": {do: func(t *testing.T, s scene) {
			_ = os.WriteFile(s.anchor+".tmp", []byte("half"), 0o600)
		}},
		// The limit: who reaches both is not noticed.
		"both back": {do: func(t *testing.T, s scene) {
			copyFile(t, s.old, s.path)
			copyFile(t, s.oldAnchor, s.anchor)
		}},
		"the older file back, the anchor gone": {do: func(t *testing.T, s scene) {
			copyFile(t, s.old, s.path)
			_ = os.Remove(s.anchor)
		}, notice: AnchorNew},
		"the anchor gone":   {do: func(_ *testing.T, s scene) { _ = os.Remove(s.anchor) }, notice: AnchorNew},
		"the anchor empty":  {do: func(_ *testing.T, s scene) { _ = os.Truncate(s.anchor, 0) }, notice: AnchorNew},
		"the anchor cut":    {do: func(_ *testing.T, s scene) { _ = os.Truncate(s.anchor, 40) }, notice: AnchorSpoilt},
		"the anchor forged": {do: func(_ *testing.T, s scene) { _ = os.WriteFile(s.anchor, make([]byte, 90), 0o600) }, notice: AnchorSpoilt},
		"the anchor of another store": {do: func(t *testing.T, s scene) {
			other := newMachine(t)
			createAt(t, other)
			copyFile(t, other.anchor(t), s.anchor)
		}, notice: AnchorSpoilt},
		"a sealed head for an anchor": {do: func(t *testing.T, s scene) {
			_ = os.WriteFile(s.anchor, state(t, s.path)["s"]["head"], 0o600)
		}, notice: AnchorSpoilt},
		"a folder for an anchor": {do: func(_ *testing.T, s scene) {
			_ = os.Remove(s.anchor)
			_ = os.Mkdir(s.anchor, 0o700)
		}, notice: AnchorUnread},
	}
}

func TestPromise_OlderCopyIsNoticed(t *testing.T) {
	for name, c := range tricksWithCopies() {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			c.do(t, s)
			codes, err := s.m.codes(t, s.path)
			if errors.Is(err, ErrRolledBack) != c.older || (err != nil && !c.older) {
				t.Fatalf("%v", err)
			}
			if slices.Contains(codes, c.notice) != (c.notice != "") || len(codes) > 1 {
				t.Errorf("noticed %v, want %q", codes, c.notice)
			}
			if c.notice == AnchorUnread || c.older {
				return
			}
			if codes, err := s.m.codes(t, s.path); err != nil || len(codes) > 0 {
				t.Errorf("the next time: %v %v", codes, err)
			}
		})
	}
}

func TestRolledBackError(t *testing.T) {
	m := newMachine(t)
	path := createAt(t, m)
	m.write(t, path, "first", 3)
	copyFile(t, path, path+".old")
	m.write(t, path, "second", 2)
	copyFile(t, path+".old", path)
	before, _ := os.ReadFile(path)
	_, err := m.codes(t, path)
	var older *RolledBackError
	if !errors.As(err, &older) || older.Have != 4 || older.Want != 6 || older.Forked {
		t.Fatalf("%v", err)
	}
	if older.HaveAt.Year() != testStart.Year() || older.WantAt.Year() != testStart.Year() {
		t.Errorf("%+v", older)
	}
	if strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "older copy") {
		t.Errorf("%v", err)
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
		t.Error("a store that was refused was written to")
	}
	_, err = Open(path, Passphrase([]byte("not the passphrase")), m.config())
	if !errors.Is(err, ErrWrongKey) || errors.Is(err, ErrRolledBack) {
		t.Errorf("the anchor speaks to somebody without the key: %v", err)
	}
}

// notes gives the entries of the log that are about the store itself.
func notes(t testing.TB, s *Store) (codes []string) {
	t.Helper()
	for e, err := range s.Log(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		var n struct{ Store string }
		if json.Unmarshal(e.Entry, &n) == nil && n.Store != "" {
			codes = append(codes, n.Store)
		}
	}
	return codes
}

// Whoever put back a back-up goes on with it; that stands in the log, and the
// newer file is now the one that lacks something.
func TestAcceptOlder(t *testing.T) {
	m := newMachine(t)
	path := createAt(t, m)
	m.write(t, path, "first", 3)
	copyFile(t, path, path+".old")
	m.write(t, path, "second", 20)
	copyFile(t, path, path+".newer")
	copyFile(t, path+".old", path)
	cfg := m.config()
	cfg.AcceptOlder = true
	s, err := Open(path, Passphrase(testPhrase), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Warning{{OlderAccepted}}, s.Notices()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"older-accepted"}, notes(t, s)); diff != "" {
		t.Error(diff)
	}
	_ = s.Close()
	m.write(t, path, "third", 1)
	copyFile(t, path+".newer", path)
	var older *RolledBackError
	if _, err := m.codes(t, path); !errors.As(err, &older) || !older.Forked || older.Have < older.Want {
		t.Errorf("the newer file after all: %v", err)
	}
	s, err = Open(path, Passphrase(testPhrase), cfg) // where nothing is lacking it changes nothing
	if err != nil || len(s.Notices()) != 1 {
		t.Fatal(err)
	}
	_ = s.Close()
	if s, err = Open(path, Passphrase(testPhrase), cfg); err != nil || len(s.Notices()) != 0 {
		t.Errorf("once more: %v", err)
	}
	_ = s.Close()
}

// TestPromise_ForkIsNoticed lets three machines share a file that is copied to
// and fro at random. A machine is told when the file lacks an entry that it wrote
// itself, and never when the file holds all it has seen.
func TestPromise_ForkIsNoticed(t *testing.T) {
	dir := t.TempDir()
	empty := createAt(t, machine{filepath.Join(dir, "maker")})
	runs := 0
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		here := filepath.Join(dir, fmt.Sprint(runs))
		_ = os.Mkdir(here, 0o700)
		shared := &sharing{t: t, dir: here}
		for i := range 3 {
			p := &peer{machine: machine{filepath.Join(here, fmt.Sprint("state", i))}, path: filepath.Join(here, fmt.Sprint("vault", i))}
			copyFile(t, empty, p.path)
			shared.peers = append(shared.peers, p)
		}
		for n := range rapid.IntRange(4, 14).Draw(rt, "steps") {
			p := shared.peers[rapid.IntRange(0, 2).Draw(rt, "peer")]
			q := shared.peers[rapid.IntRange(0, 2).Draw(rt, "other")]
			switch rapid.SampledFrom([]string{"write", "write", "take", "look", "accept"}).Draw(rt, "step") {
			case "write":
				shared.open(p, false, fmt.Sprint("entry ", n))
			case "take":
				if p != q {
					copyFile(t, q.path, p.path)
				}
			case "look":
				shared.open(p, false, "")
			case "accept":
				shared.open(p, true, "")
			}
		}
	})
}

// peer is one machine, its copy of the file, and what it wrote and saw.
type peer struct {
	machine
	path       string
	mine, seen []string
}

type sharing struct {
	t     *testing.T
	dir   string
	peers []*peer
}

// open looks at the file of a peer, checks both halves of the promise, and may
// write to it.
func (x *sharing) open(p *peer, accept bool, entry string) {
	x.t.Helper()
	there := x.entries(p.path)
	cfg := p.config()
	cfg.AcceptOlder = accept
	s, err := Open(p.path, Passphrase(testPhrase), cfg)
	lacks := slices.ContainsFunc(p.mine, func(e string) bool { return !slices.Contains(there, e) })
	whole := len(there) >= len(p.seen) && slices.Equal(p.seen, there[:len(p.seen)])
	switch {
	case errors.Is(err, ErrRolledBack) && (whole || accept):
		x.t.Fatalf("a false alarm: %v", err)
	case errors.Is(err, ErrRolledBack):
		return
	case err != nil:
		x.t.Fatal(err)
	case lacks && !accept:
		x.t.Fatal("the file lacks what was written here, and nobody says so")
	}
	if lacks {
		p.mine = nil
	}
	if entry != "" {
		entry += filepath.Base(p.path)
		if err := s.Append(context.Background(), []byte(entry)); err != nil {
			x.t.Fatal(err)
		}
		p.mine = append(p.mine, entry)
	}
	if err := s.Close(); err != nil {
		x.t.Fatal(err)
	}
	p.seen = x.entries(p.path)
}

// entries reads the log of a copy, without any anchor.
func (x *sharing) entries(path string) (all []string) {
	x.t.Helper()
	looked := filepath.Join(x.dir, "looked")
	copyFile(x.t, path, looked)
	s, err := Open(looked, Passphrase(testPhrase), cheap())
	if err != nil {
		x.t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for e, err := range s.Log(context.Background()) {
		if err != nil {
			x.t.Fatal(err)
		}
		all = append(all, string(e.Entry))
	}
	return all
}

// shelfAnchor is what a vendor would write, with a fault to order.
type shelfAnchor struct {
	kept  []byte
	saves int
	err   error
}

func (a *shelfAnchor) Load() ([]byte, error) { return a.kept, nil }
func (a *shelfAnchor) Save(b []byte) error {
	a.saves++
	if a.err == nil {
		a.kept = slices.Clone(b)
	}
	return a.err
}

func TestAnchorElsewhere(t *testing.T) {
	kv, anchor := Memory(), &shelfAnchor{}
	cfg := cheap()
	cfg.Anchor, cfg.State = anchor, filepath.Join(t.TempDir(), "not used")
	s, _, err := CreateOn(kv, testPhrase, cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	before := slices.Clone(anchor.kept)
	put(t, s, clinic, resource("Basic", "a", "text"))
	if bytes.Equal(before, anchor.kept) {
		t.Error("the anchor does not follow a Put")
	}
	saves := anchor.saves
	put(t, s, clinic, resource("Basic", "a", "text"))
	_ = s.Keep(ctx, Setting, "a", []byte("b"))
	if anchor.saves != saves {
		t.Error("the anchor follows where nothing came")
	}
	for range anchorEvery {
		_ = s.Append(ctx, []byte("entry"))
	}
	if anchor.saves != saves+1 {
		t.Errorf("%d times in %d commits", anchor.saves-saves, anchorEvery)
	}
	if err := s.Compact(ctx); err != nil || anchor.saves != saves+2 {
		t.Errorf("%d times with a new file: %v", anchor.saves-saves, err)
	}
	anchor.err = errors.New("the database is away")
	if err := s.Close(); err != nil {
		t.Errorf("closed with: %v", err)
	}
	if _, err := os.Stat(cfg.State); err == nil {
		t.Error("the folder was made")
	}
	anchor.err, anchor.kept[20] = nil, anchor.kept[20]^1
	s, err = OpenOn(kv, Passphrase(testPhrase), cfg)
	if err != nil || !cmp.Equal(s.Notices(), []Warning{{AnchorSpoilt}}) {
		t.Fatal(s.Notices(), err)
	}
	if err := s.Destroy(); err != nil || len(anchor.kept) > 0 {
		t.Errorf("of a store that is no more: %d bytes, %v", len(anchor.kept), err)
	}
}

// Of two programs with one anchor the slower does not bring it back.
func TestAnchorNeverGoesBack(t *testing.T) {
	m := newMachine(t)
	path := createAt(t, m)
	copyFile(t, path, path+".copy")
	slow, err := Open(path+".copy", Passphrase(testPhrase), m.config())
	if err != nil {
		t.Fatal(err)
	}
	_ = slow.Append(context.Background(), []byte("slow"))
	m.write(t, path, "fast", 5)
	before, _ := os.ReadFile(m.anchor(t))
	_ = slow.Close()
	if after, _ := os.ReadFile(m.anchor(t)); !bytes.Equal(before, after) {
		t.Error("it went back")
	}
	if codes, err := m.codes(t, path); err != nil || len(codes) > 0 {
		t.Errorf("%v %v", codes, err)
	}
	if _, err := m.codes(t, path+".copy"); !errors.Is(err, ErrRolledBack) {
		t.Errorf("the copy: %v", err)
	}
}

// A folder that cannot be written to keeps nobody from the store.
func TestStateFolderIsAway(t *testing.T) {
	var log bytes.Buffer
	cfg := cheap()
	cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
	cfg.State = filepath.Join(t.TempDir(), "file", "below")
	_ = os.WriteFile(filepath.Dir(cfg.State), nil, 0o600)
	path := filepath.Join(t.TempDir(), "v")
	s, _, err := Create(path, testPhrase, cfg)
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, clinic, resource("Basic", "a", "text"))
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if text := log.String(); !strings.Contains(text, "anchor-unread") || strings.Contains(text, filepath.Dir(cfg.State)) {
		t.Errorf("the log says: %q", text)
	}
}

// Every byte of an anchor counts, and it says nothing to a reader.
func TestAnchorFlips(t *testing.T) {
	m := newMachine(t)
	path := createAt(t, m)
	m.write(t, path, "first", 2)
	s, err := Open(path, Passphrase(testPhrase), m.config())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	whole, _ := os.ReadFile(m.anchor(t))
	if info, _ := os.Stat(m.anchor(t)); info.Mode().Perm()&0o077 != 0 {
		t.Errorf("mode %v", info.Mode())
	}
	for i := range whole {
		bad := slices.Clone(whole)
		bad[i] ^= 1 << (i % 8)
		for _, b := range [][]byte{bad, whole[:i]} {
			if _, code := readAnchor(&shelfAnchor{kept: b}, s.vault); code == "" {
				t.Fatalf("byte %d of %d does not count", i, len(whole))
			}
		}
	}
	if said, code := readAnchor(&shelfAnchor{kept: whole}, s.vault); code != "" || said.Commit != s.vault.Head().Commit {
		t.Errorf("%+v %q", said, code)
	}
}

// A salvage makes a store with the same identity and other keys. It leaves the
// anchor of the damaged one alone, and opening it says that there is none for it.
func TestAnchorAndSalvage(t *testing.T) {
	s := newScene(t)
	before, _ := os.ReadFile(s.anchor)
	to := s.path + ".salvaged"
	if _, err := Salvage(context.Background(), s.path, Passphrase(testPhrase), to, s.m.config()); err != nil {
		t.Fatal(err)
	}
	if after, _ := os.ReadFile(s.anchor); !bytes.Equal(before, after) {
		t.Error("the anchor was touched")
	}
	if codes, err := s.m.codes(t, s.path); err != nil || len(codes) > 0 {
		t.Errorf("the damaged one: %v %v", codes, err)
	}
	if codes, err := s.m.codes(t, to); err != nil || !cmp.Equal(codes, []WarningCode{AnchorSpoilt}) {
		t.Errorf("the salvaged one: %v %v", codes, err)
	}
}

// The list of writers is bounded, and a writer that made way is no false alarm.
func TestManyWriters(t *testing.T) {
	first := newMachine(t)
	path := createAt(t, first)
	first.write(t, path, "first", 1)
	for i := range 20 {
		newMachine(t).write(t, path, fmt.Sprint("machine ", i), 1)
	}
	if codes, err := first.codes(t, path); err != nil || len(codes) > 0 {
		t.Errorf("%v %v", codes, err)
	}
	s, err := Open(path, Passphrase(testPhrase), cheap())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if head := s.vault.Head(); len(head.Marks) != 16 || head.Unmarked == 0 {
		t.Errorf("%d writers, %d made way", len(head.Marks), head.Unmarked)
	}
}
