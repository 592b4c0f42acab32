package aggregator

import (
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// contentWriter writes what a reading says as lines "path=value". It walks the
// fields of the typed reading, so that a new field of package clinical is part
// of the hash without a word here.
type contentWriter struct {
	root  fhir.Node
	lines []string
	refs  []placedRef
	item  bool // inside an item of a list: references are written in place
}

func (w *contentWriter) line(path, value string) {
	if value != "" {
		w.lines = append(w.lines, path+"="+value)
	}
}

func (w *contentWriter) reading(r clinical.Reading) {
	h := r.Common()
	w.fields("", reflect.ValueOf(r).Elem())
	for _, name := range h.Unread {
		base, _, _ := strings.Cut(name, ".")
		w.raw(base, w.root.Get(base))
		w.raw("_"+base, w.root.Sibling(base))
	}
	for _, url := range h.Beside {
		for _, x := range w.root.Exts(url) {
			w.raw(url, x)
		}
	}
	if h.Extensions > 0 { // of a publisher nobody knows: then every letter counts
		w.raw("", w.root)
	}
}

// notContent are the fields that say who it is about, who said it, and in
// which context: two views of one record name these differently.
var notContent = map[string]bool{
	"Head": true, "Subject": true, "Patient": true, "For": true, "Beneficiary": true, "Context": true, "Encounter": true,
}

func (w *contentWriter) fields(path string, v reflect.Value) {
	t := v.Type()
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() || notContent[f.Name] {
			continue
		}
		w.value(path+"."+f.Name, v.Field(i))
	}
}

func (w *contentWriter) value(path string, v reflect.Value) {
	if v.IsZero() {
		return
	}
	switch x := v.Addr().Interface().(type) {
	case *fhir.Coded:
		w.line(path, codedText(*x))
	case *clinical.Status:
		w.status(path, *x)
	case *fhir.Date:
		w.line(path, dateText(*x))
	case *fhir.Quantity:
		w.line(path, quantityText(*x))
	case *fhir.Reference:
		w.reference(path, *x)
	case *fhir.Dosage:
		w.dosage(path, v, *x)
	case *fhir.Ident:
		w.line(path, x.Key())
	case *fhir.Node:
		w.raw(path, *x)
	default:
		w.plain(path, v)
	}
}

func (w *contentWriter) plain(path string, v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if text := v.String(); text != "unknown" {
			w.line(path, fold(text))
		}
	case reflect.Bool:
		w.line(path, "true")
	case reflect.Int:
		w.line(path, strconv.FormatInt(v.Int(), 10))
	case reflect.Struct:
		w.fields(path, v)
	case reflect.Slice:
		for i := range v.Len() {
			w.element(path, v.Index(i))
		}
	}
}

// element writes an item of a list as one line, so that what belongs together
// stays together in any order of the list.
func (w *contentWriter) element(path string, v reflect.Value) {
	if r, ok := v.Addr().Interface().(*fhir.Reference); ok {
		w.reference(path, *r)
		return
	}
	inner := &contentWriter{root: w.root, item: true}
	inner.value("", v)
	slices.Sort(inner.lines)
	w.line(path, strings.Join(inner.lines, "\x1f"))
}

// peopleFields name people and places, also when only in words.
var peopleFields = map[string]bool{
	"Recorder": true, "Asserter": true, "Author": true, "Authors": true, "Performers": true, "Prescriber": true, "Suppliers": true,
	"Dispenser": true, "Destination": true, "Requester": true, "Provider": true, "Providers": true, "Manager": true, "Custodian": true,
	"Signer": true, "Source": true, "Who": true, "OnBehalfOf": true, "Operator": true, "Orderer": true, "Owner": true, "Place": true,
	"Places": true, "Interpreters": true, "Collector": true, "Person": true, "NextProvider": true, "Authority": true, "Parties": true,
	"VerifiedBy": true, "Recipients": true, "Performer": true, "Insurers": true, "Subscriber": true, "Holder": true,
}

