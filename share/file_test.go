package share

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"

	"filippo.io/age"
	"pgregory.net/rapid"
)

// cheapLock is quick to open: for tests alone.
func cheapLock(lang string) Lock {
	return Lock{Code: NewFileCode(), Lang: lang, Iterations: 10, Work: 2}
}

// sealedIn reads what a page holds.
func sealedIn(t testing.TB, page []byte) sealed {
	t.Helper()
	found := regexp.MustCompile(`(?s)<script type="application/json" id="sealed">(.*?)</script>`).FindSubmatch(page)
	var s sealed
	if found == nil || json.Unmarshal(found[1], &s) != nil {
		t.Fatal("the page holds nothing")
	}
	return s
}

func unseal(s sealed, code string) ([]byte, error) {
	aead, err := s.cipher(code)
	if err != nil {
		return nil, err
	}
	return aead.Open(nil, s.IV, s.Data, s.about())
}

func TestALockedFileOpensWithItsCodeAlone(t *testing.T) {
	records := annaRecords(t)
	summary, _ := ips(t, readied(t, Own(merged(t, records, "nl")), records, "nl"))
	lock := cheapLock("nl")
	page, err := lock.HTML(summary)
	if err != nil {
		t.Fatal(err)
	}
	s := sealedIn(t, page)
	if plain, err := unseal(s, lock.Code); err != nil || !bytes.Equal(plain, summary) {
		t.Fatal("it does not open:", err)
	}
	weaker, cut := s, s
	weaker.Iterations, cut.Data = s.Iterations+1, s.Data[:len(s.Data)-1]
	for name, try := range map[string]func() ([]byte, error){
		"another code":    func() ([]byte, error) { return unseal(s, NewFileCode()) },
		"other settings":  func() ([]byte, error) { return unseal(weaker, lock.Code) },
		"a piece cut off": func() ([]byte, error) { return unseal(cut, lock.Code) },
	} {
		if _, err := try(); err == nil {
			t.Error(name, "opens it")
		}
	}
	data, err := json.Marshal(s.Data) // random letters, in which any short word turns up now and then
	if err != nil {
		t.Fatal(err)
	}
	outside := bytes.Replace(page, data, nil, 1)
	if len(outside) > 20_000 {
		t.Fatalf("%d bytes outside the lock", len(outside))
	}
	for _, word := range []string{"Anna", "Vries", "1961", "etoprolol", "Linde", lock.Code, strings.ReplaceAll(lock.Code, "-", "")} {
		if bytes.Contains(outside, []byte(word)) {
			t.Errorf("%q is outside the lock", word)
		}
	}
	again, err := lock.HTML(summary)
	if err != nil || bytes.Equal(sealedIn(t, again).Data, s.Data) {
		t.Error("two files of one summary are sealed alike:", err)
	}
}

// TestALockedFileReachesNothing: no address in it but those of namespaces, and
// a policy that permits no request. Both languages say that it cannot be
// called back.
func TestALockedFileReachesNothing(t *testing.T) {
	for lang, says := range map[string]string{"nl": "kan niet worden teruggehaald", "en": "cannot be called back"} {
		page, err := cheapLock(lang).HTML([]byte(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"http:", "https:", "src=", "href=", "url(", "fetch(", "XMLHttp", "localStorage", "innerHTML", "eval("} {
			if bytes.Contains(page, []byte(bad)) {
				t.Errorf("%s: the page holds %q", lang, bad)
			}
		}
		if !bytes.Contains(page, []byte(says)) || !bytes.Contains(page, []byte(`<html lang="`+lang+`">`)) || !bytes.Contains(page, []byte("default-src &#39;none&#39;")) {
			t.Errorf("%s: no language, policy or warning", lang)
		}
	}
}

// TestTheStrongSettings: what a file gets when nothing is said. It costs the
// real count, once.
func TestTheStrongSettings(t *testing.T) {
	if testing.Short() {
		t.Skip("a million iterations")
	}
	s, err := Lock{Code: NewFileCode()}.seal([]byte("x"))
	if err != nil || s.Iterations != 1_000_000 || len(s.Salt) != 16 || len(s.IV) != 12 {
		t.Errorf("%d iterations, salt of %d, %v", s.Iterations, len(s.Salt), err)
	}
}

func TestCodesAsPeopleTypeThem(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		code := NewFileCode()
		if !regexp.MustCompile(`^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$`).MatchString(code) {
			rt.Fatalf("code %q", code)
		}
		typed := code
		if rapid.Bool().Draw(rt, "lower") {
			typed = strings.ToLower(typed)
		}
		if rapid.Bool().Draw(rt, "letters") {
			typed = strings.NewReplacer("0", "o", "1", rapid.SampledFrom([]string{"i", "L"}).Draw(rt, "one")).Replace(typed)
		}
		typed = strings.ReplaceAll(typed, "-", rapid.SampledFrom([]string{"", " ", "-", " - "}).Draw(rt, "between"))
		if got, err := tidyCode(typed); err != nil || got != code {
			rt.Fatalf("%v", err)
		}
	})
	for _, bad := range []string{"", "1234", "wachtwoord", "0000-0000-0000-000", "0000-0000-0000-00000", "0000-0000-0000-000U", "0000-0000-0000-000é"} {
		if _, err := (Lock{Code: bad}).HTML([]byte("x")); !errors.Is(err, ErrFileCode) {
			t.Errorf("a code of %d characters: %v", len(bad), err)
		}
		if err := (Lock{Code: bad}).Age(io.Discard, []byte("x")); !errors.Is(err, ErrFileCode) {
			t.Errorf("age, a code of %d characters: %v", len(bad), err)
		}
	}
}

func TestAgeFileOpensWithTheCode(t *testing.T) {
	lock := cheapLock("")
	var b bytes.Buffer
	if err := lock.Age(&b, []byte("summary")); err != nil {
		t.Fatal(err)
	}
	id, err := age.NewScryptIdentity(lock.Code)
	if err != nil {
		t.Fatal(err)
	}
	r, err := age.Decrypt(bytes.NewReader(b.Bytes()), id)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := io.ReadAll(r); err != nil || string(plain) != "summary" {
		t.Errorf("%q %v", plain, err)
	}
	for _, room := range []int{0, 100} {
		if err := lock.Age(&full{room}, []byte("summary")); !errors.Is(err, errNoRoom) {
			t.Errorf("room for %d: %v", room, err)
		}
	}
}
