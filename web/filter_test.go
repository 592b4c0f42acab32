package web

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// optionsOf are the values and texts that a page offers under a name.
func optionsOf(page, name string) map[string]string {
	_, rest, _ := strings.Cut(page, `<select id="f-`+name+`"`)
	rest, _, _ = strings.Cut(rest, "</select>")
	out := map[string]string{}
	for _, m := range regexp.MustCompile(`<option value="([^"]*)"[^>]*>([^<]*)</option>`).FindAllStringSubmatch(rest, -1) {
		out[m[2]] = m[1]
	}
	return out
}

// namesOn are the names of the rows of a list.
func namesOn(page string) []string {
	var out []string
	for _, m := range regexp.MustCompile(`(?s)<h[23] class="[^"]*name[^"]*"><a [^>]*>([^<]*)</a>`).FindAllStringSubmatch(page, -1) {
		out = append(out, m[1])
	}
	return out
}

// TestMedicinesOfOneSource: a medicine of which that source says something stays
// whole, and the page says how many are out of sight.
func TestMedicinesOfOneSource(t *testing.T) {
	c := newClient(t).unlock()
	whole := bodyOf(t, c.do("GET", "/m", ""))
	options := optionsOf(bodyOf(t, c.do("GET", "/m?bron="+sourceKey(fhir.Self), "")), "bron")
	if len(options) < 3 || options["Iedereen"] != "" {
		t.Fatalf("offered: %v", options)
	}
	mustNotSay(t, whole, "buiten uw keuze")
	for text, key := range options {
		if key == "" {
			continue
		}
		page := bodyOf(t, c.do("GET", "/m?bron="+key, ""))
		shown, all := namesOn(page), namesOn(whole)
		if len(shown) == 0 || len(shown) >= len(all) {
			t.Errorf("%s: %d of %d medicines", text, len(shown), len(all))
		}
		for _, name := range shown {
			if !slices.Contains(all, name) {
				t.Errorf("%s is on no other list", name)
			}
		}
		mustSay(t, page, "U ziet niet alles", "Toon alles", text)
		if strings.Contains(key, " ") || strings.Contains(strings.ToLower(text), key) {
			t.Errorf("the address says %q", key)
		}
	}
	disagreed := bodyOf(t, c.do("GET", "/m?bron="+options["Streekziekenhuis"], ""))
	mustSay(t, disagreed, "Metoprolol", "Huisarts De Linde", "Streekziekenhuis") // the other side of the difference too
}

// TestAChoiceThatMeansNothing shows everything, as no choice does.
func TestAChoiceThatMeansNothing(t *testing.T) {
	c := newClient(t).unlock()
	for _, path := range []string{"/m", "/b"} {
		want := namesOn(bodyOf(t, c.do("GET", path, "")))
		for _, query := range []string{"?bron=", "?bron=nobody", "?bron=%22%3E&soort=x&jaar=1066"} {
			page := bodyOf(t, c.do("GET", path+query, ""))
			if got := namesOn(page); !slices.Equal(got, want) {
				t.Errorf("%s%s: %v, want %v", path, query, got, want)
			}
			mustNotSay(t, page, "U ziet niet alles")
		}
	}
}

func TestLettersOfASourceAKindAndAYear(t *testing.T) {
	c := newClient(t).unlock()
	whole := bodyOf(t, c.do("GET", "/b?jaar=2024", ""))
	all := namesOn(bodyOf(t, c.do("GET", "/b", "")))
	for _, name := range []string{"soort", "jaar"} {
		options := optionsOf(whole, name)
		if len(options) < 3 {
			t.Errorf("%s: offered %v", name, options)
			continue
		}
		found := 0
		for text, key := range options {
			if key != "" {
				page := bodyOf(t, c.do("GET", "/b?"+url.Values{name: {key}}.Encode(), ""))
				n := len(namesOn(page))
				if n == 0 || n >= len(all) {
					t.Errorf("%s %s: %d of %d letters", name, text, n, len(all))
				}
				found += n
			}
		}
		if found < len(all) && name != "jaar" { // a letter without a date is of no year
			t.Errorf("by %s %d letters were found, of %d", name, found, len(all))
		}
	}
}

// TestNothingToChooseFrom: a list of one source has no form above it.
func TestNothingToChooseFrom(t *testing.T) {
	c := newClient(t).unlock()
	c.desk.o.Items = slices.DeleteFunc(c.desk.o.Items, func(item aggregator.Item) bool {
		return item.Subject == "medication" && !slices.Equal(speakers(item), []string{c.desk.o.Sources[0].Source})
	})
	if page := bodyOf(t, c.do("GET", "/m?bron="+sourceKey(fhir.Self), "")); strings.Contains(page, "f-bron") || len(namesOn(page)) == 0 {
		t.Errorf("%v, with a form: %v", namesOn(page), strings.Contains(page, "f-bron"))
	}
}

// TestAShortListHasNoForm: what is seen at a glance needs none, a longer list does.
func TestAShortListHasNoForm(t *testing.T) {
	c := newClient(t).unlock()
	for range 3 {
		page := bodyOf(t, c.do("GET", "/b", ""))
		if n, form := len(namesOn(page)), strings.Contains(page, "f-jaar"); form != (n > mostAtOnce) {
			t.Errorf("%d letters, with a form: %v", n, form)
		}
		for i, one := range c.desk.o.Subject("letter") {
			one.ID += strings.Repeat("x", i+1)
			c.desk.o.Items = append(c.desk.o.Items, one)
		}
	}
}