func (w *contentWriter) reference(path string, r fhir.Reference) {
	field := path[strings.LastIndexByte(path, '.')+1:]
	switch {
	case r.Ref.Type == "Patient" || r.Ref.Type == "RelatedPerson":
		w.line(path, r.Ref.Type) // that the person says it is content, who it is is not
	case peopleFields[field] || isPeople(r.Ref.Type):
	case strings.HasPrefix(r.URL, "#"):
		if inner := w.root.Contained(r.URL[1:]); !isPeople(inner.Str("resourceType")) {
			w.raw(path, inner)
		}
	case w.item:
		w.line(path, referenceText(r))
	default:
		w.refs = append(w.refs, placedRef{path, r})
	}
}

func (w *contentWriter) status(path string, s clinical.Status) {
	if s.Code != "unknown" {
		w.line(path, s.Code)
	}
	for _, c := range s.Source.Coding {
		if c.Code != s.Code {
			w.line(path+".source", codingText(c))
		}
	}
}

// dosage is its canonical key where there is one, else all that it says.
func (w *contentWriter) dosage(path string, v reflect.Value, d fhir.Dosage) {
	if key := d.Key(); key != "" {
		w.line(path, key)
		w.line(path+".route", d.RouteKey())
		return
	}
	w.line(path, d.TextKey())
	w.fields(path, v)
}

// codedText is the codes of a concept; words only where they add something: a
// text of its own, or the name of a code that stands for many things.
func codedText(c fhir.Coded) string {
	parts := make([]string, 0, len(c.Coding)+1)
	named := false
	for _, coding := range c.Coding {
		parts = append(parts, codingText(coding))
		named = named || coding.Display == c.Text
	}
	slices.Sort(parts)
	parts = slices.Compact(parts)
	if c.Text != "" && !named {
		parts = append(parts, fold(c.Text))
	}
	return strings.Join(parts, "\x1e")
}

func codingText(c fhir.Coding) string {
	if c.Code == "" || c.System == "" || c.System == fhir.NullFlavor || isCollective(c) {
		return c.System + "|" + c.Code + "|" + fold(c.Display)
	}
	return c.System + "|" + c.Code
}

// isCollective: codes of the G-Standaard from 90 million on stand for what is
// made to order; only the name says what.
func isCollective(c fhir.Coding) bool {
	return strings.HasPrefix(c.System, "urn:oid:2.16.840.1.113883.2.4.4.") && len(c.Code) == 8 && c.Code[0] == '9'
}

func dateText(d fhir.Date) string {
	if d.IsZero() {
		return fold(d.String())
	}
	low, high := strconv.FormatInt(d.Low().Unix(), 10), strconv.FormatInt(d.High().Unix(), 10)
	if low == high {
		return low
	}
	return low + "/" + high
}

func quantityText(q fhir.Quantity) string {
	value, unit, ok := q.Canonical()
	if !ok {
		return fold(q.Comparator + q.Value + " " + q.Symbol())
	}
	return q.Comparator + decimalText(value) + " " + unit
}

func decimalText(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	return r.RatString()
}

// raw writes content that no reading has a field for, all of it but ids,
// identifiers and narrative.
func (w *contentWriter) raw(path string, n fhir.Node) {
	if items := n.Items(); items != nil {
		for _, item := range items {
			inner := &contentWriter{root: w.root, item: true}
			inner.raw("", item)
			slices.Sort(inner.lines)
			w.line(path, strings.Join(inner.lines, "\x1f"))
		}
		return
	}
	if !n.IsObject() {
		w.line(path, fold(n.Text()))
		return
	}
	for name, v := range n.Members() {
		switch name {
		case "id", "meta", "identifier", "subject", "patient":
		case "text":
			if v.IsObject() { // a narrative; the text of a concept is a string
				continue
			}
			w.raw(path+"."+name, v)
		default:
			w.raw(path+"."+name, v)
		}
	}
}
