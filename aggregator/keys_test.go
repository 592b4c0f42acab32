package aggregator

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/fhir"
)

// TestStatementIDs is merge.md 1.2: which identifiers name the statement, and
// how they are written to be compared.
func TestStatementIDs(t *testing.T) {
	ident := func(pairs ...string) object {
		o := object{}
		for i := 0; i < len(pairs); i += 2 {
			o[pairs[i]] = pairs[i+1]
		}
		return o
	}
	placer := with(ident("system", "urn:oid:1.3.5", "value", "order-1"), "type", object{"coding": []any{object{"code": "PLAC"}}})
	for name, c := range map[string]struct {
		in   object
		want []string
	}{
		"as it is":                 {ident("system", "http://x.nl/id", "value", "a-100"), []string{"http://x.nl/id|a-100"}},
		"spaces":                   {ident("system", " http://x.nl/id ", "value", " a-100\u00a0"), []string{"http://x.nl/id|a-100"}},
		"host in capitals, slash":  {ident("system", "HTTP://X.nl/Id/", "value", "A-100"), []string{"http://x.nl/Id|A-100"}},
		"bare oid":                 {ident("system", "2.16.840.1", "value", "007"), []string{"urn:oid:2.16.840.1|007"}},
		"oid in capitals":          {ident("system", "urn:OID:2.16.840.1", "value", "007"), []string{"urn:oid:2.16.840.1|007"}},
		"uuid system":              {ident("system", "urn:uuid:ABC-1", "value", "100"), []string{"urn:uuid:abc-1|100"}},
		"urn as value":             {ident("system", "urn:ietf:rfc:3986", "value", "urn:UUID:ABC-1"), []string{"urn:ietf:rfc:3986|urn:uuid:abc-1"}},
		"urn without a system":     {ident("value", "urn:oid:1.2.840"), []string{"urn:ietf:rfc:3986|urn:oid:1.2.840"}},
		"no system":                {ident("value", "a-100"), []string{"local:medmij:gp@medmij|a-100"}},
		"empty oid":                {ident("system", "urn:oid:", "value", "a-100"), []string{"local:medmij:gp@medmij|a-100"}},
		"old":                      {ident("system", "http://x.nl", "value", "a-100", "use", "old"), nil},
		"secondary":                {ident("system", "http://x.nl", "value", "a-100", "use", "secondary"), nil},
		"of the order":             {placer, nil},
		"citizen service number":   {ident("system", "http://fhir.nl/fhir/NamingSystem/bsn", "value", "a-100"), nil},
		"too short to tell apart":  {ident("system", "http://x.nl", "value", "12"), nil},
		"nothing but a system":     {ident("system", "http://x.nl"), nil},
		"of the treatment":         {ident("system", "urn:oid:2.16.840.1.113883.2.4.3.11.999.77.1", "value", "t-100"), nil},
		"of the block, beside it":  {ident("system", "urn:oid:2.16.840.1.113883.2.4.3.11.999.77.2", "value", "t-100"), []string{"urn:oid:2.16.840.1.113883.2.4.3.11.999.77.2|t-100"}},
		"leading zeros tell apart": {ident("system", "http://x.nl", "value", "00100"), []string{"http://x.nl|00100"}},
	} {
		r := with(agreement("a", "111").treatment("t-100").object, "identifier", []any{c.in})
		e := newEntry(at("gp", "48", fhir.R4, r)[0])
		var got []string
		for _, id := range statementIDs(e) {
			got = append(got, id.Key())
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestWindowStart: what a query asks for a period of, its answer cannot lack
// before that period.
func TestWindowStart(t *testing.T) {
	gone := time.Date(2026, 3, 31, 15, 0, 0, 0, fhir.Amsterdam())
	for query, want := range map[string]string{
		"Observation?code=x&date=ge{today-14m}":             "2025-01-31",
		"Appointment?date=ge{today-150d}":                   "2025-11-01",
		"MedicationRequest?periodofuse=ge{today}&category=": "2026-03-31",
		"Condition":                             "",
		"Observation?date=ge{today-xm}":         "",
		"Observation?date=ge{today":             "",
		"Observation?$lastn&code=http://x|2708": "",
	} {
		start, ok := windowStart(query, gone)
		got := ""
		if ok {
			got = start.Format(time.DateOnly)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
}

// TestWhichVersionSpeaks is merge.md 1.5, in any order of arrival.
func TestWhichVersionSpeaks(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2026, 1, d, 0, 0, 0, 0, time.UTC) }
	version := func(number, fetched, updated int) fhir.Record {
		r := at("gp", "48", fhir.R4, condition(nil))[0]
		r.Number, r.Fetched = number, day(fetched)
		if updated > 0 {
			r.Updated = day(updated)
		}
		return r
	}
	for name, c := range map[string]struct {
		in   []fhir.Record
		want []int
	}{
		"the newest":                            {[]fhir.Record{version(1, 5, 1), version(2, 6, 2)}, []int{2}},
		"the newest came first":                 {[]fhir.Record{version(1, 5, 4), version(2, 6, 2)}, []int{1}},
		"a moment in the future does not count": {[]fhir.Record{version(1, 5, 28), version(2, 6, 2)}, []int{2}},
		"without a moment the last":             {[]fhir.Record{version(1, 5, 4), version(2, 6, 0)}, []int{2}},
		"one of three without a moment":         {[]fhir.Record{version(1, 5, 5), version(2, 6, 0), version(3, 7, 4)}, []int{3}},
		"equal moments, the last collection":    {[]fhir.Record{version(1, 5, 4), version(2, 6, 4)}, []int{2}},
		"equal in all":                          {[]fhir.Record{version(1, 5, 4), version(2, 5, 4)}, []int{1, 2}},
	} {
		for range 2 {
			var got []int
			for _, e := range speaking(append([]fhir.Record{}, c.in...)) {
				got = append(got, e.Number)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
			for i, j := 0, len(c.in)-1; i < j; i, j = i+1, j-1 {
				c.in[i], c.in[j] = c.in[j], c.in[i]
			}
		}
	}
}
