package share

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"image/png"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The example of HL7 SHL IG 1.0.0, links-specification, "Example SMART Health
// Link Generation" (HL7/smart-health-cards-and-links).
const exampleLink = "https://viewer.example.org#shlink:/eyJ1cmwiOiJodHRwczovL2Voci5leGFtcGxlLm9yZy9xci9ZOXh3a1VkdG1OOXd3b0pvTjNmZkpJaFgyVUd2Q0wxSm5sUFZOTDNrRFdNL20iLCJmbGFnIjoiTFAiLCJrZXkiOiJyeFRnWWxPYUtKUEZ0Y0VkMHFjY2VOOHdFVTRwOTRTcUF3SVdRZTZ1WDdRIiwibGFiZWwiOiJCYWNrLXRvLXNjaG9vbCBpbW11bml6YXRpb25zIGZvciBPbGl2ZXIgQnJvd24ifQ"

func exampleKey(t testing.TB) []byte {
	t.Helper()
	key, err := b64.DecodeString("rxTgYlOaKJPFtcEd0qcceN8wEU4p94SqAwIWQe6uX7Q")
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestTheExampleLinkIsRead(t *testing.T) {
	got, err := ParseLink(exampleLink)
	want := Payload{
		URL: "https://ehr.example.org/qr/Y9xwkUdtmN9wwoJoN3ffJIhX2UGvCL1JnlPVNL3kDWM/m",
		Key: exampleKey(t), Flags: "LP", Label: "Back-to-school immunizations for Oliver Brown",
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	if !got.Has(FlagLong) || !got.Has(FlagPasscode) || got.Has(FlagDirect) {
		t.Error("flags are not as in the example")
	}
}

// TestTheExampleFileDecrypts opens the JWE of the standard, "Example
// Encryption" of the same page.
func TestTheExampleFileDecrypts(t *testing.T) {
	sealed, err := os.ReadFile("testdata/ig-example.jwe")
	if err != nil {
		t.Fatal(err)
	}
	f, err := Unseal(bytes.TrimSpace(sealed), exampleKey(t))
	if err != nil {
		t.Fatal(err)
	}
	var card struct{ VerifiableCredential []string }
	if err := json.Unmarshal(f.Body, &card); err != nil || len(card.VerifiableCredential) != 1 {
		t.Fatalf("%v: %d cards", err, len(card.VerifiableCredential))
	}
	const start = "eyJ6aXAiOiJERUYiLCJhbGciOiJFUzI1NiIsImtpZCI6"
	if f.ContentType != TypeCard || !strings.HasPrefix(card.VerifiableCredential[0], start) {
		t.Errorf("%s %.60s", f.ContentType, card.VerifiableCredential[0])
	}
}

func TestLinksThatBreakARule(t *testing.T) {
	good := Payload{URL: "https://relay.example/shl/x", Key: NewKey()}
	for name, change := range map[string]func(*Payload){
		"short key":          func(p *Payload) { p.Key = p.Key[:31] },
		"no key":             func(p *Payload) { p.Key = nil },
		"long address":       func(p *Payload) { p.URL += strings.Repeat("x", 128) },
		"plain http":         func(p *Payload) { p.URL = "http://relay.example/shl/x" },
		"script":             func(p *Payload) { p.URL = "javascript:alert(1)" },
		"user in address":    func(p *Payload) { p.URL = "https://a:b@relay.example/" },
		"long label":         func(p *Payload) { p.Label = strings.Repeat("é", 81) },
		"order of flags":     func(p *Payload) { p.Flags = "PL" },
		"flag twice":         func(p *Payload) { p.Flags = "LL" },
		"one file, passcode": func(p *Payload) { p.Flags = "PU" },
	} {
		p := good
		change(&p)
		if link, err := p.Encode(""); err == nil {
			t.Errorf("%s: written as %s", name, link)
		}
		raw, err := json.Marshal(wirePayload{URL: p.URL, Key: b64.EncodeToString(p.Key), Flag: p.Flags, Label: p.Label})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseLink(scheme + b64.EncodeToString(raw)); !errors.Is(err, ErrNotLink) {
			t.Errorf("%s: read: %v", name, err)
		}
	}
	if _, err := good.Encode(""); err != nil {
		t.Error(err)
	}
}

func TestTextThatIsNoLink(t *testing.T) {
	newer := scheme + base64.RawURLEncoding.EncodeToString([]byte(`{"url":"https://a.example/","key":"`+b64.EncodeToString(NewKey())+`","v":2}`))
	for text, want := range map[string]error{
		"": ErrNotLink, "shlink:/": ErrNotLink, "shlink:/e30": ErrNotLink, "https://a.example/": ErrNotLink, "shlink:/%%%": ErrNotLink,
		"https://a.example/shlink:/e30":         ErrNotLink, // without "#" it would be sent to a server
		strings.Repeat("#", 5000) + exampleLink: ErrNotLink,
		exampleLink[:len(exampleLink)-9]:        ErrNotLink,
		newer:                                   ErrNewerLink,
		scheme + b64.EncodeToString([]byte(`{"url":1,"key":2}`)): ErrNotLink,
	} {
		if _, err := ParseLink(text); !errors.Is(err, want) {
			t.Errorf("%.40q: %v", text, err)
		}
	}
}

// TestAnyLinkComesBack: what is written is read, and what is unknown is let be.
func TestAnyLinkComesBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := Payload{
			URL: "https://r.example/" + rapid.StringMatching(`[A-Za-z0-9_-]{0,100}`).Draw(rt, "path"), Key: NewKey(),
			Flags: rapid.SampledFrom([]string{"", "L", "LP", "LU", "P", "U", "LPZ"}).Draw(rt, "flags"),
			Label: rapid.StringN(0, 80, 320).Draw(rt, "label"),
		}
		if rapid.Bool().Draw(rt, "expires") {
			p.Expires = time.Unix(rapid.Int64Range(1, 1<<39).Draw(rt, "exp"), 0).UTC()
		}
		viewer := rapid.SampledFrom([]string{"", "https://v.example/v/", "https://v.example/v/#"}).Draw(rt, "viewer")
		link, err := p.Encode(viewer)
		if err != nil {
			rt.Fatal(err)
		}
		got, err := ParseLink(link)
		p.Label = strings.ToValidUTF8(p.Label, "\ufffd")
		if diff := cmp.Diff(p, got); err != nil || diff != "" {
			rt.Fatalf("%v\n%s", err, diff)
		}
	})
}

