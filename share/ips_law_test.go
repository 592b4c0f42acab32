package share

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// marked are resources in each of which every word and number that could leave
// holds the mark.
var marked = map[string][2]string{
	"MedicationStatement": {
		`"status":"active","medicationCodeableConcept":{"coding":[{"system":"urn:oid:2.16.840.1.113883.2.4.4.10","code":"MARK","display":"MARK a"}],"text":"MARK b"},"dosage":[{"text":"MARK c"}],"reasonCode":[{"text":"MARK d"}],"note":[{"text":"MARK e"}]`,
		`"status":"active","taken":"y","medicationCodeableConcept":{"text":"MARK b"},"dosage":[{"text":"MARK c"}],"note":[{"text":"MARK e"}]`,
	},
	"AllergyIntolerance": {
		`"clinicalStatus":{"coding":[{"code":"active"}]},"code":{"text":"MARK"},"reaction":[{"manifestation":[{"text":"MARK f"}]}],"note":[{"text":"MARK g"}]`,
		`"clinicalStatus":"active","verificationStatus":"confirmed","code":{"coding":[{"system":"http://snomed.info/sct","code":"MARK","display":"MARK"}]}`,
	},
	"Condition": {
		`"clinicalStatus":{"coding":[{"code":"active"}]},"code":{"text":"MARK"},"note":[{"text":"MARK <b>&amp; ]]> g"}],"onsetDateTime":"2020-03"`,
		`"clinicalStatus":"resolved","code":{"text":"MARK"},"onsetDateTime":"2020"`,
	},
	"Procedure": {
		`"status":"completed","code":{"text":"MARK"},"performedDateTime":"2021-02-03"`,
		`"status":"suspended","notDone":true,"code":{"text":"MARK"}`,
	},
	"Immunization": {
		`"status":"completed","vaccineCode":{"text":"MARK"},"lotNumber":"MARK h","occurrenceDateTime":"2021-02-03"`,
		`"status":"completed","notGiven":false,"vaccineCode":{"text":"MARK"},"date":"2021-02-03T10:00"`,
	},
	"Observation": {
		`"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}],"text":"MARK"},"valueQuantity":{"value":81.40,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"},"effectiveDateTime":"2026-05-01","note":[{"text":"MARK i"}]`,
		`"status":"final","category":[{"coding":[{"system":"http://hl7.org/fhir/observation-category","code":"vital-signs"}]}],"code":{"text":"MARK"},"valueString":"=MARK j","comment":"MARK"`,
	},
	"Flag": {
		`"status":"active","code":{"text":"MARK"}`,
		`"status":"active","code":{"text":"MARK"},"period":{"start":"2020-01-01"}`,
	},
	"CarePlan": {
		`"status":"active","intent":"plan","title":"MARK","description":"MARK k"`,
		`"status":"active","intent":"plan","title":"MARK"`,
	},
	"Encounter": {
		`"status":"finished","class":{"code":"AMB"},"type":[{"text":"MARK"}],"period":{"start":"2025-01-01"}`,
		`"status":"finished","type":[{"text":"MARK"}]`,
	},
}

func mark(i int) string { return fmt.Sprintf("zq%03dqz", i) }

// dossiers draws records of several sources and both releases, each with a mark
// of its own.
func dossiers() *rapid.Generator[[]fhir.Record] {
	return rapid.Custom(func(t *rapid.T) []fhir.Record {
		types := []string{}
		for typ := range marked {
			types = append(types, typ)
		}
		slices.Sort(types)
		var all []fhir.Record
		for i := range rapid.IntRange(0, 12).Draw(t, "records") {
			typ, old := rapid.SampledFrom(types).Draw(t, "type"), rapid.IntRange(0, 1).Draw(t, "release")
			body := strings.ReplaceAll(marked[typ][old], "MARK", mark(i))
			raw := fmt.Sprintf(`{"resourceType":%q,"id":"r%d",%s}`, typ, i, body)
			source := rapid.SampledFrom([]string{gp, hospital, "file:x", fhir.Self}).Draw(t, "source")
			all = append(all, fhir.Record{
				Resource: fhir.Parse([]byte(raw), [...]fhir.Version{fhir.R4, fhir.STU3}[old]),
				Origin:   fhir.Origin{Source: source}, Number: 1, Fetched: moment,
			})
		}
		return all
	})
}

