package medmij

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// corrections is the number that the tests give to correction requests.
const corrections = "990"

// scriptQuery is one request of the published test scripts.
type scriptQuery struct{ Op, Resource, Params string }

func (s scriptQuery) String() string { return s.Op + " " + s.Resource + s.Params }

// script reads the queries that are expected of a client, each once per
// standard, with dates and variables filled in.
func script(t *testing.T, now time.Time) map[string][]scriptQuery {
	t.Helper()
	var all map[string]map[string][]scriptQuery
	if err := json.Unmarshal(shared(t, "conformance", "expected_queries.json"), &all); err != nil {
		t.Fatal(err)
	}
	distinct := map[string][]scriptQuery{}
	for standard, levels := range all {
		for _, queries := range levels {
			for _, q := range queries {
				if !slices.Contains(distinct[standard], q) {
					distinct[standard] = append(distinct[standard], q)
				}
			}
		}
	}
	for _, queries := range distinct {
		for i := range queries {
			queries[i].Params = fill(queries[i].Params, now)
		}
	}
	return distinct
}

var (
	dateVariable = regexp.MustCompile(`\$\{\s*(?:DATE\s*,\s*T|CURRENTDATE)\s*,\s*([DM])\s*,\s*-\s*(\d+)\s*\}`)
	variable     = regexp.MustCompile(`\$\{([a-z0-9-]+)\}`)
)

func fill(params string, now time.Time) string {
	params = dateVariable.ReplaceAllStringFunc(params, func(s string) string {
		m := dateVariable.FindStringSubmatch(s)
		n, _ := strconv.Atoi(m[2])
		if m[1] == "M" {
			return now.AddDate(0, -n, 0).Format(time.DateOnly)
		}
		return now.AddDate(0, 0, -n).Format(time.DateOnly)
	})
	return variable.ReplaceAllString(params, "$1")
}

// standards maps the scripts to the rows of the table.
func standards() map[string][]string {
	return map[string][]string{
		"R4/PatientCorrections-1-0": {corrections}, "R4/MP9-3-0-0-beta": {"68"}, "R4/Immunization-2-0": {"63", "66"},
		"STU3/BgLZ-3-0": {"61"}, "STU3/LaboratoryResults-2-0": {"46"}, "STU3/PDFA-3-0": {"51", "57"}, "STU3/GGZ-2-0": {"50"},
		"STU3/Geboortezorg-1-0": {"65"}, "STU3/Geboortezorg-2": {"67"}, "STU3/Medication-9-0-7": {"31", "35"},
		"STU3/BgZ-3-0": {"48"}, "STU3/SelfMeasurements-2-0": {"52", "53"}, "STU3/Questionnaires-2-0": {"59", "60"},
		"STU3/eAppointment-2-0": {"47"}, "STU3/GenPractData-2-0": {"49"}, "STU3/Images-2-0": {"55"},
		"STU3/AllergyIntolerance-3-0": {"54", "58"},
	}
}

// canonical is a request as sets: the path and the decoded parameters.
func canonical(t *testing.T, path string) string {
	t.Helper()
	path, query, _ := strings.Cut(path, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	for _, all := range values {
		slices.Sort(all)
	}
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(values)) {
		fmt.Fprintf(&b, " %s=%q", key, values[key])
	}
	return path + b.String()
}

// recorder is a provider of every service that finds nothing, and a client
// with a grant for all of it.
func recorder(t *testing.T, now time.Time) (*setup, *Grant, *Grant) {
	s := newSetup(t, always(200, `{"resourceType":"Bundle","type":"searchset"}`), func(c *Config) {
		c.Now = func() time.Time { return now }
		c.Services = []Service{CorrectionRequests(corrections)}
		c.LegacyTypes = true
	})
	var ids []string
	for _, service := range s.services() {
		ids = append(ids, service.ID)
	}
	collect, share := grantFor(ids...), grantFor(ids...)
	share.Purpose, share.Consented = Share, time.Time{}
	return s, collect, share
}

// sentBy gives what a call sent, without the base address.
func sentBy(t *testing.T, s *setup, call func() error) []string {
	t.Helper()
	before := len(s.net.requests())
	if err := call(); err != nil {
		return nil
	}
	var sent []string
	for _, r := range s.net.requests()[before:] {
		for _, forbidden := range []string{"patient=", "subject=", "owner="} {
			if strings.Contains(r.URL.String(), forbidden) {
				t.Errorf("RSC-05: %s", r.URL)
			}
		}
		sent = append(sent, r.Method+" "+canonical(t, strings.TrimPrefix(r.URL.String(), apiBase)))
	}
	return sent
}

func askAll(t *testing.T, s *setup, g *Grant, asks ...Ask) func() error {
	return func() error {
		sources, err := s.Ask(t.Context(), g, asks...)
		for _, source := range sources {
			collect(t, source)
		}
		return err
	}
}

