package store

import (
	"bytes"
	"errors"
	"io"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestWordsOfPassphrases: each list makes what ProposePassphrase promises, of
// words that nobody misspells.
func TestWordsOfPassphrases(t *testing.T) {
	plain := regexp.MustCompile(`^[a-z]{3,9}$`)
	for lang, list := range map[string]string{"nl": dutchPhrase, "en": englishPhrase} {
		words := strings.Fields(list)
		if !slices.IsSorted(words) || len(slices.Compact(slices.Clone(words))) != len(words) {
			t.Errorf("%s: the words are not in order, or one stands twice", lang)
		}
		for _, word := range words {
			if !plain.MatchString(word) {
				t.Errorf("%s: %q is hard to type", lang, word)
			}
		}
		if bits := phraseWords * math.Log2(float64(len(words))); bits < 57 {
			t.Errorf("%s: %.1f bits", lang, bits)
		}
	}
}

func TestProposedPassphrasesAreAccepted(t *testing.T) {
	seen := map[string]bool{}
	for _, lang := range []string{"nl", "en", ""} {
		for range 200 {
			phrase, err := ProposePassphrase(lang, nil)
			if err != nil {
				t.Fatal(err)
			}
			if n := len(strings.Fields(phrase)); n != phraseWords {
				t.Fatalf("%d words", n)
			}
			if why := checkPassphrase([]byte(phrase)); why != nil {
				t.Errorf("a proposal is refused: %v", why)
			}
			if seen[phrase] {
				t.Error("the same words came twice")
			}
			seen[phrase] = true
		}
	}
}

func TestAPassphraseComesFromItsSource(t *testing.T) {
	zero := bytes.NewReader(make([]byte, 64))
	if got, err := ProposePassphrase("nl", zero); err != nil || got != strings.Repeat(strings.Fields(dutchPhrase)[0]+" ", 5)+strings.Fields(dutchPhrase)[0] {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := ProposePassphrase("en", zero); err != nil || !strings.HasPrefix(got, strings.Fields(englishPhrase)[0]+" ") {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := ProposePassphrase("nl", bytes.NewReader(nil)); !errors.Is(err, io.EOF) {
		t.Errorf("without a source: %v", err)
	}
}