// choicesAbout draws choices about these items, for the recipient or another.
func choicesAbout(items []aggregator.Item) *rapid.Generator[[]Choice] {
	return rapid.Custom(func(t *rapid.T) []Choice {
		var all []Choice
		for range rapid.IntRange(0, 6).Draw(t, "choices") {
			if len(items) == 0 {
				break
			}
			item := rapid.SampledFrom(items).Draw(t, "item")
			c := Choice{Recipient: rapid.SampledFrom([]string{gp, gp, hospital}).Draw(t, "recipient"), Permit: rapid.IntRange(0, 3).Draw(t, "permit") > 0, Subject: item.Subject}
			if rapid.Bool().Draw(t, "item alone") {
				c.Subject, c.Pins = "", PinsOf(item)
			} else if c.Later = rapid.Bool().Draw(t, "later"); !c.Later {
				for _, other := range items {
					if other.Subject == item.Subject && rapid.Bool().Draw(t, "was there") {
						c.Pins = append(c.Pins, PinsOf(other)...)
					}
				}
			}
			c.IncludeUnseen = rapid.Bool().Draw(t, "unseen")
			all = append(all, c)
		}
		return all
	})
}

// TestNothingLeavesThatWasNotPermitted is the law of the whole package on every
// form: for any dossier and any choices, a summary holds to the rules, and of
// every line its mark is there when it may be and nowhere when it may not. So
// are the names of providers.
func TestNothingLeavesThatWasNotPermitted(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		records := dossiers().Draw(rt, "dossier")
		o := merged(t, records, "nl")
		p := Policy{Choices: choicesAbout(o.Items).Draw(rt, "choices"), At: moment}
		e := readied(t, p.Extract(o, gp), records, rapid.SampledFrom([]string{"nl", "en"}).Draw(rt, "lang"))
		e.Names = map[string]string{gp: "name-of-gp", hospital: "name-of-hospital", "file:x": "name-of-file"}
		raw, err := e.IPS()
		if err != nil {
			rt.Fatal(err)
		}
		for _, found := range checkIPS(raw) {
			rt.Error(found)
		}
		var table bytes.Buffer
		if err := e.CSV(&table); err != nil {
			rt.Fatal(err)
		}
		sources := map[string]bool{}
		for _, item := range o.Items {
			allowed := p.Allows(item, gp)
			_, placed := sectionOf(item)
			for _, part := range speaking(item) {
				sources[part.Source] = sources[part.Source] || allowed
				var i int
				if _, err := fmt.Sscanf(part.ID, "r%d", &i); err != nil {
					rt.Fatal(err)
				}
				if in := strings.Contains(string(raw), mark(i)); in && !allowed || !in && allowed && placed && part.Hidden == "" && len(speaking(item)) == 1 {
					rt.Errorf("%s of %s: in the summary %v, allowed %v", part.Type, item.Subject, in, allowed)
				}
				if in := strings.Contains(table.String(), mark(i)); in && !allowed {
					rt.Errorf("%s of %s is in the table", part.Type, item.Subject)
				}
			}
		}
		for source, name := range e.Names {
			if strings.Contains(string(raw)+table.String(), name) && !sources[source] {
				rt.Errorf("%s is named", source)
			}
		}
	})
}

// TestWhatALineSaysOfAnother: a medicine of the GP says that another provider
// has another dose. Who may not see that other line does not read so.
func TestWhatALineSaysOfAnother(t *testing.T) {
	records := annaRecords(t)
	o := merged(t, records, "nl")
	var differing aggregator.Item
	for _, item := range o.Subject("medication") {
		if item.Differs() && !slices.ContainsFunc(PinsOf(item), func(p Pin) bool { return p.Source == hospital }) {
			differing = item
		}
	}
	one := Choice{Recipient: hospital, Pins: PinsOf(differing), Permit: true}
	alone := Policy{Choices: []Choice{one}}.Extract(o, hospital)
	if len(alone.Overview.Items) != 1 || alone.Overview.Items[0].Differs() {
		t.Errorf("%d lines, which tell of others", len(alone.Overview.Items))
	}
	all := Policy{Choices: []Choice{{Recipient: hospital, Subject: "medication", Permit: true, Later: true}}}.Extract(merged(t, records, "nl"), hospital)
	if !slices.ContainsFunc(all.Overview.Items, aggregator.Item.Differs) {
		t.Error("who sees all lines does not read that they differ")
	}
	if !differing.Differs() {
		t.Error("the overview itself was changed")
	}
}
