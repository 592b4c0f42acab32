package mock

import (
	"encoding/json"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/bundel-pgo/bundel/fhir"
)

// mockTag is the system of the tags that a resource in the data can carry:
// "served-with-TYPE" adds it to the answer to every search for TYPE, as servers
// add resources that nobody asked for, and "of-ID" says whose it is when the
// resource has no place to say so.
const mockTag = "https://github.com/bundel-pgo/bundel/mock"

// record is a resource: as it is served, and parsed for searching.
type record struct {
	fhir.Resource
	node   fhir.Node
	raw    []byte                  // as in the data, so also what must be masked by the receiver
	packed []byte                  // raw without white space, for Bundles
	owner  string                  // id of the Patient it is about; empty: it is about nobody
	with   string                  // type of the searches it comes along with
	facts  []atomic.Pointer[facts] // by the number of the parameter
}

// shelf is where a library keeps the resources of one type and one patient.
type shelf struct{ owner, typ string }

// library holds what one provider has in one FHIR release. It does not change
// after assign; a change makes a new one.
type library struct {
	records []*record // in the order of the data
	byRef   map[fhir.Ref]*record
	shelves map[shelf][]*record  // those found by searching
	along   map[string][]*record // those that come with searches, by type
}

func newLibrary() *library { return &library{byRef: map[fhir.Ref]*record{}} }

func newRecord(raw []byte, v fhir.Version) *record {
	// The bytes are copied for Parse, which may keep them.
	r := &record{Resource: fhir.Parse(slices.Clone(raw), v), raw: raw, facts: make([]atomic.Pointer[facts], len(params))}
	r.node = r.Resource.Node()
	for _, tag := range r.node.Get("meta").All("tag") {
		if tag.Str("system") != mockTag {
			continue
		}
		if with, ok := strings.CutPrefix(tag.Str("code"), "served-with-"); ok {
			r.with = with
		}
		if owner, ok := strings.CutPrefix(tag.Str("code"), "of-"); ok {
			r.owner = owner
		}
	}
	var err error
	if r.packed, err = json.Marshal(json.RawMessage(raw)); err != nil {
		r.packed = raw // cannot happen: split has read it
	}
	return r
}

// add keeps the first of two resources with one id, as one server would.
func (l *library) add(raw []byte, v fhir.Version) {
	r := newRecord(raw, v)
	if l.byRef[r.Ref] == nil {
		l.byRef[r.Ref] = r
		l.records = append(l.records, r)
	}
}

// subjects are the members that say whom a resource is about; owner is who has
// to do a task.
var subjects = []string{"subject", "patient", "beneficiary", "for", "owner"}

// assign finds the owner of every resource (the compartment rule of the MedMij
// test data): what points to the Patient, and the files its documents refer to.
// Then it sorts them for searching.
func (l *library) assign() {
	for _, r := range l.records {
		if r.owner == "" {
			r.owner = patientOf(r)
		}
		if r.owner == "" || r.Type != "DocumentReference" {
			continue
		}
		for _, content := range r.node.All("content") {
			if file := l.byRef[refOf(content.Str("attachment", "url"))]; file != nil {
				file.owner = r.owner
			}
		}
	}
	l.sort()
}

func (l *library) sort() {
	l.shelves, l.along = map[shelf][]*record{}, map[string][]*record{}
	for _, r := range l.records {
		if r.with != "" {
			l.along[r.with] = append(l.along[r.with], r)
			continue
		}
		at := shelf{r.owner, r.Type}
		l.shelves[at] = append(l.shelves[at], r)
	}
}

// replaced is the library with another version of one resource.
func (l *library) replaced(r *record) *library {
	changed := newLibrary()
	for _, old := range l.records {
		if old.Ref == r.Ref {
			r.owner = old.owner
			old = r
		}
		changed.records = append(changed.records, old)
		changed.byRef[old.Ref] = old
	}
	changed.sort()
	return changed
}

// of gives the resources of a type that are about one of the patients.
func (l *library) of(patients []string, typ string) []*record {
	if len(patients) == 1 {
		return l.shelves[shelf{patients[0], typ}]
	}
	var found []*record
	for _, id := range patients {
		found = append(found, l.shelves[shelf{id, typ}]...)
	}
	return found
}

// patientOf gives the id of the Patient that a resource points to; empty when
// there is none.
func patientOf(r *record) string {
	if r.Type == "Patient" {
		return r.ID
	}
	for _, name := range subjects {
		if ref := refOf(r.node.Str(name, "reference")); ref.Type == "Patient" {
			return ref.ID
		}
	}
	for _, p := range r.node.All("participant") {
		if ref := refOf(p.Str("actor", "reference")); ref.Type == "Patient" {
			return ref.ID
		}
	}
	return ""
}

// refOf takes type and id from a relative or absolute reference.
func refOf(reference string) fhir.Ref {
	parts := strings.Split(strings.TrimSuffix(reference, "/"), "/")
	if len(parts) < 2 {
		return fhir.Ref{}
	}
	return fhir.Ref{Type: parts[len(parts)-2], ID: parts[len(parts)-1]}
}

// patients gives who the persona is in a library: nobody, one patient, or more
// where a token stands for a mother and her children.
func (l *library) patients(p Persona) []string {
	if l == nil {
		return nil
	}
	var found []string
	for _, id := range p.Patients {
		if l.byRef[fhir.Ref{Type: "Patient", ID: id}] != nil {
			found = append(found, id)
		}
	}
	return found
}

// has tells whether there is more of a patient than the registration.
func (l *library) has(patient string) bool {
	return slices.ContainsFunc(l.records, func(r *record) bool { return r.owner == patient && r.Type != "Patient" })
}

// visibleTo tells whether patients may read it: what is theirs, and what is
// nobody's, such as an organisation.
func (r *record) visibleTo(patients []string) bool {
	return r.owner == "" || slices.Contains(patients, r.owner)
}
