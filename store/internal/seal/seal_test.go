package seal

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bundel-pgo/bundel/store/internal/fault"
	"github.com/bundel-pgo/bundel/store/internal/keys"
)

// The layout is final: these bytes may never change.
func TestLayout(t *testing.T) {
	p := place{store: [16]byte{0xaa}, bucket: []byte("bucket-8"), key: recordKey{0xbb}, epoch: 0x01020304}
	want := hex.EncodeToString([]byte("bundel.rec.1")) + "aa" + strings.Repeat("00", 15) +
		hex.EncodeToString([]byte("bucket-8")) + "bb" + strings.Repeat("00", 15) + "01" + "01020304"
	if got := hex.EncodeToString(p.aad()); got != want {
		t.Errorf("bound data\n%s, want\n%s", got, want)
	}
	p.chunk = &position{number: 5, last: true}
	if got := hex.EncodeToString(p.aad()); got != want+"00000005"+"01" {
		t.Errorf("bound data of a chunk\n%s", got)
	}

	n := Name{Kind: Resource, Parts: []string{"self", "", "Basic", "a", Number(2)}}
	logical := "\x04self\x00\x05Basic\x01a\x08\x00\x00\x00\x00\x00\x00\x00\x02"
	mac := hmac.New(sha256.New, []byte("key"))
	mac.Write([]byte("\x01compartment-16id\x01" + logical))
	if got := hide([]byte("key"), []byte("compartment-16id"), n); !bytes.Equal(got[:], mac.Sum(nil)[:16]) {
		t.Errorf("name %x", got)
	}

	plain := envelope{commit: 300, flags: flagGone, payload: []byte("hello")}.encode()
	if got := string(plain); got != "\xac\x02\x10\x05hello\x00" {
		t.Errorf("plaintext %q", got)
	}
	value := p.seal(testTable().AEAD("dek"), plain)
	if len(value) != 34+len(plain) || string(value[:6]) != "\x01\x01\x01\x02\x03\x04" {
		t.Errorf("value of %d bytes: %x", len(value), value[:6])
	}
	packer, _ := newPacker()
	got, err := packer.pack(Entry{Name: Name{Kind: Setting, Parts: []string{"a"}}, Meta: []byte("m"), Body: []byte("b")})
	if err != nil || string(got.payload) != "\x08\x02\x01a\x01mb" || got.flags != 0 {
		t.Errorf("payload %q flags %x %v", got.payload, got.flags, err)
	}
}

func testTable() *keys.Table {
	t := keys.NewTable([16]byte{}, 1, make([]byte, keys.Size))
	t.Make("dek")
	return t
}

func TestPadme(t *testing.T) {
	for n, want := range map[int]int{0: 0, 1: 1, 8: 8, 9: 10, 100: 104, 1000: 1024, 1025: 1088, 1 << 20: 1 << 20} {
		if got := padme(n); got != want {
			t.Errorf("%d: %d, want %d", n, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 1<<30).Draw(t, "n")
		if p := padme(n); p < n || float64(p) > 1.12*float64(n) || padme(p) != p {
			t.Fatalf("%d: %d", n, p)
		}
	})
}

func TestSetHashIsASum(t *testing.T) {
	mod := new(big.Int).Lsh(big.NewInt(1), 256)
	number := func(h SetHash) *big.Int {
		text, _ := h.MarshalText()
		n, _ := new(big.Int).SetString(string(text), 16)
		return n
	}
	lane := rapid.OneOf(rapid.Uint64(), rapid.SampledFrom([]uint64{0, 1, ^uint64(0)}))
	draw := rapid.Custom(func(t *rapid.T) SetHash {
		return SetHash{lane.Draw(t, "0"), lane.Draw(t, "1"), lane.Draw(t, "2"), lane.Draw(t, "3")}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := draw.Draw(t, "a"), draw.Draw(t, "b")
		sum := a
		sum.add(b)
		want := new(big.Int).Mod(new(big.Int).Add(number(a), number(b)), mod)
		if number(sum).Cmp(want) != 0 {
			t.Fatalf("sum %x", sum)
		}
		sum.sub(b)
		var back SetHash
		text, _ := a.MarshalText()
		if err := back.UnmarshalText(text); err != nil || sum != a || back != a {
			t.Fatalf("difference %x, text %s", sum, text)
		}
	})
}