func TestAFileSealsAnewEachTime(t *testing.T) {
	key, f := NewKey(), File{ContentType: TypeFHIR, Body: []byte(strings.Repeat(`{"resourceType":"Bundle"}`, 1000))}
	one, err := Seal(f, key)
	if err != nil {
		t.Fatal(err)
	}
	two, err := Seal(f, key)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Split(string(one), ".")[2] == strings.Split(string(two), ".")[2] {
		t.Error("the nonce was used twice")
	}
	if len(one) > len(f.Body)/10 {
		t.Errorf("not compressed: %d bytes", len(one))
	}
	got, err := Unseal(two, key)
	if diff := cmp.Diff(f, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

// TestAChangedFileDoesNotOpen changes each part of the JWE, and the key.
func TestAChangedFileDoesNotOpen(t *testing.T) {
	key := NewKey()
	sealed, err := Seal(File{ContentType: TypeFHIR, Body: []byte(`{"resourceType":"Bundle","id":"a"}`)}, key)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(string(sealed), ".")
	for i, part := range parts {
		changed := append([]string(nil), parts...)
		if i == 1 {
			changed[i] = "AAAA"
		} else {
			flip := []byte(part)
			flip[len(flip)/2] ^= 1
			changed[i] = string(flip)
		}
		if _, err := Unseal([]byte(strings.Join(changed, ".")), key); !errors.Is(err, ErrSealed) {
			t.Errorf("part %d changed: %v", i, err)
		}
	}
	for name, other := range map[string][]byte{"another key": NewKey(), "no key": nil, "half a key": key[:16]} {
		if _, err := Unseal(sealed, other); !errors.Is(err, ErrSealed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestOnlyTheCipherOfTheStandard: a file that names another way to the key is
// refused, whatever it says.
func TestOnlyTheCipherOfTheStandard(t *testing.T) {
	for _, head := range []string{`{"alg":"none"}`, `{"alg":"PBES2-HS256+A128KW","enc":"A256GCM","p2c":9999999,"p2s":"YQ"}`, `{"alg":"dir","enc":"A128CBC-HS256"}`} {
		sealed := b64.EncodeToString([]byte(head)) + "..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA"
		if _, err := Unseal([]byte(sealed), NewKey()); !errors.Is(err, ErrSealed) || isSealed(sealed) {
			t.Errorf("%s: %v", head, err)
		}
	}
}

func TestASquareCodeIsAPath(t *testing.T) {
	q, err := NewQR(exampleLink)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(q.PNG()))
	if err != nil {
		t.Fatal(err)
	}
	if got := picture.Bounds().Dx(); got != q.Size()*8 {
		t.Errorf("the picture is %d wide, the path %d modules", got, q.Size())
	}
	black := 0
	for y := range q.Size() {
		for x := range q.Size() {
			if r, _, _, _ := picture.At(x*8+4, y*8+4).RGBA(); r == 0 {
				black++
			}
		}
	}
	if drawn := areaOf(t, q.Path()); drawn != black {
		t.Errorf("the path draws %d modules, the picture %d", drawn, black)
	}
	if _, err := NewQR(strings.Repeat("x", 5000)); err == nil {
		t.Error("a code of 5000 characters was made")
	}
}

func areaOf(t *testing.T, path string) int {
	t.Helper()
	area := 0
	for _, run := range strings.Split(strings.TrimSuffix(path, "z"), "z") {
		_, width, ok := strings.Cut(run, "v1h-")
		n := json.Number(width)
		v, err := n.Int64()
		if !ok || err != nil {
			t.Fatalf("run %q", run)
		}
		area += int(v)
	}
	return area
}

func FuzzParseLink(f *testing.F) {
	f.Add(exampleLink)
	f.Add("shlink:/e30")
	f.Fuzz(func(t *testing.T, link string) {
		p, err := ParseLink(link)
		if err != nil {
			return
		}
		again, err := p.Encode("")
		if err != nil {
			t.Fatalf("read but not written: %v", err)
		}
		if got, err := ParseLink(again); err != nil || !cmp.Equal(p, got) {
			t.Fatalf("%v: %s", err, cmp.Diff(p, got))
		}
	})
}

func FuzzUnseal(f *testing.F) {
	key := bytes.Repeat([]byte{7}, keySize)
	sealed, err := Seal(File{ContentType: TypeFHIR, Body: []byte("{}")}, key)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(sealed))
	f.Add("a..b.c.d")
	f.Add(`{"protected":"e30"}`)
	f.Fuzz(func(t *testing.T, text string) {
		file, err := Unseal([]byte(text), key)
		if err == nil && string(file.Body) != "{}" {
			t.Fatalf("opened %q", text)
		}
	})
}
