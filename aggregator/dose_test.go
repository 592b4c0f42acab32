package aggregator

import (
	"encoding/json"
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
)

func dosageFrom(t *testing.T, steps ...object) fhir.Dosage {
	t.Helper()
	raw, err := json.Marshal(object{"resourceType": "MedicationRequest", "dosageInstruction": steps})
	if err != nil {
		t.Fatal(err)
	}
	return fhir.Dosages(fhir.Parse(raw, fhir.R4).Node(), "dosageInstruction")
}

func TestDosesCompare(t *testing.T) {
	twice := with(daily(1), "doseAndRate", []any{object{"doseQuantity": object{"value": 2, "unit": "stuk", "system": fhir.UCUM, "code": "1"}}})
	gram := with(daily(1), "doseAndRate", []any{object{"doseQuantity": object{"value": 1, "unit": "stuk", "system": "urn:oid:2.16.840.1.113883.2.4.4.1.900.2", "code": "215"}}})
	needed := with(daily(1), "asNeededBoolean", true)
	words := func(s string) []object { return []object{{"text": s}} }
	for _, c := range []struct {
		name string
		a, b []object
		want doseOutcome
	}{
		{"equal", []object{daily(1)}, []object{daily(1)}, doseEqual},
		{"another frequency", []object{daily(1)}, []object{daily(2)}, doseDifferent},
		{"another schedule with one total", []object{twice}, []object{daily(2)}, doseSameTotal},
		{"as needed", []object{daily(1)}, []object{needed}, doseDifferent},
		{"words as needed", words("zo nodig 1"), []object{needed}, doseDifferent},
		{"the same words", words("1 x daags  1 tablet."), words("1 x Daags 1 tablet"), doseTextEqual},
		{"other words", words("1 x daags"), words("2 x daags"), doseDifferent},
		{"words against structure", words("1 x daags"), []object{daily(1)}, doseUnknown},
		{"nothing", nil, []object{daily(1)}, doseUnknown},
		{"a unit that cannot be trusted", []object{gram}, []object{daily(1)}, doseUnknown},
	} {
		a, b := dosageFrom(t, c.a...), dosageFrom(t, c.b...)
		if got := compareDoses(a, b); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		if got := compareDoses(b, a); got != c.want {
			t.Errorf("%s, the other way round: %s, want %s", c.name, got, c.want)
		}
		if equal := doseKey(a) == doseKey(b) && doseKey(a) != "" && !a.UnitConflict(); equal != (c.want == doseEqual || c.want == doseTextEqual) {
			t.Errorf("%s: the keys say %v", c.name, equal)
		}
	}
}

func TestDaysOfAQuantity(t *testing.T) {
	pieces := func(value string) fhir.Quantity {
		return fhir.Quantity{Value: value, Unit: "stuk", System: "urn:oid:2.16.840.1.113883.2.4.4.1.900.2", Code: "245"}
	}
	for _, c := range []struct {
		name string
		q    fhir.Quantity
		d    fhir.Dosage
		want int
	}{
		{"30 pieces, one a day", pieces("30"), dosageFrom(t, daily(1)), 30},
		{"30 pieces, two a day", pieces("30"), dosageFrom(t, daily(2)), 15},
		{"31 pieces, two a day", pieces("31"), dosageFrom(t, daily(2)), 15},
		{"as needed", pieces("30"), dosageFrom(t, with(daily(1), "asNeededBoolean", true)), 0},
		{"another unit", fhir.Quantity{Value: "30", Unit: "ml", System: fhir.UCUM, Code: "mL"}, dosageFrom(t, daily(1)), 0},
		{"no number", fhir.Quantity{}, dosageFrom(t, daily(1)), 0},
		{"words only", pieces("30"), dosageFrom(t, object{"text": "1 x daags"}), 0},
		{"more than ten years", pieces("99999"), dosageFrom(t, daily(1)), 0},
	} {
		if got := daysOf(c.q, c.d); got != c.want {
			t.Errorf("%s: %d days, want %d", c.name, got, c.want)
		}
	}
}
