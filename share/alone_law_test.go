package share

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// related are resources that the overview brings together by their codes, so
// that lines speak of each other, while every word of each is its own: MARK.
// CODE is one of a few, OTHER the id of another record.
var related = map[string]string{
	"MedicationStatement": `"status":"STATUS","medicationCodeableConcept":{"coding":[{"system":"urn:oid:2.16.840.1.113883.2.4.4.10","code":"CODE","display":"Stof MARK"}],"text":"Stof MARK"},"dosage":[{"text":"MARK c"}],"note":[{"text":"MARK d"}],"effectivePeriod":{"start":"2026-04-01"}`,
	"MedicationRequest":   `"status":"STATUS","intent":"order","authoredOn":"2026-04-01","medicationCodeableConcept":{"coding":[{"system":"urn:oid:2.16.840.1.113883.2.4.4.10","code":"CODE","display":"Stof MARK"}]},"dosageInstruction":[{"text":"MARK c","doseAndRate":[{"doseQuantity":{"value":NUMBER,"unit":"stuk"}}],"timing":{"repeat":{"frequency":1,"period":1,"periodUnit":"d"}}}],"requester":{"display":"MARK e"}`,
	"AllergyIntolerance":  `"clinicalStatus":{"coding":[{"code":"ALIVE"}]},"verificationStatus":{"coding":[{"code":"SURE"}]},"code":{"coding":[{"system":"http://snomed.info/sct","code":"37270600CODE","display":"Stof MARK"}],"text":"Stof MARK"},"reaction":[{"manifestation":[{"text":"MARK f"}]}],"note":[{"text":"MARK g"}]`,
	"Flag":                `"status":"active","code":{"coding":[{"system":"http://snomed.info/sct","code":"37270600CODE","display":"MARK"}],"text":"MARK"}`,
	"Condition":           `"clinicalStatus":{"coding":[{"code":"active"}]},"code":{"coding":[{"system":"http://snomed.info/sct","code":"3834100CODE","display":"MARK"}],"text":"MARK"},"note":[{"text":"MARK h"}],"onsetDateTime":"2020-03"`,
	"Observation":         `"status":"final","category":[{"coding":[{"code":"laboratory","system":"http://terminology.hl7.org/CodeSystem/observation-category"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"14682-9","display":"MARK"}],"text":"MARK"},"valueQuantity":{"value":8NUMBER,"unit":"umol/L","code":"umol/L","system":"http://unitsofmeasure.org"},"effectiveDateTime":"DAYT08:00:00+02:00","performer":[{"display":"MARK i"}],"note":[{"text":"MARK j"}]`,
	"Observation panel":   `"status":"final","category":[{"coding":[{"code":"laboratory","system":"http://terminology.hl7.org/CodeSystem/observation-category"}]}],"code":{"text":"MARK k"},"effectiveDateTime":"DAYT08:00:00+02:00","hasMember":[{"reference":"Observation/OTHER","display":"MARK l"},{"reference":"Observation/elsewhere"}]`,
	"DiagnosticReport":    `"status":"final","code":{"text":"MARK m"},"effectiveDateTime":"DAYT08:00:00+02:00","issued":"DAYT09:00:00+02:00","result":[{"reference":"Observation/OTHER"}],"conclusion":"MARK n"`,
	"DocumentReference":   `"status":"current","description":"MARK o","date":"DAYT08:00:00+02:00","relatesTo":[{"code":"replaces","target":{"reference":"DocumentReference/OTHER"}}],"content":[{"attachment":{"contentType":"text/plain","title":"MARK p"}}]`,
	"Immunization":        `"status":"completed","vaccineCode":{"coding":[{"system":"urn:oid:2.16.840.1.113883.2.4.4.7","code":"CODE"}],"text":"MARK q"},"lotNumber":"MARK r","occurrenceDateTime":"2021-02-03"`,
	"own weight":          `"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}],"text":"MARK"},"valueQuantity":{"value":81.NUMBER,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"},"effectiveDateTime":"DAYT10:00:00+02:00","note":[{"text":"MARK s"}]`,
}

