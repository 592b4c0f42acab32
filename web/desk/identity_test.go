package desk

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

const strangerSource = "medmij:zuid@medmij"

// withStranger is a vault of Anna, with a medicine of somebody else in it.
func withStranger(t *testing.T) *decider {
	t.Helper()
	d, now := moving(t)
	patient := func(family, born string) fhir.Resource {
		return fhir.Parse([]byte(fmt.Sprintf(`{"resourceType":"Patient","id":"p","gender":"female","birthDate":%q,
			"identifier":[{"system":%q,"value":"111222333"}],"name":[{"text":"Anna %s","family":%q}]}`, born, "http://fhir.nl/fhir/NamingSystem/bsn", family, family)), fhir.R4)
	}
	self, err := aggregator.NewSelf(patient("de Vries", "1961-02-03").Node())
	if err != nil {
		t.Fatal(err)
	}
	if err := d.putOwn(t.Context(), self); err != nil {
		t.Fatal(err)
	}
	s, err := d.Vault()
	if err != nil {
		t.Fatal(err)
	}
	of := fhir.Origin{Source: strangerSource, Service: "48"}
	if _, err := s.Put(t.Context(), fhir.One(of, fhir.R4, "everything", patient("Bakker", "1961-02-13"), fhir.Parse([]byte(medicine), fhir.R4))); err != nil {
		t.Fatal(err)
	}
	d.changed()
	_ = now
	return newDecider(t, d)
}

// strangerAddress is the address of the page, as the overview gives it.
func (b *decider) strangerAddress() string {
	b.t.Helper()
	_, rest, found := strings.Cut(b.page("/"), `href="/ik/`)
	if !found {
		b.t.Fatal("the overview does not ask who it is")
	}
	key, _, _ := strings.Cut(rest, `"`)
	return "/ik/" + key
}

// TestIsThisMe: nothing is shown before the person says so, both persons stand
// side by side without a number, and the answer can be undone.
func TestIsThisMe(t *testing.T) {
	b := withStranger(t)
	if len(b.items()) != 0 {
		t.Fatal("it is in the overview already")
	}
	address := b.strangerAddress()
	text := b.page(address)
	b.says(text, "Gaan deze gegevens over u?", "Anna Bakker", "Anna de Vries", "13 februari 1961", "3 februari 1961", "Er wacht 1 gegeven.", "Wij voegen niets samen.")
	if strings.Contains(text, "11122") || strings.Contains(text, "checked") || strings.Contains(text, "Ibuprofen") {
		t.Error("the page says too much, or chooses")
	}

	if _, text := b.post(address, ""); !strings.Contains(text, "Kies een antwoord.") {
		t.Error("no answer is an answer")
	}
	res, _ := b.post(address, "antwoord=nee")
	if res.Header.Get("Location") != "/j?j=1" || len(b.items()) != 0 {
		t.Fatalf("denied: %s", res.Status)
	}
	b.says(b.page("/j?j=1"), "U zei: dit ben ik niet.", "Ongedaan maken")
	b.says(b.page(address), "U zei: dit ben ik niet.")
	if strings.Contains(b.page("/"), "/ik/") {
		t.Error("it is asked again")
	}

	if res, _ := b.post(address, "antwoord=ja"); res.Header.Get("Location") != "/j?j=2" || len(b.items()) != 1 {
		t.Fatalf("accepted: %d items", len(b.items()))
	}
	if res, _ := b.get(address); res.StatusCode != http.StatusNotFound {
		t.Errorf("nothing waits, and the page says %s", res.Status)
	}
	b.does("terug", "nr", "2")
	if len(b.items()) != 0 {
		t.Error("what was taken back is still in the overview")
	}
}

// TestAStrangerIsErased only after it is asked once more.
func TestAStrangerIsErased(t *testing.T) {
	b := withStranger(t)
	address := b.strangerAddress()
	b.says(b.page(address+"/weg"), "Ook wat wel over u gaat.", "Niet wissen")
	if res, _ := b.post(address+"/weg", ""); res.Header.Get("Location") != "/z" {
		t.Fatal(res.Status)
	}
	s, err := b.pages.desk.Vault()
	if err != nil {
		t.Fatal(err)
	}
	for r, err := range s.Records(t.Context()) {
		if err != nil || r.Origin.Source == strangerSource {
			t.Errorf("still there: %v %v", r.Type, err)
		}
	}
	if res, _ := b.post(address+"/weg", ""); res.StatusCode != http.StatusNotFound {
		t.Errorf("a second time: %s", res.Status)
	}
	if err := b.pages.DropStranger(t.Context(), "medmij:huisarts@medmij"); err == nil {
		t.Error("a source without strangers was erased")
	}
}
