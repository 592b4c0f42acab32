package store

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// chiBound is how far the bytes of a page may be from all values being equally
// frequent. For noise the sum has a chi-square distribution of 255 degrees: mean
// 255, and above 450 once in 10^12 pages (z = 7.0 by Wilson and Hilferty). Text
// in base64 has 12,000 in 4 kB, hex 60,000, JSON more.
const chiBound = 450

// chiLeast is how many bytes the distribution needs: four of each value.
const chiLeast = 1024

// textBound is how many signs may stand in a row by chance: once in 10^10 pages.
const textBound = 30

func chiSquare(b []byte) (sum float64) {
	var counts [256]float64
	for _, c := range b {
		counts[c]++
	}
	want := float64(len(b)) / 256
	for _, n := range counts {
		sum += (n - want) * (n - want) / want
	}
	return sum
}

func TestChiSquare(t *testing.T) {
	noise := make([]byte, 4096)
	for range 2000 {
		_, _ = rand.Read(noise)
		for _, n := range []int{chiLeast, 4096} {
			if chi := chiSquare(noise[:n]); chi > chiBound {
				t.Errorf("noise of %d bytes: %.0f", n, chi)
			}
		}
	}
	for name, b := range map[string][]byte{
		"hex": []byte(hex.EncodeToString(noise)), "base64": []byte(base64.StdEncoding.EncodeToString(noise)),
		"one bit less": bytes.Map(func(r rune) rune { return r & 127 }, noise),
		"zeros":        make([]byte, chiLeast), "text": bytes.Repeat([]byte(`{"resourceType":"Patient","id":"a"},`), 40),
		"a tenth of text": append(bytes.Repeat([]byte("lisinopril 10 mg "), 25), noise[:3700]...),
	} {
		if chi := chiSquare(b[:min(len(b), 4096)]); chi < chiBound {
			t.Errorf("%s passes for noise: %.0f", name, chi)
		}
	}
}

// part says what a byte of the file is.
type part byte

const (
	unknown part = iota // must be zero, or the rest of a value on a free page
	frame               // of bbolt: headers, elements, bucket roots
	name                // of buckets and records
	plain               // values that are not sealed
	sealed
)

// atlas is a file with a part for each byte, by the page format of bbolt.
type atlas struct {
	raw   []byte
	parts []part
	plain map[string][]byte // by key
}

const pageBytes = 4096

func readAtlas(t *testing.T, path string) *atlas {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	a := &atlas{raw: raw, parts: make([]part, len(raw)), plain: map[string][]byte{}}
	for at := 0; at < len(raw); at += pageBytes {
		a.page(at)
	}
	return a
}

func (a *atlas) mark(at, n int, p part) {
	for i := at; i < min(at+n, len(a.parts)); i++ {
		a.parts[i] = p
	}
}

// page takes up a page that says its own number; others hold the rest of a value
// or nothing.
func (a *atlas) page(at int) {
	const meta, freelist, branch, leaf = 4, 16, 1, 2
	h := a.raw[at:]
	if binary.LittleEndian.Uint64(h) != uint64(at/pageBytes) {
		return
	}
	count := int(binary.LittleEndian.Uint16(h[10:]))
	switch binary.LittleEndian.Uint16(h[8:]) {
	case meta:
		a.mark(at, 16+64, frame)
	case freelist:
		a.mark(at, (1+int(binary.LittleEndian.Uint32(h[12:])))*pageBytes, frame)
	case branch:
		a.elements(at, count, func(e []byte) (flags, pos, key, value uint32) {
			u := binary.LittleEndian.Uint32
			return 0, u(e), u(e[4:]), 0
		})
	case leaf:
		a.leaf(at, count)
	}
}

func (a *atlas) leaf(at, count int) {
	a.elements(at, count, func(e []byte) (flags, pos, key, value uint32) {
		u := binary.LittleEndian.Uint32
		return u(e), u(e[4:]), u(e[8:]), u(e[12:])
	})
}

