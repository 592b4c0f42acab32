package mock

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/testdata"
)

// mockTag is the system of a tag that a resource in the data can carry:
// "served-with-TYPE" adds it to the answer to every search for TYPE, as
// servers add resources that nobody asked for.
const mockTag = "https://github.com/bundel-pgo/bundel/mock"

// record is a resource: as it is served, and parsed for searching.
type record struct {
	fhir.Resource
	node  fhir.Node
	raw   []byte // as in the data, so also what must be masked by the receiver
	owner string // id of the Patient it is about; empty: it is about nobody
	with  string // type of the searches it comes along with
}

// library holds what one provider has in one FHIR release.
type library struct {
	records []*record // in the order of the data
	byRef   map[fhir.Ref]*record
}

type key struct {
	provider string
	version  fhir.Version
}

// world is everything that does not change after the start.
type world struct {
	providers []Provider
	personas  []Persona
	libraries map[key]*library
}

// dataProvider is the name of the provider of [Config.Data].
const dataProvider = "testzorg"

// build loads all data and finds out whose it is. After it nothing changes.
func build(cfg Config) (world, error) {
	w := world{providers: slices.Clone(cfg.Providers), personas: slices.Clone(cfg.Personas), libraries: map[key]*library{}}
	if cfg.Data != nil {
		p := Provider{Name: dataProvider, Display: "Testzorg", Kind: "other", City: "Teststad", Data: cfg.Data}
		for _, s := range medmij.Services() {
			p.Services = append(p.Services, s.ID)
		}
		w.providers = append(w.providers, p)
	}
	for _, p := range w.providers {
		for _, files := range p.Data {
			if err := w.load(p.Name, files, cfg.Date); err != nil {
				return w, fmt.Errorf("data of %s: %w", p.Name, err)
			}
		}
	}
	for _, l := range w.libraries {
		l.assign()
	}
	if cfg.Personas == nil {
		w.personas = w.people()
	}
	return w, nil
}

// load reads all files of a tree, with the dates filled in. A folder named r4,
// in any case, holds R4; everything else is STU3.
func (w *world) load(provider string, files fs.FS, date time.Time) error {
	return fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		version := fhir.STU3
		if slices.Contains(strings.Split(strings.ToLower(path.Dir(name)), "/"), "r4") {
			version = fhir.R4
		}
		raw, err := readFile(files, name, version, date)
		if err != nil || raw == nil {
			return err
		}
		found, err := split(raw)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		k := key{provider, version}
		if w.libraries[k] == nil {
			w.libraries[k] = &library{byRef: map[fhir.Ref]*record{}}
		}
		for _, resource := range found {
			w.libraries[k].add(resource, version)
		}
		return nil
	})
}

