package share

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/argon2"
)

func TestACodeOpensOnce(t *testing.T) {
	r := cheapRelay(t, nil)
	l := publish(t, r, Options{BirthDate: "1961-04-02"})
	if l.URI != "" || len(l.Code) != codeLength {
		t.Fatalf("%+v", l)
	}
	typed := strings.ToLower(strings.ReplaceAll(FormatCode(l.Code), "0", "o"))
	got, err := OpenCode(t.Context(), direct(r), r.PublicURL, typed, "1961-04-02", "dr. Test")
	if diff := cmp.Diff(someFiles(), got); err != nil || diff != "" {
		t.Fatalf("%v\n%s", err, diff)
	}
	if _, err := OpenCode(t.Context(), direct(r), r.PublicURL, l.Code, "1961-04-02", "x"); !errors.Is(err, ErrGone) {
		t.Errorf("twice: %v", err)
	}
	log, err := Openings(t.Context(), direct(r), l)
	if err != nil || log.End != EndOpened || len(log.Openings) != 1 {
		t.Errorf("%v: %+v", err, log)
	}
}

// TestFiveWrongBirthDates: who overheard the code can guess five times, from
// any network; then the code is of no use to its owner either.
func TestFiveWrongBirthDates(t *testing.T) {
	r := cheapRelay(t, nil)
	l := publish(t, r, Options{BirthDate: "1961-04-02"})
	for i := range codeAttempts {
		from := &http.Client{Transport: wire{r.Handler(), "198.51." + string(rune('1'+i)) + ".1:1"}}
		if _, err := OpenCode(t.Context(), from, r.PublicURL, l.Code, "1961-04-0"+string(rune('3'+i)), "x"); !errors.Is(err, ErrGone) {
			t.Fatalf("%d: %v", i, err)
		}
	}
	if _, err := OpenCode(t.Context(), direct(r), r.PublicURL, l.Code, "1961-04-02", "x"); !errors.Is(err, ErrGone) {
		t.Errorf("after five: %v", err)
	}
	log, err := Openings(t.Context(), direct(r), l)
	if err != nil || log.End != EndAttempts || len(log.Openings) != 5 || log.Openings[4].Event != EventCode || filesOf(t, r) != 0 {
		t.Errorf("%v: %+v", err, log)
	}
}

// TestOneNetworkCannotTryCodes: also of codes that do not exist, five, and then
// one a minute.
func TestOneNetworkCannotTryCodes(t *testing.T) {
	r := cheapRelay(t, nil)
	for i := range 7 {
		status, _, _ := post(t, r, "ABC"+b64.EncodeToString(NewKey()), `{"recipient":"x"}`)
		if want := map[bool]int{true: 404, false: 429}[i < 5]; status != want {
			t.Errorf("%d: %d", i, status)
		}
	}
}

func TestWhatIsNoCode(t *testing.T) {
	none := &http.Client{Transport: wire{http.NotFoundHandler(), ""}}
	for typed, want := range map[string]error{
		"": ErrCode, "K7M2Q": ErrCode, "K7M2Q-4XD9U": ErrCode, "K7M2Q 4XD9A 1": ErrCode, "K7M2Q\u20134xd9a": ErrGone, "oil00 00000": ErrGone,
	} {
		if _, err := OpenCode(context.Background(), none, "https://relay.example", typed, "1961-04-02", "x"); !errors.Is(err, want) {
			t.Errorf("%q: %v", typed, err)
		}
	}
	for _, born := range []string{"", "02-04-1961", "1961-02-31"} {
		if _, err := OpenCode(context.Background(), none, "https://relay.example", "K7M2Q4XD9A", born, "x"); !errors.Is(err, ErrBirthDate) {
			t.Errorf("%s: %v", born, err)
		}
	}
}

// TestSecretsOfACode: code and birth date both count, and id and key are two
// things.
func TestSecretsOfACode(t *testing.T) {
	id, key, err := codeSecrets("K7M2Q-4XD9A", "1961-04-02")
	if err != nil || !strings.HasPrefix(id, "K7M") || len(id) != handleLength+plainIDLength || len(key) != keySize {
		t.Fatalf("%s %d %v", id, len(key), err)
	}
	if strings.Contains(id, b64.EncodeToString(key)) {
		t.Error("the id gives the key away")
	}
	for _, other := range [][2]string{{"K7M2Q-4XD9B", "1961-04-02"}, {"K7M2Q-4XD9A", "1961-04-03"}} {
		if id2, key2, err := codeSecrets(other[0], other[1]); err != nil || id2 == id || string(key2) == string(key) {
			t.Errorf("%v: the same secrets, %v", other, err)
		}
	}
}

func TestDrawnCodesAndPasscodes(t *testing.T) {
	codes, digits := map[rune]bool{}, map[rune]bool{}
	for range 200 {
		for _, c := range drawCode(codeLength) {
			codes[c] = true
		}
		p := newPasscode()
		if len(p) != 8 || strings.Trim(p, "0123456789") != "" {
			t.Fatalf("passcode %q", p)
		}
		for _, c := range p {
			digits[c] = true
		}
	}
	if len(codes) != 32 || len(digits) != 10 {
		t.Errorf("%d letters and %d digits are used", len(codes), len(digits))
	}
}

// TestTheBrowserMakesTheSameKey runs the viewer's Argon2id with Node, where that
// is there: the vector of RFC 9106 5.3, and one of ours.
func TestTheBrowserMakesTheSameKey(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed; the browser test does the same")
	}
	path, err := filepath.Abs("viewer/argon2.js")
	if err != nil {
		t.Fatal(err)
	}
	script := `
const src = await (await import('node:fs/promises')).readFile(process.argv[1], 'utf8');
const { argon2id } = await import('data:text/javascript,' + encodeURIComponent(src));
const all = (n, b) => new Uint8Array(n).fill(b), text = new TextEncoder();
const hex = (b) => Buffer.from(b).toString('hex');
console.log(hex(await argon2id({ password: all(32, 1), salt: all(16, 2), secret: all(8, 3), data: all(12, 4), passes: 3, memory: 32, lanes: 4, size: 32 })));
console.log(hex(await argon2id({ password: text.encode('wachtwoord'), salt: text.encode('zout zout zout zout'), passes: 2, memory: 1000, lanes: 1, size: 80 })));`
	out, err := exec.CommandContext(t.Context(), node, "--input-type=module", "-e", script, path).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	want := "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659\n" +
		hex.EncodeToString(argon2.IDKey([]byte("wachtwoord"), []byte("zout zout zout zout"), 2, 1000, 1, 80)) + "\n"
	if string(out) != want {
		t.Errorf("got %s want %s", out, want)
	}
}
