package share

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// ErrBSN is returned when what would leave holds a citizen service number.
// Nothing may leave then.
var ErrBSN = errors.New("share: it would carry a citizen service number")

// IPS writes the extract as an International Patient Summary: a FHIR R4 document
// Bundle in JSON by the rules of HL7 IPS 2.0.0. Its resources are made of the
// lines of the overview, whatever release their records came in. Where sources
// differ each has an entry of its own. Letters, appointments, visits, cover and
// questionnaires have no place in an IPS and are not in it.
//
// The same extract at the same moment gives the same bytes. The errors are ErrBSN
// and those of the encoder; no error names a content.
func (e Extract) IPS() ([]byte, error) {
	d := &document{extract: e, words: wordsIn(e.lang()), providers: map[string]string{}}
	if err := d.people(); err != nil {
		return nil, err
	}
	sections, err := d.sections()
	if err != nil {
		return nil, err
	}
	if err := d.provenance(); err != nil {
		return nil, err
	}
	if err := d.compose(sections); err != nil {
		return nil, err
	}
	return d.bundle()
}

// people adds the person and the providers that said something.
func (d *document) people() error {
	var err error
	if d.patient, err = d.add(d.person(), ""); err != nil {
		return err
	}
	for _, item := range d.extract.Overview.Items {
		if _, ok := d.extract.section(item); !ok {
			continue
		}
		for _, p := range speaking(item) {
			if p.Source == fhir.Self || d.providers[p.Source] != "" {
				continue
			}
			o := object{"resourceType": "Organization", "meta": profile("Organization-uv-ips"), "name": firstNonEmpty(clean(d.extract.name(p.Source)), d.words.unknown)}
			if d.providers[p.Source], err = d.add(o, p.Source); err != nil {
				return err
			}
		}
	}
	return nil
}

// person is the minimal Patient: name, birth date and gender.
func (d *document) person() object {
	o, n := d.extract.Overview.Person, d.extract.Person
	p := resource{"resourceType": "Patient", "meta": profile("Patient-uv-ips")}
	if name := clean(firstNonEmpty(o.Name, n.Names("name"))); name != "" {
		p["name"] = []any{object{"text": name}}
	} else {
		p["name"] = []any{object{"_text": absent()}} // IPS wants one of its parts
	}
	birth := fhir.ParseDate(firstNonEmpty(o.BirthDate, n.Str("birthDate"))).Day()
	if p.text("birthDate", birth); birth == "" {
		p["_birthDate"] = absent()
	}
	p.oneOf("gender", n.Str("gender"), "male", "female", "other", "unknown")
	return object(p)
}

// provenance says of every entry who said it, and when that was collected or,
// for the person's own, written down.
func (d *document) provenance() error {
	for _, o := range d.origins {
		who, role := reference(d.patient), "author"
		if o.source != fhir.Self {
			who = object{"reference": d.providers[o.source], "display": d.extract.name(o.source)}
		}
		p := object{
			"resourceType": "Provenance", "target": o.targets, "recorded": o.fetched.In(fhir.Amsterdam()).Format(time.RFC3339),
			"agent": []any{object{"type": status("provenance-participant-type", role), "who": who}},
		}
		if _, err := d.add(p, o.source); err != nil {
			return err
		}
	}
	return nil
}

// compose puts the Composition in front. Its authors are the person and this
// app, which put it together.
func (d *document) compose(sections []any) error {
	app, err := d.add(object{
		"resourceType": "Device", "deviceName": []any{object{"name": "Bundel", "type": "user-friendly-name"}},
		"type": object{"text": d.words.app},
	}, "")
	if err != nil {
		return err
	}
	c := object{
		"resourceType": "Composition", "meta": profile("Composition-uv-ips|2.0.0"), "language": d.extract.lang(), "status": "final",
		"type":    object{"coding": []any{object{"system": fhir.LOINC, "code": "60591-5", "display": "Patient summary Document"}}},
		"subject": reference(d.patient), "author": []any{reference(d.patient), object{"reference": app, "display": "Bundel"}},
		"date": d.extract.At.In(fhir.Amsterdam()).Format(time.RFC3339), "title": d.words.title, "section": sections,
	}
	if _, err := d.add(c, ""); err != nil {
		return err
	}
	last := len(d.entries) - 1
	d.entries = slices.Insert(d.entries[:last:last], 0, d.entries[last])
	return nil
}

func (d *document) bundle() ([]byte, error) {
	entries := make([]any, len(d.entries))
	for i, e := range d.entries {
		entries[i] = e
	}
	raw, err := json.Marshal(entries)
	if err != nil {
		return nil, fmt.Errorf("write a summary: %w", err)
	}
	id := contentUUID(raw)
	raw, err = json.Marshal(object{
		"resourceType": "Bundle", "id": id, "meta": profile("Bundle-uv-ips"), "type": "document",
		"identifier": object{"system": uriSystem, "value": "urn:uuid:" + id},
		"timestamp":  d.extract.At.In(fhir.Amsterdam()).Format(time.RFC3339), "entry": entries,
	})
	if err != nil {
		return nil, fmt.Errorf("write a summary: %w", err)
	}
	if fhir.HasBSN(raw) {
		return nil, ErrBSN
	}
	return raw, nil
}

// sections writes the entries of every section in the order of the table, and
// within it of the overview. Those that an IPS must have are
// there without entries too, with the reason.
func (d *document) sections() ([]any, error) {
	var all []any
	for _, s := range ipsSections() {
		var rows []row
		var entries []any
		nilKnown := false
		for _, item := range d.extract.Overview.Items {
			if code, ok := d.extract.section(item); !ok || code != s.code {
				continue
			}
			for _, v := range d.extract.voices(item) {
				rows = append(rows, d.row(v))
				if isBareNone(v) {
					nilKnown = true
					continue
				}
				url, err := d.entry(v)
				if err != nil {
					return nil, err
				}
				entries = append(entries, reference(url))
			}
		}
		if len(rows) > 0 || s.required {
			all = append(all, d.section(s, rows, entries, nilKnown))
		}
	}
	return all, nil
}

// isBareNone: a provider states that there are none with something that is no
// allergy record, such as an empty list with that reason. It has no entry.
func isBareNone(v voice) bool {
	return v.item.Section == aggregator.NoneKnown && (len(v.parts) == 0 || v.parts[0].Type != "AllergyIntolerance")
}

// section writes one section. An empty one says the same whether there is
// nothing or nothing was shared; that there is nothing is said only when
// a provider did.
func (d *document) section(s ipsSection, rows []row, entries []any, nilKnown bool) object {
	title := d.words.sections[s.code]
	out := object{
		"title": title, "code": object{"coding": []any{object{"system": fhir.LOINC, "code": s.code, "display": s.display}}},
		"text": object{"status": "generated", "div": d.narrative(rows)},
	}
	if len(entries) > 0 {
		out["entry"] = entries
		return out
	}
	reason := noInformation
	if nilKnown {
		reason = "nilknown"
	}
	out["emptyReason"] = concept(emptyReasons, reason)
	return out
}
