// Package store_test measures the store beside others, with the same bytes in
// one run: go test ./store -run '^$' -bench . -benchtime 3x
package store_test

import (
	"bytes"
	"fmt"
	"os"
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
)

// corpus gives the resources of the shared fixtures, each as its file has it.
func corpus(tb testing.TB) []fhir.Resource {
	tb.Helper()
	const dir = "../../../shared/fixtures"
	if _, err := os.Stat(dir); err != nil {
		tb.Skip("the shared fixtures are not here")
	}
	var all []fhir.Resource
	for item, err := range fhir.Files(os.DirFS(dir), fhir.STU3) {
		if err == nil && !item.Skipped && len(item.Resource.Bytes()) > 0 {
			all = append(all, item.Resource)
		}
	}
	return all
}

// times gives the resources n times, each time with other ids.
func times(all []fhir.Resource, n int) []fhir.Resource {
	var out []fhir.Resource
	for i := range n {
		for _, r := range all {
			id := fmt.Appendf(nil, "%q", r.ID)
			raw := bytes.Replace(r.Bytes(), id, fmt.Appendf(nil, `"%s-%d"`, r.ID, i), 1)
			out = append(out, fhir.Parse(raw, r.Version))
		}
	}
	return out
}

// observations are n made-up ones of about 1.3 kB, the size of real ones without
// white space.
func observations(n int) []fhir.Resource {
	all := make([]fhir.Resource, n)
	for i := range all {
		var c bytes.Buffer
		for j := range 9 {
			fmt.Fprintf(&c, `,{"system":"http://example.nl/system/%d","code":"%08x","display":"A thing of kind %d and %d"}`,
				j, uint32(i*9+j)*2654435761, i%97, i^j)
		}
		all[i] = fhir.Parse(fmt.Appendf(nil, `{"resourceType":"Observation","id":"%08x-%04x-4000-8000-%012x","meta":{"profile":`+
			`["http://nictiz.nl/fhir/StructureDefinition/zib-LaboratoryTestResult-Observation"]},"status":"final","code":{"coding":[%s]},`+
			`"subject":{"reference":"Patient/p"},"effectiveDateTime":"20%02d-%02d-11T10:00:00+01:00","valueQuantity":{"value":%d.%d,"unit":"mmol/L"}}`,
			uint32(i)*2246822519, i%65536, i, c.Bytes()[1:], i%25, i%12+1, i%300, i%10), fhir.STU3)
	}
	return all
}

func size(all []fhir.Resource) (n int) {
	for _, r := range all {
		n += len(r.Bytes())
	}
	return n
}
