package desk

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/share"
)

// crowdSize is of how many of each kind a crowded vault has: every list is longer
// than one page of it may be. A vault of 50,000 records has a hundred times more
// results, but no page of it shows more rows.
const crowdSize = 90

// syllables is a name without a digit, another for each number.
func syllables(i int) string {
	const first, second = "bdfgklmnprstvz", "aeiou"
	return string([]byte{first[i%14], second[i/14%5], first[i/70%14], second[i%5], first[(i+i/14)%14]})
}

// crowd is what one of two sources gives of somebody with too much of everything.
// They do not agree about the medicines, the allergies and the letters.
func crowd(source int) []fhir.Resource {
	var out []fhir.Resource
	add := func(format string, args ...any) {
		out = append(out, fhir.Parse(fmt.Appendf(nil, format, args...), fhir.R4))
	}
	for i := range crowdSize {
		day := time.Date(2026, 5, 28, 0, 0, 0, 0, time.UTC).AddDate(0, 0, -3*i).Format(time.DateOnly)
		dosage := fmt.Sprintf(`"dosageInstruction":[{"text":"%d keer per dag 1 tablet","timing":{"repeat":{"frequency":%d,"period":1,"periodUnit":"d"}},"doseAndRate":[{"doseQuantity":{"value":1,"unit":"stuk"}}]}]`, 1+source, 1+source)
		add(`{"resourceType":"MedicationRequest","id":"m%d","status":"active","authoredOn":%q,"medicationCodeableConcept":{"coding":[{"system":%q,"code":"%d","display":"%sOL TABLET 50MG"}]},%s}`,
			i, day, fhir.PRK, 10000+i, strings.ToUpper(syllables(i)), dosage)
		if i < crowdSize/3 { // of one substance: all stand side by side
			add(`{"resourceType":"MedicationRequest","id":"x%d","status":"active","authoredOn":%q,"medicationCodeableConcept":{"coding":[{"system":%q,"code":"%d","display":"EENMIDDEL TABLET %dMG"}]},%s}`,
				i, day, fhir.PRK, 90000+i, 10+i, dosage)
		}
		add(`{"resourceType":"MedicationDispense","id":"u%d","status":"completed","whenHandedOver":%q,"medicationCodeableConcept":{"coding":[{"system":%q,"code":"80000","display":"VAAKMIDDEL TABLET 50MG"}]},%s}`,
			i, day, fhir.PRK, dosage)
		add(`{"resourceType":"MedicationRequest","id":"s%d","status":"completed","authoredOn":"2020-01-02","medicationCodeableConcept":{"text":"%sine"},%s}`, i, syllables(i), dosage)
		add(`{"resourceType":"AllergyIntolerance","id":"a%d","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"active"}]},"criticality":%q,"code":{"text":"Stof %d"},"recordedDate":%q,"reaction":[{"manifestation":[{"text":"Uitslag over het hele lichaam"}]}]}`,
			i, []string{"low", "high"}[(i+source)%2], i, day)
		add(`{"resourceType":"Observation","id":"o%d","status":"final","category":[{"coding":[{"code":"laboratory"}]}],"effectiveDateTime":%q,"code":{"coding":[{"system":"http://loinc.org","code":"%d-%d","display":"Bepaling %d"}]},"valueQuantity":{"value":%d,"unit":"mmol/L","code":"mmol/L","system":"http://unitsofmeasure.org"},"referenceRange":[{"low":{"value":3},"high":{"value":9}}]}`,
			i, day, 10000+i, i%10, i, 1+(i+source)%12)
		add(`{"resourceType":"Observation","id":"k%d","status":"final","category":[{"coding":[{"code":"laboratory"}]}],"effectiveDateTime":%q,"code":{"coding":[{"system":"http://loinc.org","code":"14682-9","display":"Kreatinine"}]},"valueQuantity":{"value":%d,"unit":"umol/L","code":"umol/L","system":"http://unitsofmeasure.org"},"referenceRange":[{"low":{"value":60},"high":{"value":110}}]}`,
			i, day, 80+i%40)
		add(`{"resourceType":"DocumentReference","id":"d%d","status":"current","date":"%sT09:00:00Z","description":"Brief %d van %d","type":{"text":"Brief %d"},"content":[{"attachment":{"contentType":"text/plain","data":%q}}]}`, i, day, i, source, i, fmt.Sprintf("QnJp%03dA", i))
		add(`{"resourceType":"Condition","id":"c%d","code":{"text":"Klacht %d"},"onsetDateTime":%q,"note":[{"text":"Al enige tijd."}]}`, i, i, day)
		add(`{"resourceType":"Procedure","id":"p%d","status":"completed","code":{"text":"Verrichting %d"},"performedDateTime":%q}`, i, i, day)
	}
	return out
}

func crowdOrigin(source int) fhir.Origin {
	return fhir.Origin{Source: fmt.Sprint("file:bron ", source)}
}