// askFor writes a scriptQuery search as an Ask for a query of a row, the way a
// caller would who knows what the person wants.
func askFor(service string, q Query, want scriptQuery) Ask {
	a := Ask{Service: service, Query: q.Path, Latest: strings.HasPrefix(want.Params, lastn)}
	_, query, _ := strings.Cut(want.Params, "?")
	var includes []string
	for pair := range strings.SplitSeq(query, "&") {
		key, value, _ := strings.Cut(pair, "=")
		switch {
		case key == "":
		case strings.HasPrefix(key, "_include"):
			includes = append(includes, key+"="+value)
		case key == q.Filters.Period:
			a.Period.set(value)
		case key == q.Filters.Code:
			a.Codes = strings.Split(value, ",")
		case key == q.Filters.Identifier:
			a.Identifiers = strings.Split(value, ",")
		case key == q.Filters.Treatment:
			a.Treatments = strings.Split(value, ",")
		case key == q.Filters.Status:
			a.Status = strings.Split(value, ",")
		case q.Each != "":
			a.IDs = strings.Split(strings.ReplaceAll(value, q.Each+"/", ""), ",")
		}
	}
	for _, p := range askedOf(q).params {
		if strings.HasPrefix(p.key, "_include") && !slices.Contains(includes, p.key+"="+p.value) {
			a.Bare = true
		}
	}
	for _, include := range includes {
		if a.Bare || !strings.Contains(q.Path, include) {
			a.Include = append(a.Include, strings.TrimPrefix(include, "_include="+q.Type()+":"))
		}
	}
	return a
}

// set reads a bound as the scripts write it.
func (p *Period) set(bound string) {
	day, err := time.Parse(time.DateOnly, bound[2:])
	if err != nil {
		return
	}
	switch bound[:2] {
	case "ge", "gt":
		p.From = day
	default:
		p.To = day
	}
	p.Outside = strings.HasSuffix(bound[:2], "t")
}

// waysToSend are the calls that might send a scriptQuery request.
func waysToSend(t *testing.T, s *setup, want scriptQuery, service Service, collect, share *Grant) []func() error {
	switch want.Op {
	case "read":
		ref := fhir.Ref{Type: want.Resource, ID: strings.TrimPrefix(want.Params, "/")}
		return []func() error{askAll(t, s, collect, Ask{Service: service.ID, Reads: []fhir.Ref{ref}})}
	case "update":
		task := fhir.Parse([]byte(resource(want.Resource, strings.TrimPrefix(want.Params, "/"))), service.Version)
		return []func() error{func() error {
			_, err := s.Update(t.Context(), collect, service.ID, task)
			return err
		}}
	case "batch", "transaction":
		return []func() error{func() error {
			_, err := s.Send(t.Context(), share, service.ID, sendable(want.Op, service.Person))
			if codeOf(err) == CodeBad {
				err = nil // it was sent; this provider only knows searches
			}
			return err
		}}
	}
	var calls []func() error
	for _, q := range slices.Concat(service.Queries, service.More) {
		if q.Type() == want.Resource {
			calls = append(calls, askAll(t, s, collect, askFor(service.ID, q, want)))
		}
	}
	return calls
}

func sendable(kind string, person bool) []byte {
	entries := `{"resource":{"resourceType":"Binary"},"request":{"method":"POST","url":"Binary"}}`
	if person {
		entries += `,{"resource":{"resourceType":"Patient","meta":{"profile":["p"]}},"request":{"method":"POST","url":"Patient"}}`
	}
	return []byte(`{"resourceType":"Bundle","type":"` + kind + `","entry":[` + entries + `]}`)
}

var methods = map[string]string{"search": "GET", "read": "GET", "update": "PUT", "batch": "POST", "transaction": "POST"}

// RSC-07: whatever the published test scripts ask can be asked, exactly. What
// the table asks by itself is most of what has no filter.
func TestRSC_07_EveryQueryOfTheScriptsCanBeSent(t *testing.T) {
	now := time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)
	s, collect, share := recorder(t, now)
	total, byItself := 0, 0
	var not []string
	for standard, wants := range script(t, now) {
		services := standards()[standard]
		if len(wants) > 0 && services == nil {
			t.Errorf("%s belongs to no service", standard)
		}
		var asked []string
		for _, id := range services {
			asked = append(asked, sentBy(t, s, askAll(t, s, collect, Ask{Service: id}))...)
		}
		for _, want := range wants {
			total++
			line := methods[want.Op] + " " + canonical(t, "/"+want.Resource+want.Params)
			if want.Resource == "" && want.Params == "" {
				line = methods[want.Op] + " "
			}
			if slices.Contains(asked, line) {
				byItself++
				continue
			}
			if !slices.ContainsFunc(services, func(id string) bool {
				service, _ := s.serviceByID(id)
				return slices.ContainsFunc(waysToSend(t, s, want, service, collect, share), func(call func() error) bool {
					return slices.Contains(sentBy(t, s, call), line)
				})
			}) {
				not = append(not, standard+": "+want.String())
			}
		}
	}
	t.Logf("%d distinct requests: %d are asked by the table itself, %d through filters and calls, %d cannot be sent",
		total, byItself, total-byItself-len(not), len(not))
	const defective = "R4/MP9-3-0-0-beta: search ?category=http://snomed.info/sct|&_include=:medication&_include=:subject"
	if total != 287 || !slices.Equal(not, []string{defective}) {
		t.Errorf("of %d, these cannot be sent:\n%s", total, strings.Join(not, "\n"))
	}
	for _, line := range not {
		t.Logf("defective in the script: %s", line)
	}
}
