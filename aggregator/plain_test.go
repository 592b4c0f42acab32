package aggregator

import (
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// TestDutchIsPlain holds the words of the overview to the rules for the pages
// that show them (product.md 6.16): short sentences, no words that only care
// providers use, no cheer and no regret.
func TestDutchIsPlain(t *testing.T) {
	forbidden := regexp.MustCompile(`(?i)medicatie|consult\b|anamnese|contra-indicatie|toediening|verstrekking|resource|token|synchron|zorgaanbieder|niet aanwezig|helaas|oeps|succesvol|!`)
	sentence := regexp.MustCompile(`[.?:]\s|[.?:]$`)
	read, words := 0, 0
	eachText(reflect.ValueOf(dutch()), "", func(key, text string) {
		if found := forbidden.FindString(text); found != "" {
			t.Errorf("%s says %q", key, found)
		}
		for _, s := range sentence.Split(text, -1) {
			n := len(strings.Fields(s))
			if n > 22 {
				t.Errorf("%s has a sentence of %d words", key, n)
			}
			if n > 2 {
				read, words = read+1, words+n
			}
		}
	})
	if read < 100 || words > 15*read {
		t.Errorf("%d words in %d sentences", words, read)
	}
}

// eachText calls f for every text in a table of texts.
func eachText(v reflect.Value, key string, f func(key, text string)) {
	switch v.Kind() {
	case reflect.String:
		f(key, v.String())
	case reflect.Map:
		for _, k := range v.MapKeys() {
			eachText(v.MapIndex(k), key+"."+k.String(), f)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			eachText(v.Field(i), key+v.Type().Field(i).Name, f)
		}
	}
}