// crowded is a vault with too much of everything: of it, of what the person
// added, chose and shares. What the second source gave of laboratories is closed.
func crowded(t *testing.T) *Desk {
	t.Helper()
	d, now := moving(t)
	s := must(d.Vault())
	for source := range 2 {
		must(s.Put(t.Context(), fhir.One(crowdOrigin(source), fhir.R4, "everything", crowd(source)...)))
		now.pass(time.Hour)
	}
	if err := d.SetGate(t.Context(), aggregator.GateRule{Source: crowdOrigin(0).Source, Wait: aggregator.WaitNot}); err != nil {
		t.Fatal(err)
	}
	var own []fhir.Resource
	for i := range crowdSize {
		for kind, value := range map[string]string{"weight": fmt.Sprint(70 + i%9), "note": fmt.Sprint("Vraag ", i)} {
			r, _, err := aggregator.NewOwn(aggregator.OwnEntry{Kind: kind, Value: value, At: now.Now().AddDate(0, 0, -i-1), Confirmed: true}, now.Now())
			if err != nil {
				t.Fatal(err)
			}
			own = append(own, r)
		}
	}
	if err := d.putOwn(t.Context(), own...); err != nil {
		t.Fatal(err)
	}
	shareCrowd(t, d)
	return d
}

// shareCrowd shares much with three people, each line by itself.
func shareCrowd(t *testing.T, d *Desk) {
	t.Helper()
	o := must(d.Overview(t.Context(), time.Time{}, "nl"))
	var all []share.Choice
	for who := range 3 {
		to := share.NewRecipient(share.ToPerson, fmt.Sprint("Iemand ", who), share.Family)
		for _, subject := range []string{"medication", "lab"} {
			c := must(d.ChoiceFor(t.Context(), subject, to, false))
			c.Permit, c.Later = true, true
			all = append(all, c)
		}
		for _, item := range o.Subject("allergy", "problem") {
			c := must(d.ChoiceFor(t.Context(), item.ID, to, false))
			c.Permit = true
			all = append(all, c)
		}
	}
	if err := d.Choose(t.Context(), all...); err != nil {
		t.Fatal(err)
	}
}

var anyHref = regexp.MustCompile(`href="(/[^"#]*)`)

// isWhole tells the pages that are as long as they are: sheets to print, files to
// keep, and what somebody else may see, exactly as they see it.
func isWhole(route string) bool {
	return strings.HasPrefix(route, "/p/") || strings.HasPrefix(route, "/d/kijk/") || strings.HasSuffix(route, "/bestand?")
}

// thing is what names one of many in an address: a number, the key of an item or a
// source, or the id of what the person added.
var thing = regexp.MustCompile(`^([0-9]+|[a-z2-7]{12}|[0-9a-f]{8}-[0-9a-f-]{27})$`)

// routeOf is an address without what names a thing in it: pages that are made alike.
func routeOf(path string) string {
	path, query, _ := strings.Cut(path, "?")
	name, _, _ := strings.Cut(query, "=")
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if thing.MatchString(part) && part != "instellingen" {
			parts[i] = "*"
		}
	}
	return strings.Join(parts, "/") + "?" + name
}

// TestNoPageIsLong follows the links of a vault with too much of everything, and
// sees that no page is over 60 kB (product.md 6.16).
func TestNoPageIsLong(t *testing.T) {
	d := crowded(t)
	b := browse(t, d, "nl")
	todo, seen, times := []string{"/"}, map[string]bool{"/": true}, map[string]int{}
	for _, item := range must(d.Overview(t.Context(), time.Time{}, "nl")).Subject("medication") {
		switch item.Title { // the longest of their kind
		case "EENMIDDEL TABLET 10MG", "VAAKMIDDEL TABLET 50MG":
			todo = append(todo, "/i/"+item.Key(), "/v/"+item.Key())
		}
	}
	longest := map[string]int{}
	for len(todo) > 0 {
		path := todo[0]
		todo = todo[1:]
		res, body := b.get(path)
		if res.StatusCode >= http.StatusBadRequest {
			t.Errorf("%s: %s", path, res.Status)
		}
		route := routeOf(path)
		longest[route] = max(longest[route], len(body))
		for _, m := range anyHref.FindAllStringSubmatch(body, -1) {
			next := strings.ReplaceAll(m[1], "&amp;", "&")
			if r := routeOf(next); !seen[next] && !strings.HasPrefix(next, "/s/") && times[r] < 6 {
				seen[next] = true
				times[r]++
				todo = append(todo, next)
			}
		}
	}
	for _, query := range []string{"middel", "stof", "bepaling", "klacht", "iets"} {
		_, body := b.post("/zoek", "q="+query)
		longest["/zoek?"] = max(longest["/zoek?"], len(body))
	}
	var routes []string
	for route := range longest {
		routes = append(routes, route)
	}
	slices.Sort(routes)
	for _, cut := range []string{"/?vanaf", "/a?vanaf", "/m?vanaf", "/u?vanaf", "/v/*?vanaf", "/i/*?vanaf", "/d/*?eigen", "/d/*?vanaf", "/d/bij/*?vanaf"} {
		if longest[cut] == 0 {
			t.Errorf("nothing is left for %s: the vault is not crowded enough", cut)
		}
	}
	for _, route := range routes {
		t.Logf("%7d %s", longest[route], route)
		if longest[route] > 60_000 && !isWhole(route) {
			t.Errorf("%s: a page of %d bytes, more than 60 kB", route, longest[route])
		}
	}
}