// elements marks keys and values. A bucket is a value with its root, and with its
// leaf when it is small.
func (a *atlas) elements(at, count int, parse func([]byte) (flags, pos, key, value uint32)) {
	a.mark(at, 16+16*count, frame)
	for i := range count {
		e := at + 16 + 16*i
		flags, pos, k, v := parse(a.raw[e:])
		key := e + int(pos)
		value := key + int(k)
		a.mark(key, int(k), name)
		switch word := string(a.raw[key:value]); {
		case v == 0:
		case flags == 1:
			a.mark(value, 16, frame)
			if binary.LittleEndian.Uint64(a.raw[value:]) == 0 {
				a.leaf(value+16, int(binary.LittleEndian.Uint16(a.raw[value+16+10:])))
			}
		case word == "header":
			a.mark(value, int(v), plain)
			a.plain[word] = a.raw[value : value+int(v)]
		default:
			skip := 2 // version and algorithm, of the head
			if k == 16 {
				skip = 6 // and the epoch
			} else if word != "head" {
				skip = 4 // the epoch of a wrapped key
			}
			a.mark(value, skip, frame)
			a.mark(value+skip, int(v)-skip, sealed)
		}
	}
}

// checkPages looks at each page of 4 kB: what is sealed in it must be noise, and
// beside that there is nothing but the frame, hidden names, zeros and the plain
// header, of which every field is known.
func checkPages(t *testing.T, path string) {
	t.Helper()
	a := readAtlas(t, path)
	noise := 0
	for at := 0; at < len(a.raw); at += pageBytes {
		values, rest := a.split(at, min(at+pageBytes, len(a.raw)))
		if len(values) >= chiLeast {
			noise++
			if chi := chiSquare(values); chi > chiBound {
				t.Errorf("what is sealed in page %d is no noise: %.0f", at/pageBytes, chi)
			}
		}
		rest = bytes.TrimRight(rest, "\x00")
		if chi := chiSquare(rest); len(rest) >= chiLeast && chi > chiBound {
			t.Errorf("page %d has %d bytes that are no noise and belong nowhere: %.0f", at/pageBytes, len(rest), chi)
		}
		if word := longestText(rest); len(word) > textBound {
			t.Errorf("page %d has a text of %d signs that belongs nowhere", at/pageBytes, len(word))
		}
	}
	if noise < 50 {
		t.Errorf("only %d pages of values", noise)
	}
	checkPlain(t, a.plain)
}

// split gives the sealed bytes of a page, and those that the atlas knows nothing
// of.
func (a *atlas) split(from, to int) (values, rest []byte) {
	for i := from; i < to; i++ {
		switch a.parts[i] {
		case sealed:
			values = append(values, a.raw[i])
		case unknown:
			rest = append(rest, a.raw[i])
		}
	}
	return values, rest
}

func longestText(b []byte) (longest []byte) {
	for word := range bytes.FieldsFuncSeq(b, func(r rune) bool { return r < ' ' || r > '~' }) {
		if len(word) > len(longest) {
			longest = word
		}
	}
	return longest
}

// checkPlain is the list of all that is readable in a store: which fields, and
// that each is random, a fixed word or a cost.
func checkPlain(t *testing.T, plain map[string][]byte) {
	t.Helper()
	if diff := cmp.Diff([]string{"header"}, slices.Collect(maps.Keys(plain))); diff != "" {
		t.Fatal(diff)
	}
	var fields map[string]json.RawMessage
	var h struct {
		Magic, KDF string
		StoreID    []byte
		Slots      [][]byte
	}
	if err := json.Unmarshal(plain["header"], &fields); err != nil {
		t.Fatal(err)
	}
	_ = json.Unmarshal(plain["header"], &h)
	if diff := cmp.Diff([]string{"kdf", "magic", "slots", "storeID"}, slices.Sorted(maps.Keys(fields))); diff != "" {
		t.Errorf("the header says something else: %s", diff)
	}
	if h.Magic != "BUNDEL1\x00" || h.KDF != "argon2id" || len(h.StoreID) != 16 || len(h.Slots) != 2 {
		t.Errorf("%+v", h)
	}
	for _, slot := range h.Slots {
		if word := longestText(slot); len(word) > textBound {
			t.Errorf("a slot has a text: %s", strings.ToUpper(string(word)))
		}
	}
}
