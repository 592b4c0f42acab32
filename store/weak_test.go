package store

import (
	"errors"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

// TestPromise_WeakPassphrasesAreRefused has what people choose, by the rule that
// refuses it.
func TestPromise_WeakPassphrasesAreRefused(t *testing.T) {
	for reason, phrases := range map[WeakReason][]string{
		WeakShort:    {"", "kort", "elf tekens!", "éééééééééé"},
		WeakDigits:   {"010120201234", "0612345678 06", "31-12-1999 31", "20262025202420"},
		WeakRepeated: {"aaaaaaaaaaaa", "AaAaAaAaAaAa", "ja ja ja ja ja", "fietsbelfietsbel", "fietsbelfietsbelf", "blauw!blauw!blauw"},
		WeakWalk:     {"qwertyuiopas", "Qwerty123456", "asdfghjkl;'as", "1qaz2wsx3edc4rfv", "abcdefghijklm", "zyxwvutsrqponm", "qwertyuiop[]qwe", "poiuytrewqlkj"},
		WeakCommon: {
			"wachtwoord123", "Wachtwoord2026!", "w@chtw00rd!!", "password1234", "P@ssw0rd12345", "welkomthuis01",
			"welkom welkom1", "ikhouvanjou!!", "geheim-geheim-1", "Feyenoord1908!", "amsterdam2026", "bundelbundel1", "mijnwachtwoord",
			"september2026!", "admin123admin", "Huisarts!2026", "iloveyou12345", "letmeinletmein1", "december december", "wachtwoordwelkom",
		},
	} {
		for _, p := range phrases {
			var weak *WeakPassphraseError
			err := checkPassphrase(normalise([]byte(p)))
			if !errors.As(err, &weak) || !errors.Is(err, ErrWeakPassphrase) || weak.Reason != reason {
				t.Errorf("%q: %v, want %s", p, err, reason)
			} else if p != "" && strings.Contains(err.Error(), p) {
				t.Errorf("%q is in the error", p)
			}
		}
	}
}

func TestGoodPassphrases(t *testing.T) {
	for _, p := range []string{
		"nine quiet bicycles", "een lange wachtzin", "zes woorden voor de demonstratie", "correct horse battery staple",
		"de kat van de buren slaapt", "mijn oma fietst door rotterdam", "kX9#vQ2!mZ7$", "tafel berg munt zee", "Zeven1Grote2Boten",
		"welkom bij de tandarts van zwolle", "zeer geheim recept voor soep", "8675 4312 9081 2277 60", "ξύλινο καράβι στη θάλασσα",
		"水曜日に青い自転車を買いました", "a long enough passphrase", "assessment possess rewe",
	} {
		if err := checkPassphrase(normalise([]byte(p))); err != nil {
			t.Errorf("%q: %v", p, err)
		}
	}
}

// Whatever stands around a common word as digits and signs, it stays common; and
// no text of random letters is refused.
func TestWeakRules(t *testing.T) {
	words := strings.Fields(commonWords)
	rapid.Check(t, func(t *rapid.T) {
		signs := rapid.StringOfN(rapid.RuneFrom([]rune("2689 .-_?#%")), 12, 20, -1)
		word := rapid.SampledFrom(words).Draw(t, "word")
		if strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsLower(r) }) {
			t.Fatalf("%q is not as the others", word)
		}
		typed := signs.Draw(t, "before") + strings.ToUpper(word[:1]) + word[1:] + signs.Draw(t, "after")
		if err := checkPassphrase([]byte(typed)); !errors.Is(err, ErrWeakPassphrase) {
			t.Fatalf("%q passes", typed)
		}
		random := rapid.StringOfN(rapid.RuneFrom([]rune("bdgkmpvxzçßøłþж")), 16, 16, -1).Draw(t, "random")
		if err := checkPassphrase([]byte(random)); err != nil && !repeated([]rune(random)) && !walk([]rune(random)) {
			t.Fatalf("%q: %v", random, err)
		}
	})
}

func TestWeakAtEveryDoor(t *testing.T) {
	s, path := newStore(t)
	weak := []byte("wachtwoord123")
	if _, _, err := Create(path+"2", weak, cheap()); !errors.Is(err, ErrWeakPassphrase) {
		t.Errorf("create: %v", err)
	}
	if _, err := s.AddKey(t.Context(), Passphrase(weak)); !errors.Is(err, ErrWeakPassphrase) {
		t.Errorf("add: %v", err)
	}
	if err := s.Check(Passphrase(weak)); !errors.Is(err, ErrWrongKey) || errors.Is(err, ErrWeakPassphrase) {
		t.Errorf("one that is only asked: %v", err)
	}
}
