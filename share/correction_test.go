package share

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

func wrongItem() aggregator.Item {
	return aggregator.Item{
		ID: "medication:aaaaaaaaaaaa", Subject: "medication", Title: "Metoprolol", Detail: "van de huisarts: 50 mg",
		Parts: []aggregator.Part{
			{Source: gp, Service: "49", Type: "MedicationStatement", ID: "1", Version: "1"},
			{Source: hospital, Service: "48", Type: "MedicationStatement", ID: "2", Version: "3"},
			{Source: hospital, Service: "48", Type: "MedicationStatement", ID: "2", Version: "2", Hidden: "version"},
			{Source: hospital, Service: "48", Type: "Practitioner", ID: "arts", Version: "1", Role: aggregator.RoleAuthor},
		},
	}
}

func aCorrection(t *testing.T) Correction {
	t.Helper()
	c, err := NewCorrection(wrongItem(), hospital, "Noordzee", since)
	if err != nil {
		t.Fatal(err)
	}
	c.Words = "Ik gebruik 25 mg, niet 100 mg."
	return c
}

func TestARequestIsAboutTheProvidersOwnRecords(t *testing.T) {
	c := aCorrection(t)
	if diff := cmp.Diff([]About{{Pin{hospital, "48", "MedicationStatement", "2"}, 3}}, c.About); diff != "" {
		t.Error(diff)
	}
	m, err := Corrections(self(t), c)
	if err != nil {
		t.Fatal(err)
	}
	for _, other := range []string{"huisarts", gp, "50 mg", `MedicationStatement/1"`} {
		if strings.Contains(string(m.Bytes), other) {
			t.Errorf("%q of another provider is in it", other)
		}
	}
	n := fhir.Parse(m.Bytes, fhir.R4).Node().All("entry")[2].Get("resource")
	if n.Str("payload", "contentString") != c.Words || n.Str("topic", "text") != "Metoprolol" || n.Str("about", "reference") != "MedicationStatement/2" {
		t.Error("the words, the topic or the record are not in the message")
	}
	if _, err := NewCorrection(wrongItem(), "medmij:apotheek@medmij", "Apotheek", since); !errors.Is(err, ErrNotTheir) {
		t.Errorf("a provider that says nothing: %v", err)
	}
}

func TestARequestComesBackFromItsRecord(t *testing.T) {
	c := aCorrection(t)
	for _, next := range []func(){func() {}, func() { c.Sent = since }, func() { c.Reply = "Wij kijken ernaar." }} {
		next()
		r, err := c.Record()
		if err != nil {
			t.Fatal(err)
		}
		own := fhir.Record{Resource: r, Origin: fhir.Origin{Source: fhir.Self}}
		got, ok := ReadCorrection(own)
		if diff := cmp.Diff(c, got); diff != "" || !ok {
			t.Error(diff)
		}
		own.Origin.Source = hospital
		if _, ok := ReadCorrection(own); ok {
			t.Error("a provider can write one")
		}
	}
}

func TestWhereARequestStands(t *testing.T) {
	same, newer, gone := func(Pin) int { return 3 }, func(Pin) int { return 4 }, func(Pin) int { return 0 }
	draft, sent, replied := aCorrection(t), aCorrection(t), aCorrection(t)
	sent.Sent, replied.Sent, replied.Reply = since, since, "Ontvangen"
	for name, c := range map[string]struct {
		c      Correction
		newest func(Pin) int
		want   State
	}{
		"a draft":                         {draft, same, StateDraft},
		"a draft, and it changed already": {draft, newer, StateDraft},
		"sent":                            {sent, same, StateOpen},
		"a reply":                         {replied, same, StateAnswered},
		"changed":                         {sent, newer, StateChanged},
		"changed after a reply":           {replied, newer, StateChanged},
		"taken away":                      {replied, gone, StateChanged},
	} {
		if got := c.c.State(c.newest); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestWordsThatAreNotSent(t *testing.T) {
	for words, want := range map[string]error{
		"": ErrNoWords, " \n ": ErrNoWords, strings.Repeat("é", MaxWords+1): ErrNoWords, "mijn nummer is 999990019": ErrHoldsBSN,
		strings.Repeat("é", MaxWords): nil,
	} {
		c := aCorrection(t)
		c.Words = words
		if _, err := Corrections(self(t), c); !errors.Is(err, want) {
			t.Errorf("%d bytes sent: %v", len(words), err)
		}
		if _, err := c.Letter(self(t), "nl"); !errors.Is(err, want) {
			t.Errorf("%d bytes printed: %v", len(words), err)
		}
	}
}

func TestARequestAsALetter(t *testing.T) {
	c := aCorrection(t)
	for lang, subject := range map[string]string{"nl": "Verzoek om mijn dossier", "en": "Request to correct", "fr": "Verzoek om mijn dossier"} {
		letter, err := c.Letter(self(t), lang)
		if err != nil || !strings.Contains(letter, subject) || !strings.Contains(letter, c.Words) || !strings.HasPrefix(letter, "Noordzee\n") {
			t.Errorf("%s: %v\n%s", lang, err, letter)
		}
	}
}