// neighbours draws records that are related to each other. The id of each is its
// mark, so that a tie to it is found as well.
func neighbours() *rapid.Generator[[]fhir.Record] {
	families := [][]string{
		{"MedicationRequest"},
		{"MedicationRequest", "MedicationStatement", "AllergyIntolerance"},
		{"AllergyIntolerance", "Flag"},
		{"Condition", "Immunization"},
		{"Observation"},
		{"Observation", "Observation panel"},
		{"Observation", "DiagnosticReport"},
		{"DocumentReference", "own weight"},
	}
	return rapid.Custom(func(t *rapid.T) []fhir.Record {
		kinds := rapid.SampledFrom(families).Draw(t, "family")
		n := rapid.IntRange(2, 5).Draw(t, "records")
		var all []fhir.Record
		for i := range n {
			kind := rapid.SampledFrom(kinds).Draw(t, "kind")
			of := func(name string, texts ...string) string { return rapid.SampledFrom(texts).Draw(t, name) }
			body := strings.NewReplacer(
				"MARK", mark(i), "CODE", of("code", "6", "8"), "OTHER", mark(rapid.IntRange(0, n-1).Draw(t, "other")), "NUMBER", of("number", "1", "2"),
				"STATUS", of("status", "active", "stopped", "entered-in-error"), "ALIVE", of("alive", "active", "inactive"),
				"SURE", of("sure", "confirmed", "refuted", "entered-in-error"), "DAY", of("day", "2026-05-30", "2026-01-10"),
			).Replace(related[kind])
			typ, _, _ := strings.Cut(kind, " ")
			source := rapid.SampledFrom([]string{hospital, "file:x", hospital, "file:y", fhir.Self, gp}).Draw(t, "source")
			if kind == "own weight" {
				typ, source = "Observation", fhir.Self
			}
			all = append(all, fhir.Record{
				Resource: fhir.Parse(fmt.Appendf(nil, `{"resourceType":%q,"id":%q,%s}`, typ, mark(i), body), fhir.R4),
				Origin:   fhir.Origin{Source: source}, Number: 1, Fetched: moment,
			})
		}
		return all
	})
}

// someOf draws choices about items, of which at least one is that the recipient
// may see one of them.
func someOf(t *rapid.T, items []aggregator.Item) []Choice {
	all := choicesAbout(items).Draw(t, "choices")
	if len(items) > 0 {
		one := rapid.SampledFrom(items).Draw(t, "permitted")
		all = append(all, Choice{Recipient: gp, Pins: PinsOf(one), Permit: true})
	}
	return all
}

// left is everything that leaves for the recipient in any way, as text.
func left(t testing.TB, p Policy, view *aggregator.Overview, records []fhir.Record, recipient string) string {
	t.Helper()
	o := p.For(view, recipient)
	var all bytes.Buffer
	write := func(v any) {
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(raw)
	}
	write(o)
	for _, item := range o.Items {
		write(item.Value)
	}
	e := readied(t, p.Extract(view, recipient), records, "nl")
	summary, err := e.IPS()
	if err != nil {
		t.Fatal(err)
	}
	all.Write(summary)
	if err := e.CSV(&all); err != nil {
		t.Fatal(err)
	}
	all.Write(message(t, o, records))
	return all.String()
}

// message is what goes over MedMij of what is in an overview.
func message(t testing.TB, o *aggregator.Overview, records []fhir.Record) []byte {
	t.Helper()
	pins := pins(o.Items...)
	var own []fhir.Record
	for _, r := range records {
		if CanSend(r) && slices.Contains(pins, Pin{r.Origin.Source, r.Origin.Service, r.Type, r.ID}) {
			own = append(own, r)
		}
	}
	raw, err := Measurements(self(t), own)
	if err != nil {
		t.Fatal(err)
	}
	return raw.Bytes
}

// permittedIDs are the ids of the records that the lines rest on which the
// recipient may see.
func permittedIDs(p Policy, view *aggregator.Overview, recipient string) map[string]bool {
	ids := map[string]bool{}
	for _, item := range view.Items {
		if !p.Allows(item, recipient) {
			continue
		}
		if full, ok := p.closed[item.ID]; ok && item.Section == aggregator.Gated {
			item = full
		}
		for _, part := range item.Parts {
			ids[part.ID] = true
		}
	}
	return ids
}

// TestNoTraceOfWhatStaysOut: whatever the records and the choices are, no word
// and no id of a record that is not permitted is in anything that leaves, and
// nothing is left after everything was revoked.
func TestNoTraceOfWhatStaysOut(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		records := neighbours().Draw(rt, "records")
		all, view := bothOf(t, records)
		p := Policy{Choices: someOf(rt, all.Items), At: moment}.WithClosed(view, all)
		text := left(t, p, view, records, gp)
		permitted := permittedIDs(p, view, gp)
		for i := range records {
			if strings.Contains(text, mark(i)) && !permitted[mark(i)] {
				rt.Errorf("a trace of record %d, %s", i, records[i].Type)
			}
		}
		for i := range p.Choices {
			p.Choices[i].Revoked = true
		}
		if o := p.For(view, gp); len(o.Items) > 0 {
			rt.Errorf("%d lines leave after everything was revoked", len(o.Items))
		}
	})
}