// readFile gives a file as JSON, or nil when it is of another kind.
func readFile(files fs.FS, name string, v fhir.Version, date time.Time) ([]byte, error) {
	kind := strings.ToLower(path.Ext(name))
	if kind != ".json" && kind != ".xml" {
		return nil, nil
	}
	raw, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	raw = testdata.Fill(raw, date)
	if kind == ".xml" {
		if raw, err = fhir.XMLToJSON(bytes.NewReader(raw), v); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return raw, nil
}

var errNoResource = errors.New("no FHIR resource")

// split takes a Bundle apart; any other resource is given as it is.
func split(raw []byte) ([][]byte, error) {
	var b struct {
		ResourceType string `json:"resourceType"`
		Entry        []struct {
			Resource json.RawMessage `json:"resource"`
		} `json:"entry"`
	}
	if err := json.Unmarshal(raw, &b); err != nil {
		return nil, fmt.Errorf("%w: %w", errNoResource, err)
	}
	switch b.ResourceType {
	case "":
		return nil, nil // such as a table that lies beside the resources
	case "Bundle":
	default:
		return [][]byte{raw}, nil
	}
	var all [][]byte
	for _, e := range b.Entry {
		if len(e.Resource) > 0 {
			all = append(all, e.Resource)
		}
	}
	return all, nil
}

// add keeps the first of two resources with one id, as one server would.
func (l *library) add(raw []byte, v fhir.Version) {
	// The bytes are copied for Parse, which may keep them.
	r := &record{Resource: fhir.Parse(slices.Clone(raw), v), raw: raw}
	r.node = r.Resource.Node()
	for _, tag := range r.node.Get("meta").All("tag") {
		if tag.Str("system") == mockTag {
			r.with = strings.TrimPrefix(tag.Str("code"), "served-with-")
		}
	}
	if l.byRef[r.Ref] == nil {
		l.byRef[r.Ref] = r
		l.records = append(l.records, r)
	}
}

// subjects are the members that say whom a resource is about.
var subjects = []string{"subject", "patient", "beneficiary", "for"}

// assign finds the owner of every resource (the compartment rule of the MedMij
// test data): what points to the Patient, and the files its documents refer to.
func (l *library) assign() {
	for _, r := range l.records {
		if r.owner = patientOf(r); r.owner == "" || r.Type != "DocumentReference" {
			continue
		}
		for _, content := range r.node.All("content") {
			if file := l.byRef[refOf(content.Str("attachment", "url"))]; file != nil {
				file.owner = r.owner
			}
		}
	}
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

// people makes a persona of every Patient in [Config.Data], with a token that
// is the same in every run.
func (w *world) people() []Persona {
	var all []Persona
	for _, version := range []fhir.Version{fhir.STU3, fhir.R4} {
		l := w.libraries[key{dataProvider, version}]
		if l == nil {
			continue
		}
		for _, r := range l.records {
			known := slices.ContainsFunc(all, func(p Persona) bool { return p.ID == r.ID })
			if r.Type != "Patient" || known {
				continue
			}
			sum := sha256.Sum256([]byte("mock token of " + r.ID))
			token := fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
			all = append(all, Persona{ID: r.ID, Name: nameOf(r), Token: token, Patients: []string{r.ID}})
		}
	}
	slices.SortStableFunc(all, func(a, b Persona) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// nameOf is what the login page calls a Patient; the id when there is no name.
func nameOf(r *record) string {
	if text := r.node.Str("name", "text"); text != "" {
		return text
	}
	name := strings.TrimSpace(r.node.Str("name", "given") + " " + r.node.Str("name", "family"))
	if name == "" {
		return r.ID
	}
	return name
}

// provider finds a provider by its MedMij name.
func (w *world) provider(name string) (Provider, bool) {
	i := slices.IndexFunc(w.providers, func(p Provider) bool { return p.Name == name })
	if i < 0 {
		return Provider{}, false
	}
	return w.providers[i], true
}

// persona finds somebody who can log in.
func (w *world) persona(id string) (Persona, bool) {
	i := slices.IndexFunc(w.personas, func(p Persona) bool { return p.ID == id })
	if i < 0 {
		return Persona{}, false
	}
	return w.personas[i], true
}

// serviceOf gives a row of the table of data services. One that is not in it
// is taken for STU3 and for collecting.
func serviceOf(id string) medmij.Service {
	if s, ok := medmij.ServiceByID(id); ok {
		return s
	}
	return medmij.Service{ID: id, Name: "Gegevensdienst " + id, Version: fhir.STU3, Direction: medmij.Collect}
}

// patient finds who the persona is in a library.
func (l *library) patient(p Persona) (string, bool) {
	if l == nil {
		return "", false
	}
	for _, id := range p.Patients {
		if l.byRef[fhir.Ref{Type: "Patient", ID: id}] != nil {
			return id, true
		}
	}
	return "", false
}

// available tells whether the provider has anything of the persona beside the
// registration: the availability test before consent.
func (w *world) available(provider string, p Persona) bool {
	for k, l := range w.libraries {
		id, known := l.patient(p)
		if k.provider == provider && known && l.has(id) {
			return true
		}
	}
	return false
}

// has tells whether there is more of a patient than the registration.
func (l *library) has(patient string) bool {
	return slices.ContainsFunc(l.records, func(r *record) bool { return r.owner == patient && r.Type != "Patient" })
}
