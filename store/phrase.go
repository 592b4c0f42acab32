package store

import (
	"crypto/rand"
	_ "embed"
	"fmt"
	"io"
	"math/big"
	"strings"
)

// Everyday words that are easy to type and hard to mistake, a line each.
//
//go:embed phrase_nl.txt
var dutchPhrase string

//go:embed phrase_en.txt
var englishPhrase string

// phraseWords is how many words make a passphrase (security-store.md 1.5).
const phraseWords = 6

// ProposePassphrase gives a new passphrase of six everyday words, in English
// for "en" and in Dutch for any other language. The words are drawn evenly and
// apart from each other: guessing one takes 2^56 tries or more on average, each
// of which costs the key derivation. random is where the draw comes from; nil is
// the system's source, which a program should use. It fails only when random does.
func ProposePassphrase(lang string, random io.Reader) (string, error) {
	if random == nil {
		random = rand.Reader
	}
	list := dutchPhrase
	if lang == "en" {
		list = englishPhrase
	}
	words := strings.Fields(list)
	chosen := make([]string, phraseWords)
	for i := range chosen {
		n, err := rand.Int(random, big.NewInt(int64(len(words))))
		if err != nil {
			return "", fmt.Errorf("propose a passphrase: %w", err)
		}
		chosen[i] = words[n.Int64()]
	}
	return strings.Join(chosen, " "), nil
}
