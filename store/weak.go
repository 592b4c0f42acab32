package store

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// WeakReason says why a passphrase is refused.
type WeakReason string

// The reasons, in the order in which they are looked for.
const (
	WeakShort    WeakReason = "short"    // fewer than [MinPassphrase] characters
	WeakDigits   WeakReason = "digits"   // nothing but digits and signs, and fewer than 20 of them
	WeakRepeated WeakReason = "repeated" // a short piece over and over
	WeakWalk     WeakReason = "walk"     // neighbours in the alphabet or on the keyboard
	WeakCommon   WeakReason = "common"   // one or two of the words that are tried first
)

// WeakPassphraseError means that a passphrase is too easy to guess. It holds
// nothing of the passphrase.
type WeakPassphraseError struct{ Reason WeakReason }

// Error names the reason.
func (e *WeakPassphraseError) Error() string {
	return ErrWeakPassphrase.Error() + ": " + string(e.Reason)
}

// Is matches [ErrWeakPassphrase].
func (*WeakPassphraseError) Is(target error) bool { return target == ErrWeakPassphrase }

// checkPassphrase refuses what a guesser tries in the first hours. It does not
// tell how strong the rest is: nothing that looks at a text can.
func checkPassphrase(normalised []byte) error {
	if utf8.RuneCount(normalised) < MinPassphrase {
		return &WeakPassphraseError{WeakShort}
	}
	text := []rune(strings.ToLower(string(normalised)))
	for _, rule := range []struct {
		reason WeakReason
		hit    func([]rune) bool
	}{
		{WeakDigits, onlyDigits}, {WeakRepeated, repeated}, {WeakWalk, walk}, {WeakCommon, common},
	} {
		if rule.hit(text) {
			return &WeakPassphraseError{rule.reason}
		}
	}
	return nil
}

func onlyDigits(text []rune) bool {
	return len(text) < 20 && !slices.ContainsFunc(text, unicode.IsLetter)
}

// repeated tells a text that is one piece of fewer than MinPassphrase characters
// again and again, the last time perhaps cut short.
func repeated(text []rune) bool {
	for n := 1; n < min(MinPassphrase, len(text)/2+1); n++ {
		i := n
		for i < len(text) && text[i] == text[i-n] {
			i++
		}
		if i == len(text) {
			return true
		}
	}
	return false
}

// walk tells a text in which three of four steps go to a neighbour. In running
// Dutch or English one of four does.
func walk(text []rune) bool {
	near := 0
	for i := 1; i < len(text); i++ {
		if neighbours(text[i-1], text[i]) {
			near++
		}
	}
	return 4*near >= 3*(len(text)-1)
}

func neighbours(a, b rune) bool {
	if d := a - b; -1 <= d && d <= 1 {
		return true
	}
	ax, ay := onKeyboard(a)
	bx, by := onKeyboard(b)
	return ay >= 0 && by >= 0 && max(ax-bx, bx-ax) <= 1 && max(ay-by, by-ay) <= 1
}

// onKeyboard gives the place of a key; the row is -1 for one that is nowhere. The
// row of digits begins again after its end.
func onKeyboard(r rune) (x, y int) {
	for y, row := range []string{"1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./"} {
		if x := strings.IndexRune(row, r); x >= 0 {
			return x, y
		}
	}
	return 0, -1
}

// common tells a text of one or two common words, whatever digits and signs are
// around them or stand for their letters, and at most three letters more.
func common(text []rune) bool {
	inner := []rune(strings.TrimFunc(string(text), func(r rune) bool { return !unicode.IsLetter(r) }))
	return ofCommonWords(keepLetters(text, nil)) ||
		ofCommonWords(keepLetters(text, lookalikes())) || ofCommonWords(keepLetters(inner, lookalikes()))
}

func lookalikes() map[rune]rune {
	return map[rune]rune{'0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't', '@': 'a', '$': 's', '!': 'i', '€': 'e'}
}

func keepLetters(text []rune, as map[rune]rune) string {
	var b strings.Builder
	for _, r := range text {
		if letter, ok := as[r]; ok {
			r = letter
		}
		if unicode.IsLetter(r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func ofCommonWords(letters string) bool {
	words := strings.Fields(commonWords)
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) }) // the longest first: it may hold another
	found := 0
	for _, w := range words {
		if strings.Contains(letters, w) {
			found++
			letters = strings.ReplaceAll(letters, w, "")
		}
	}
	return found > 0 && found <= 2 && utf8.RuneCountInString(letters) <= 3
}