func TestNamesAreDistinct(t *testing.T) {
	part := rapid.StringMatching(`[a\x00\x01]{0,3}`)
	name := rapid.Custom(func(t *rapid.T) Name {
		return Name{Kind: Resource, Parts: rapid.SliceOfN(part, 0, 4).Draw(t, "parts")}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := name.Draw(t, "a"), name.Draw(t, "b")
		same := slices.Equal(a.Parts, b.Parts)
		if bytes.Equal(a.encode(), b.encode()) != same || (hide(nil, nil, a) == hide(nil, nil, b)) != same {
			t.Fatal("two names give the same bytes")
		}
		back, ok := decodeName(Resource, a.encode())
		if !ok || !slices.Equal(back.Parts, a.Parts) {
			t.Fatalf("%q comes back as %q", a.Parts, back.Parts)
		}
	})
}

// mem is a KV in memory whose commits can be made to fail.
type mem struct {
	buckets map[string]map[string][]byte
	fail    error // given by the next Update, after it was applied
}

type memTx struct{ buckets map[string]map[string][]byte }

type memBucket map[string][]byte

func (m *mem) View(fn func(KVTx) error) error { return fn(memTx{m.buckets}) }

func (m *mem) Update(fn func(KVTx) error) error {
	draft := map[string]map[string][]byte{}
	for name, values := range m.buckets {
		draft[name] = map[string][]byte{}
		for k, v := range values {
			draft[name][k] = v
		}
	}
	if err := fn(memTx{draft}); err != nil {
		return err
	}
	m.buckets = draft
	err := m.fail
	m.fail = nil
	return err
}

func (m *mem) Close() error { return nil }

func (t memTx) Bucket(name []byte) (Bucket, error) {
	if b, ok := t.buckets[string(name)]; ok {
		return memBucket(b), nil
	}
	return nil, nil
}

func (t memTx) Drop(name []byte) error { delete(t.buckets, string(name)); return nil }

func (t memTx) Create(name []byte) (Bucket, error) {
	t.buckets[string(name)] = map[string][]byte{}
	return t.Bucket(name)
}

func (t memTx) Names() (names [][]byte, err error) {
	for name := range t.buckets {
		names = append(names, []byte(name))
	}
	return names, nil
}

func (b memBucket) Get(key []byte) ([]byte, error) { return b[string(key)], nil }
func (b memBucket) Put(key, value []byte) error    { b[string(key)] = value; return nil }
func (b memBucket) Delete(key []byte) error        { delete(b, string(key)); return nil }
func (b memBucket) ForEach(fn func(k, v []byte) error) error {
	for _, k := range slices.Sorted(maps.Keys(b)) {
		if err := fn([]byte(k), b[k]); err != nil {
			return err
		}
	}
	return nil
}