// bothOf merges records, and gives the whole and what the person sees of it.
func bothOf(t testing.TB, records []fhir.Record) (all, view *aggregator.Overview) {
	t.Helper()
	all, err := aggregator.Merge(seq(records...), aggregator.Input{AsOf: moment, Lang: "nl"})
	if err != nil {
		t.Fatal(err)
	}
	return all, all.View(aggregator.Viewer{At: moment})
}

// TestALineSaysWhatItWouldSayAlone: a difference that a line keeps for somebody
// who does not see all of its subject is there without any other line too.
func TestALineSaysWhatItWouldSayAlone(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		records := neighbours().Draw(rt, "records")
		all, view := bothOf(t, records)
		p := Policy{Choices: someOf(rt, all.Items), At: moment}
		whole := p.whole(view, gp)
		for _, item := range p.For(view, gp).Items {
			if whole[item.Subject] {
				continue
			}
			said := alone(onlyLine(t, item, records), whole)
			for _, c := range item.Conflicts {
				if !slices.ContainsFunc(said.Conflicts, func(d aggregator.Conflict) bool { return d.Code == c.Code && d.Text == c.Text }) {
					rt.Errorf("%s of %s tells of another line", c.Code, item.Subject)
				}
			}
			for name, f := range item.Fields {
				if said.Fields[name].Text != f.Text {
					rt.Errorf("%s of %s is %q, alone %q", name, item.Subject, f.Text, said.Fields[name].Text)
				}
			}
			if len(item.Notes)+len(item.Joins) > 0 || item.Group != "" {
				rt.Errorf("%s has notes, joins or a group", item.Subject)
			}
		}
	})
}

// onlyLine is the line as it is when there are no records but its own.
func onlyLine(t testing.TB, item aggregator.Item, records []fhir.Record) aggregator.Item {
	t.Helper()
	var own []fhir.Record
	for _, r := range records {
		if slices.ContainsFunc(item.Parts, func(p aggregator.Part) bool { return p.ID == r.ID }) {
			own = append(own, r)
		}
	}
	all, _ := bothOf(t, own)
	alone, ok := all.Find(item.ID)
	if !ok {
		t.Fatalf("%s is another line without its neighbours", item.Subject)
	}
	return alone
}

// TestWhatIsClosedLeavesOnlyByTheWord: without a choice that says so and pins
// just its records, nothing of a closed result leaves; with one it may, and the
// person's preview still shows nothing of it.
func TestWhatIsClosedLeavesOnlyByTheWord(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		records := neighbours().Draw(rt, "records")
		all, view := bothOf(t, records)
		p := Policy{Choices: someOf(rt, all.Items), At: moment}
		if without := p.For(view, gp); slices.ContainsFunc(without.Items, func(i aggregator.Item) bool { return closedIn(view, i.ID) }) {
			rt.Fatal("a closed result leaves without being known in full")
		}
		p = p.WithClosed(view, all)
		for _, item := range p.For(view, gp).Items {
			if !closedIn(view, item.ID) {
				continue
			}
			full, _ := all.Find(item.ID)
			if !slices.ContainsFunc(p.Choices, func(c Choice) bool { return c.Recipient == gp && c.Permit && c.IncludeUnseen && c.covers(full) }) {
				rt.Errorf("%s leaves unseen without the word", item.Subject)
			}
		}
		for _, item := range p.Preview(view, gp).Items {
			if closedIn(view, item.ID) && (item.Section != aggregator.Gated || len(pinned(item)) > 0) {
				rt.Error("the person sees in the preview what is closed for them")
			}
		}
	})
}

func closedIn(view *aggregator.Overview, id string) bool {
	item, _ := view.Find(id)
	return item.Section == aggregator.Gated
}

// pinned are the ids of the records that a line names.
func pinned(item aggregator.Item) []string {
	var ids []string
	for _, p := range PinsOf(item) {
		if p.ID != "" {
			ids = append(ids, p.ID)
		}
	}
	return ids
}
