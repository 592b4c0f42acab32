package r4

import (
	"slices"
	"strings"
	"testing"
)

// TestTableAgrees compares the table, made from HL7's definitions, with that of
// fhir, made from another source: the same elements, lists and required ones.
func TestTableAgrees(t *testing.T) {
	table := tableR4()
	compared := 0
	for name, rows := range readTable(t, "../elements_r4.txt") {
		typ := pathOf(table, name)
		if typ == "" {
			t.Errorf("%s: not in the table", name)
			continue
		}
		for element, kind := range rows {
			if element == "" {
				continue
			}
			e, ok := table[typ].elements[element]
			if !ok {
				t.Errorf("%s.%s: not in the table", typ, element)
				continue
			}
			compared++
			if list := strings.HasSuffix(kind, "*") || strings.HasSuffix(kind, "+"); list != e.repeats {
				t.Errorf("%s.%s: list %v", typ, element, e.repeats)
			}
			optional := strings.HasSuffix(kind, "*") || strings.HasSuffix(kind, "?")
			if e.choice == "" && optional == slices.Contains(table[typ].required, element) {
				t.Errorf("%s.%s: required %v", typ, element, !optional)
			}
		}
		for element := range table[typ].elements {
			// The other source takes this element for the type of a resource.
			if rows[element] == "" && typ+"."+element != "ExampleScenario.instance.resourceType" {
				t.Errorf("%s.%s: only in the table", typ, element)
			}
		}
	}
	if compared < 5000 {
		t.Errorf("only %d elements compared", compared)
	}
}

// pathOf finds a part by its name without dots: ObservationComponent.
func pathOf(table tables, name string) string {
	for typ := range table {
		if strings.EqualFold(strings.ReplaceAll(typ, ".", ""), name) {
			return typ
		}
	}
	return ""
}
