package r4

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
)

// stu3 is the table of STU3 beside this package: rows of a type by its name.
type stu3 map[string]map[string]string

func readTable(t *testing.T, file string) stu3 {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	types := stu3{}
	for line := range strings.Lines(string(raw)) {
		head, rows, _ := strings.Cut(line, ":")
		name, base, _ := strings.Cut(head, " ")
		types[name] = map[string]string{"": base}
		for row := range strings.FieldsSeq(rows) {
			element, kind, _ := strings.Cut(row, "=")
			types[name][strings.NewReplacer("[", "", "]", "").Replace(element)] = kind
		}
	}
	return types
}

// sample is a value of a kind, with one element filled: mark stands in it.
const mark = `"2020-01-01T00:00:00Z"`

var samples = map[string]string{
	"s": mark, "n": "1.10", "b": "true", "CodeableConcept": `{"text":` + mark + `}`, "Coding": `{"code":` + mark + `}`,
	"Reference": `{"reference":"Patient/1","display":` + mark + `}`, "Identifier": `{"value":` + mark + `}`,
	"Annotation": `{"text":` + mark + `}`, "Attachment": `{"title":` + mark + `}`, "Period": `{"start":` + mark + `}`,
	"Quantity": `{"unit":` + mark + `}`, "Age": `{"unit":` + mark + `}`, "Duration": `{"unit":` + mark + `}`,
	"Range": `{"low":{"unit":` + mark + `}}`, "Ratio": `{"numerator":{"unit":` + mark + `}}`,
	"Timing": `{"event":[` + mark + `]}`, "Address": `{"city":` + mark + `}`, "ContactPoint": `{"value":` + mark + `}`,
	"HumanName": `{"family":` + mark + `}`, "ContactDetail": `{"name":` + mark + `}`, "Money": `{"code":` + mark + `}`,
	"SampledData": `{"data":` + mark + `}`, "UsageContext": `{"code":{"code":` + mark + `}}`, "Dosage": `{"text":` + mark + `}`,
	"Signature": `{"blob":` + mark + `}`, "Narrative": `{"div":` + mark + `}`, "Distance": `{"unit":` + mark + `}`, "Count": `{"unit":` + mark + `}`,
}

// each gives, for every element of a type and its parts, a value of the type
// with that element alone.
func (s stu3) each(typ string, depth int, yield func(path, body string)) {
	for name, kind := range s[typ] {
		if name == "" || depth > 4 {
			continue
		}
		bare := strings.TrimRight(kind, "?*+")
		give := func(path, body string) {
			if bare != kind && strings.ContainsAny(kind[len(bare):], "*+") {
				body = "[" + body + "]"
			}
			yield(path, `{"`+name+`":`+body+`}`)
		}
		if sample, ok := samples[bare]; ok {
			give(name, sample)
		} else if s[bare][""] == "BackboneElement" || strings.HasPrefix(bare, "Dosage") {
			s.each(bare, depth+1, func(path, body string) { give(name+"."+path, body) })
		}
	}
}

// TestEveryElementOfSTU3HasAPlace fills every element of every type with rules,
// alone, and expects its value in the result, in an element that R4 has.
func TestEveryElementOfSTU3HasAPlace(t *testing.T) {
	table := readTable(t, "../elements_stu3.txt")
	done := 0
	for _, typ := range slices.Sorted(maps.Keys(ruleTable)) {
		if typ == "Bundle" || typ == "OperationOutcome" || typ == "Parameters" {
			continue // envelopes: their kin have tests of their own
		}
		if table[typ] == nil {
			t.Errorf("%s: no type of STU3", typ)
		}
		table.each(typ, 0, func(path, body string) {
			done++
			in := `{"resourceType":"` + typ + `",` + body[1:]
			out, notes, err := Convert(fhir.Parse([]byte(in), fhir.STU3))
			if err != nil {
				t.Fatalf("%s: %v", in, err)
			}
			value := mark
			if !strings.Contains(in, mark) {
				value = map[bool]string{true: "1.10", false: "true"}[strings.Contains(in, "1.10")]
			}
			// A flag that it did not happen becomes a status.
			if !strings.Contains(string(out), value) && path != "notDone" && path != "notGiven" {
				t.Errorf("%s.%s is lost:\n%s\n%s", typ, path, in, out)
			}
			for _, n := range notes {
				if n.Change == Left || n.Change == General {
					t.Errorf("%s\n%s", n, out)
				}
			}
			for _, f := range Check(out) {
				switch f.Problem {
				case Missing, BadValue, BadCode: // of the sample, not of the place
				default:
					t.Errorf("%s\n%s\n%s", f, in, out)
				}
			}
		})
	}
	if done < 900 {
		t.Errorf("only %d elements", done)
	}
	t.Logf("%d elements of %d types", done, len(ruleTable))
}
