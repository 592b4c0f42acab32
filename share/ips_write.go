package share

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

const (
	ipsProfile    = "http://hl7.org/fhir/uv/ips/StructureDefinition/"
	terminology   = "http://terminology.hl7.org/CodeSystem/"
	absentReason  = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
	emptyReasons  = terminology + "list-empty-reason"
	uriSystem     = "urn:ietf:rfc:3986"
	noInformation = "unavailable"
)

// object is a JSON object on its way out.
type object = map[string]any

// document collects the entries of a Bundle. Each gets a urn:uuid made of its
// content, so that the same extract gives the same bytes.
type document struct {
	extract   Extract
	words     ipsWords
	entries   []object
	patient   string            // urn of the Patient
	providers map[string]string // urns of the Organizations, by source
	origins   []origin
}

// origin is what one source said and when it was collected.
type origin struct {
	source  string
	fetched time.Time
	targets []any
}

// add puts a resource in the document and gives its urn. salt tells two
// resources with the same content apart.
func (d *document) add(resource object, salt string) (string, error) {
	raw, err := json.Marshal(resource)
	if err != nil {
		return "", fmt.Errorf("write a summary: %w", err)
	}
	id := contentUUID(append(raw, salt...))
	resource["id"] = id
	d.entries = append(d.entries, object{"fullUrl": "urn:uuid:" + id, "resource": resource})
	return "urn:uuid:" + id, nil
}

// contentUUID is a UUID of version 8 made of a hash (RFC 9562 5.8).
func contentUUID(content []byte) string {
	sum := sha256.Sum256(content)
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

func reference(url string) object { return object{"reference": url} }

func profile(name string) object { return object{"profile": []any{ipsProfile + name}} }

// absent says that a member that must be there is not known.
func absent() object {
	return object{"extension": []any{object{"url": absentReason, "valueCode": "unknown"}}}
}

// when fills in a required moment, or says that it is not known.
func (o resource) when(member string, at fhir.Date) {
	if s := dateTime(at); s != "" {
		o[member] = s
		return
	}
	o["_"+member] = absent()
}

// resource is an object with ways to fill it in; what is empty is not written.
type resource object

func (o resource) text(member, value string) {
	if value = clean(value); value != "" {
		o[member] = value
	}
}

// oneOf writes a code when it is in the set that R4 has for the member.
func (o resource) oneOf(member, code string, set ...string) {
	if slices.Contains(set, code) {
		o[member] = code
	}
}

// notes writes texts that belong to an entry as a whole.
func (o resource) notes(texts []string) {
	var all []any
	for _, s := range texts {
		if s = clean(s); s != "" {
			all = append(all, object{"text": s})
		}
	}
	if len(all) > 0 {
		o["note"] = all
	}
}

// clean takes away what no R4 string or XHTML may hold.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.TrimSpace(s)
}

// dateTime is a date as R4 writes it: a time has seconds and an offset.
func dateTime(d fhir.Date) string {
	if d.Precision() <= fhir.PrecisionDay {
		return d.Day()
	}
	return d.Low().In(fhir.Amsterdam()).Format(time.RFC3339)
}

// period leaves out an end before its start, which R4 forbids: the words of the
// overview say that the dates are not right.
func period(start, end fhir.Date) object {
	p := object{}
	if s := dateTime(start); s != "" {
		p["start"] = s
	}
	if s := dateTime(end); s != "" && (start.IsZero() || !end.High().Before(start.Low())) {
		p["end"] = s
	}
	return p
}

// codeable keeps every code with its system and its name, and the words that
// the overview shows.
func (d *document) codeable(c fhir.Coded, words string) object {
	var all []any
	for _, coding := range c.Coding {
		o := resource{}
		o.text("system", coding.System)
		o.text("code", strings.Join(strings.Fields(coding.Code), " "))
		o.text("display", coding.Display)
		if o["code"] != nil && !strings.ContainsAny(coding.System, " \t\n") {
			all = append(all, o)
		}
	}
	out := object{"text": firstNonEmpty(clean(words), clean(c.Display()), d.words.unknown)}
	if len(all) > 0 {
		out["coding"] = all
	}
	return out
}

// status is a code of a system of HL7.
func status(system, code string) object { return concept(terminology+system, code) }

// measured writes a quantity as delivered; nothing for what is no JSON number.
func measured(q fhir.Quantity) object {
	if q.IsZero() || !json.Valid([]byte(q.Value)) {
		return nil
	}
	o := resource{"value": json.Number(q.Value)}
	o.text("unit", q.Symbol())
	if q.System != "" && q.Code != "" {
		o.text("system", q.System)
		o.text("code", q.Code)
	}
	o.oneOf("comparator", q.Comparator, "<", "<=", ">=", ">")
	return object(o)
}

// who is the reference to the source of a voice: the person, or the provider
// that delivered it.
func (d *document) who(v voice) object {
	if v.own || len(v.sources) == 0 {
		return reference(d.patient)
	}
	for _, s := range v.sources {
		if s != fhir.Self {
			return object{"reference": d.providers[s], "display": d.extract.name(s)}
		}
	}
	return reference(d.patient)
}

// addVoice puts an entry in the document, and notes who said it and when that
// was collected.
func (d *document) addVoice(v voice, r object) (string, error) {
	url, err := d.add(r, v.item.ID+strings.Join(v.sources, "|"))
	if err != nil {
		return "", err
	}
	for _, s := range v.sources {
		fetched := d.fetched(v, s)
		at := slices.IndexFunc(d.origins, func(o origin) bool { return o.source == s && o.fetched.Equal(fetched) })
		if at < 0 {
			at = len(d.origins)
			d.origins = append(d.origins, origin{source: s, fetched: fetched})
		}
		d.origins[at].targets = append(d.origins[at].targets, reference(url))
	}
	return url, nil
}

// fetched is when what a source says here last came in; for the person's own
// data that is when it was written down.
func (d *document) fetched(v voice, source string) time.Time {
	var last time.Time
	for _, p := range v.parts {
		if r := d.extract.records[keyOf(p)]; p.Source == source && r.Fetched.After(last) {
			last = r.Fetched
		}
	}
	if last.IsZero() {
		return d.extract.At
	}
	return last
}

// remarks are the differences and oddities that the overview notes at a line.
func remarks(item aggregator.Item) []string {
	var all []string
	for _, c := range item.Conflicts {
		all = append(all, c.Text)
	}
	return all
}