func newMem(t testing.TB) (*mem, *Vault) {
	t.Helper()
	kv := &mem{buckets: map[string]map[string][]byte{}}
	h, vaultKey, _, err := keys.NewHeader([]byte("passphrase"), keys.KDF{Time: 1, Memory: 64, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := Create(kv, h, slices.Clone(vaultKey)); err != nil {
		t.Fatal(err)
	}
	v, err := Open(kv, h, vaultKey)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Close)
	return kv, v
}

func note(text string) Entry {
	return Entry{Name: Name{Kind: Setting, Parts: []string{"note"}}, Body: []byte(text)}
}

func TestVault(t *testing.T) {
	_, v := newMem(t)
	large := Entry{Name: Name{Kind: Resource, Parts: []string{"large"}}, Meta: []byte("m"), Body: random(300_000)}
	err := v.Update(func(tx *Tx) error {
		return errors.Join(tx.Add("a", large), tx.Replace(Settings, note("one")), tx.Replace(Settings, note("two")))
	})
	if err != nil {
		t.Fatal(err)
	}
	taken := v.Update(func(tx *Tx) error { return errors.Join(tx.Add("b", note("x")), tx.Add("a", large)) })
	huge := v.Update(func(tx *Tx) error { return tx.Replace("a", Entry{Body: make([]byte, 1<<20)}) })
	if !errors.Is(taken, ErrTaken) || !errors.Is(huge, ErrTooLarge) {
		t.Errorf("%v %v", taken, huge)
	}
	if v.Head().Commit != 2 || v.Head().find("b") != nil {
		t.Errorf("a failed transaction left something: %+v", v.Head())
	}
	err = v.View(func(tx *Tx) error {
		got, found, err := tx.Get("a", large.Name)
		large.Commit = 2
		if diff := cmp.Diff(large, got); !found || diff != "" {
			t.Errorf("large: %v %.300s", found, diff)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	seen := map[string]int{}
	damage, err := v.Scan(false, func(compartment string, e Entry) { seen[compartment+string(e.Body)]++ })
	if err != nil || len(damage) > 0 || !cmp.Equal(seen, map[string]int{"a": 1, Settings + "two": 1}) {
		t.Errorf("scan: %v %v %v", seen, damage, err)
	}
}

// Chunks of two large records, or of one record in another order, do not mix.
func TestChunksStayInPlace(t *testing.T) {
	for name, swap := range map[string]func(a, b []recordKey) (x, y recordKey){
		"within a record":     func(a, _ []recordKey) (x, y recordKey) { return a[0], a[1] },
		"between two records": func(a, b []recordKey) (x, y recordKey) { return a[2], b[2] },
		"the last one first":  func(a, _ []recordKey) (x, y recordKey) { return a[0], a[len(a)-1] },
	} {
		kv, v := newMem(t)
		names := []Name{{Kind: Resource, Parts: []string{"one"}}, {Kind: Resource, Parts: []string{"two"}}}
		var chunks [2][]recordKey
		err := v.Update(func(tx *Tx) error {
			for i, n := range names {
				if err := tx.Add("a", Entry{Name: n, Body: random(320 << 10)}); err != nil {
					return err
				}
				s, _, _ := tx.spot("a")
				for c := range uint32(5) {
					chunks[i] = append(chunks[i], tx.key(s, n.chunk(c)))
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		b := kv.buckets[string(v.Head().find("a").Bucket)]
		x, y := swap(chunks[0], chunks[1])
		b[string(x[:])], b[string(y[:])] = b[string(y[:])], b[string(x[:])]
		err = v.View(func(tx *Tx) error { _, _, err := tx.Get("a", names[0]); return err })
		damage, scanErr := v.Scan(false, func(string, Entry) {})
		if !errors.Is(err, fault.ErrDamaged) || len(damage) == 0 || scanErr != nil {
			t.Errorf("%s: %v, scan %v %v", name, err, damage, scanErr)
		}
	}
}

func TestEveryRecordIsCounted(t *testing.T) {
	kv, v := newMem(t)
	rapid.Check(t, func(t *rapid.T) {
		n := Name{Kind: Setting, Parts: []string{rapid.StringMatching(`[a-f]`).Draw(t, "name")}}
		err := v.Update(func(tx *Tx) error {
			if rapid.Bool().Draw(t, "delete") {
				_, err := tx.Delete(Settings, n)
				return err
			}
			return tx.Replace(Settings, Entry{Name: n, Body: random(10)})
		})
		if err != nil {
			t.Fatal(err)
		}
		if damage, err := v.Scan(false, func(string, Entry) {}); err != nil || len(damage) > 0 {
			t.Fatal(damage, err)
		}
		c := v.Head().find(Settings)
		if int(c.Count) != len(kv.buckets[string(c.Bucket)]) {
			t.Fatalf("count %d", c.Count)
		}
	})
}

// When a commit fails nobody knows whether it is on the disk. If it is, the
// vault must not go on from its older head.
func TestFailedCommit(t *testing.T) {
	kv, v := newMem(t)
	full := errors.New("disk full")
	write := func() error { return v.Update(func(tx *Tx) error { return tx.Replace(Settings, note("x")) }) }
	kv.fail = full
	if err := write(); !errors.Is(err, full) {
		t.Fatal(err)
	}
	if err := write(); !errors.Is(err, ErrReopen) {
		t.Errorf("on the disk after all: %v", err)
	}
	kv, v = newMem(t)
	before := kv.buckets
	err := v.Update(func(*Tx) error { return full })
	if !errors.Is(err, full) || !cmp.Equal(before, kv.buckets) || write() != nil {
		t.Errorf("not on the disk: %v", err)
	}
}

func TestWornKeyIsRefused(t *testing.T) {
	_, v := newMem(t)
	write := func() error { return v.Update(func(tx *Tx) error { return tx.Replace(Settings, note("x")) }) }
	v.maxSeals = 5 // commits: the data key is fresh
	v.head.Load().find(Settings).Seals = 4
	if err := write(); err != nil {
		t.Fatalf("the last one it may: %v", err)
	}
	if err := write(); !errors.Is(err, ErrWorn) {
		t.Errorf("the data key: %v", err)
	}
	if err := v.Update(func(tx *Tx) error { return tx.Replace(Tokens, note("y")) }); err != nil {
		t.Errorf("another compartment has a key of its own: %v", err)
	}
	v.maxSeals = v.Head().Commit
	if err := v.Update(func(tx *Tx) error { return tx.Replace(Tokens, note("z")) }); !errors.Is(err, ErrWorn) {
		t.Errorf("the key of the head: %v", err)
	}
	err := v.View(func(tx *Tx) error {
		if _, found, err := tx.Get(Settings, note("x").Name); err != nil || !found {
			t.Errorf("no longer read: %v", err)
		}
		return nil
	})
	if err != nil || maxSeals != 1<<31 {
		t.Error(err)
	}
}

func TestNewerReaderIsAskedFor(t *testing.T) {
	kv, v := newMem(t)
	head := v.Head().clone()
	head.MinReader = reader + 1
	plain, err := json.Marshal(head)
	if err != nil {
		t.Fatal(err)
	}
	plain = envelope{payload: plain}.encode()
	sealed := v.keys.AEAD(keys.Head).Seal([]byte{recordVersion, algGCM}, nil, plain, v.headAAD())
	kv.buckets[string(bucketHead)][string(keyHead)] = sealed
	var newer *fault.NewerError
	if err := kv.View(v.load); !errors.As(err, &newer) || newer.Need != reader+1 {
		t.Error(err)
	}
}

func TestLogChain(t *testing.T) {
	_, v := newMem(t)
	at := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	for _, text := range []string{"a", "b", ""} {
		if err := v.Update(func(tx *Tx) error { return tx.AppendLine(at, []byte(text)) }); err != nil {
			t.Fatal(err)
		}
	}
	err := v.View(func(tx *Tx) error {
		one, err1 := tx.ReadLine(1, tx.LogStart().Chain)
		two, err2 := tx.ReadLine(2, one.Chain)
		_, wrong := tx.ReadLine(3, one.Chain)
		_, none := tx.ReadLine(4, two.Chain)
		if !one.Time.Equal(at) || string(two.Text) != "b" || !errors.Is(wrong, fault.ErrDamaged) ||
			!errors.Is(none, fault.ErrDamaged) || !errors.Is(tx.CheckTip(two), fault.ErrDamaged) {
			t.Errorf("%+v %+v %v %v", one, two, wrong, none)
		}
		return errors.Join(err1, err2)
	})
	if err != nil {
		t.Error(err)
	}
}

func FuzzRecordOpen(f *testing.F) {
	p, err := newPacker()
	if err != nil {
		f.Fatal(err)
	}
	at := place{bucket: []byte("bucket-8"), epoch: 1}
	aead := testTable().AEAD("dek")
	for _, text := range []string{"short", strings.Repeat("long ", 100)} {
		packed, err := p.pack(note(text))
		if err != nil {
			f.Fatal(err)
		}
		plain := envelope{flags: packed.flags, payload: packed.payload}.encode()
		f.Add(plain)
		f.Add(at.seal(testTable().AEAD("dek"), plain)) // under another key
	}
	f.Add(envelope{flags: flagChunked, payload: appendList(appendFront(nil, note("")), []byte("body"))}.encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		// Sealed, nothing made without the key opens.
		if _, err := at.open(aead, b); !errors.Is(err, fault.ErrDamaged) {
			t.Fatalf("opened: %v", err)
		}
		// What was sealed, by whatever program, gives an entry or an error.
		env, err := decodeEnvelope(b)
		if err != nil {
			return
		}
		e, l, err := p.unpack(env)
		switch {
		case err != nil && !errors.Is(err, fault.ErrDamaged):
			t.Fatalf("untyped error %v", err)
		case err == nil && l != nil && (l.size > MaxBody || l.chunks() == 0):
			t.Fatalf("list of %d bytes", l.size)
		case err == nil && l == nil && len(e.Body) > MaxBody:
			t.Fatal("larger than any body may be")
		}
	})
}
