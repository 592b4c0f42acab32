package store

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/klauspost/compress/zstd"
)

// form is one way in which a text can be in a file.
type form struct {
	text, how string
	bytes     []byte
}

// formsOf gives every form in which a text would give itself away, also where it
// is a part of a longer one.
func formsOf(texts ...string) (all []form) {
	for _, text := range texts {
		b := []byte(text)
		quoted, _ := json.Marshal(text)
		units := utf16.Encode([]rune(text))
		little, _ := binary.Append(nil, binary.LittleEndian, units)
		big, _ := binary.Append(nil, binary.BigEndian, units)
		one, two, three := md5.Sum(b), sha1.Sum(b), sha256.Sum256(b) // #nosec G401 -- what must not be found
		ways := map[string][]byte{
			"raw": b, "upper case": []byte(strings.ToUpper(text)), "JSON": bytes.Trim(quoted, `"`),
			"escaped": []byte(strings.Trim(strconv.QuoteToASCII(text), `"`)), "address": []byte(url.QueryEscape(text)),
			"hex": []byte(hex.EncodeToString(b)), "HEX": []byte(strings.ToUpper(hex.EncodeToString(b))),
			"UTF-16 little": little, "UTF-16 big": big, "MD5": one[:], "SHA-1": two[:], "SHA-256": three[:],
		}
		for shift := range 3 {
			ways[fmt.Sprint("base64 ", shift)] = inBase64(base64.StdEncoding, b, shift)
			ways[fmt.Sprint("base64 of addresses ", shift)] = inBase64(base64.URLEncoding, b, shift)
		}
		for how, bytes := range ways {
			if len(bytes) >= 6 { // less turns up by chance
				all = append(all, form{text, how, bytes})
			}
		}
	}
	return all
}

// inBase64 gives the part of the encoding that does not depend on what comes
// before and after, when shift bytes of the group of three come before.
func inBase64(e *base64.Encoding, b []byte, shift int) []byte {
	whole := e.WithPadding(base64.NoPadding).EncodeToString(append(make([]byte, shift), b...))
	begin := (shift*8 + 5) / 6
	return []byte(whole[begin : (shift+len(b))*8/6])
}

// find gives the first form that is in b, as it is or in something compressed.
func find(b []byte, forms []form) (form, bool) {
	for _, f := range forms {
		if bytes.Contains(b, f.bytes) {
			return f, true
		}
	}
	for how, open := range unpackers() {
		for _, plain := range open(b) {
			if f, ok := find(plain, forms); ok {
				return form{f.text, f.how + " in " + how, f.bytes}, true
			}
		}
	}
	return form{}, false
}

// unpackers open whatever looks like the beginning of something compressed.
func unpackers() map[string]func([]byte) [][]byte {
	return map[string]func([]byte) [][]byte{
		"gzip": unpackAt([]byte{0x1f, 0x8b, 8}, func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }),
		"zlib": unpackAt([]byte{0x78, 0x9c}, func(r io.Reader) (io.Reader, error) { return zlib.NewReader(r) }),
		"zstd": unpackAt([]byte{0x28, 0xb5, 0x2f, 0xfd}, func(r io.Reader) (io.Reader, error) {
			return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20))
		}),
	}
}

func unpackAt(magic []byte, open func(io.Reader) (io.Reader, error)) func([]byte) [][]byte {
	return func(b []byte) (all [][]byte) {
		for at := bytes.Index(b, magic); at >= 0; {
			if r, err := open(bytes.NewReader(b[at:])); err == nil {
				plain, _ := io.ReadAll(io.LimitReader(r, 1<<20)) // what comes before an error counts
				if len(plain) > 0 {
					all = append(all, plain)
				}
			}
			next := bytes.Index(b[at+1:], magic)
			if next < 0 {
				break
			}
			at += 1 + next
		}
		return all
	}
}

func scan(t *testing.T, what string, b []byte, forms []form) {
	t.Helper()
	if f, ok := find(b, forms); ok {
		t.Errorf("%s holds %q as %s", what, f.text, f.how)
	}
	// Four bytes may turn up by chance, but not as often as there are records.
	if n := bytes.Count(b, []byte{0x28, 0xb5, 0x2f, 0xfd}); n > 2 {
		t.Errorf("%s holds %d starts of zstd", what, n)
	}
}

// scanFolder looks at every file below a folder, and at their names, and tells
// whether one was on its way to another name. Files may go meanwhile.
func scanFolder(t *testing.T, when, root string, forms []form) (draft bool) {
	t.Helper()
	_ = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil
		}
		scan(t, when+": a name", []byte(d.Name()), forms)
		if b, err := os.ReadFile(p); err == nil && len(b) > 0 {
			scan(t, when+": "+d.Name(), b, forms)
			draft = draft || strings.HasSuffix(d.Name(), ".draft")
		}
		return nil
	})
	return draft
}

// The search finds what is there, in every form.
func TestScanFinds(t *testing.T) {
	forms := formsOf(stem, plainStem)
	packed := func(open func(io.Writer) io.WriteCloser) []byte {
		var b bytes.Buffer
		w := open(&b)
		_, _ = io.WriteString(w, "before "+stem+" after")
		_ = w.Close()
		return b.Bytes()
	}
	hidden := map[string][]byte{
		"gzip": packed(func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }),
		"zlib": packed(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }),
		"zstd": packed(func(w io.Writer) io.WriteCloser { z, _ := zstd.NewWriter(w); return z }),
	}
	for shift := range 3 {
		text := strings.Repeat("-", shift) + stem + "xyz"
		hidden[fmt.Sprint("base64 ", shift)] = []byte(base64.StdEncoding.EncodeToString([]byte(text)))
		hidden[fmt.Sprint("base64 of addresses ", shift)] = []byte(base64.RawURLEncoding.EncodeToString([]byte(text)))
	}
	for _, f := range forms {
		hidden[f.text+f.how] = f.bytes
	}
	noise := make([]byte, 9000)
	_, _ = rand.Read(noise)
	if f, ok := find(noise, forms); ok {
		t.Fatalf("%s in noise", f.how)
	}
	for how, b := range hidden {
		if _, ok := find(slices.Concat(noise[:4000], b, noise[4000:]), forms); !ok {
			t.Errorf("%s is not found", how)
		}
	}
	var raw bytes.Buffer // deflate has no beginning to look for: checkPages must see that it is no noise
	w, _ := flate.NewWriter(&raw, flate.BestCompression)
	for i := range 3000 {
		_, _ = fmt.Fprintf(w, "%s %d, ", stem, i*i%977)
	}
	_ = w.Close()
	if chi := chiSquare(raw.Bytes()[:4096]); chi < chiBound {
		t.Errorf("deflate looks like noise: %.0f", chi)
	}
}
