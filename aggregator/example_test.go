package aggregator_test

import (
	"fmt"
	"iter"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// Two providers speak of one allergy in two code systems: one line, two
// sources.
func ExampleMerge() {
	records := []fhir.Record{
		record("medmij:huisarts@medmij", "49", fhir.STU3, `{"resourceType":"AllergyIntolerance","id":"1","clinicalStatus":"active",
			"code":{"coding":[{"system":"urn:oid:2.16.840.1.113883.2.4.4.1.750","code":"23167","display":"AMOXICILLINE"}]}}`),
		record("medmij:ziekenhuis@medmij", "48", fhir.STU3, `{"resourceType":"AllergyIntolerance","id":"9","clinicalStatus":"active",
			"code":{"coding":[{"system":"http://snomed.info/sct","code":"372687004","display":"amoxicilline"}]}}`),
	}
	o, err := aggregator.Merge(all(records), aggregator.Input{AsOf: time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, item := range o.Items {
		fmt.Println(item.Subject, item.Section, item.Title, len(item.Parts), item.Joins[0].Rule)
	}
	// Output: allergy active AMOXICILLINE 2 same-agent
}

func record(source, service string, v fhir.Version, content string) fhir.Record {
	return fhir.Record{
		Resource: fhir.Parse([]byte(content), v), Origin: fhir.Origin{Source: source, Service: service},
		Number: 1, Fetched: time.Date(2026, 6, 1, 11, 0, 0, 0, time.UTC),
	}
}

func all(records []fhir.Record) iter.Seq2[fhir.Record, error] {
	return func(yield func(fhir.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}
