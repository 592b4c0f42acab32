package mock

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// qualificationFile has the fixed tokens of the patients of the public MedMij
// test scripts.
const qualificationFile = "QualificationTokens.json"

// qualification is one row of it. Several patients may share a token.
type qualification struct {
	AccessToken      string `json:"accessToken"`
	ResourceID       string `json:"resourceId"`
	FamilyName       string `json:"familyName"`
	TxOutcomeAckText string `json:"txOutcomeAckText"`
}

func (q qualification) token() string { return strings.TrimPrefix(q.AccessToken, "Bearer ") }

func (w *world) loadQualification(files fs.FS, name string) error {
	raw, err := fs.ReadFile(files, name)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	var rows []qualification
	if err := json.Unmarshal(raw, &rows); err != nil {
		return fmt.Errorf("%s: not a list of accessToken and resourceId", name)
	}
	w.qualified = append(w.qualified, rows...)
	return nil
}

// people makes a persona of every Patient in [Config.Data]: with the token of
// the qualification when there is one, else with one that is the same in every
// run. Patients that share a token are one persona.
func (w *world) people() []Persona {
	var all []Persona
	for _, r := range w.dataPatients() {
		sum := sha256.Sum256([]byte("mock token of " + r.ID))
		p := Persona{
			ID: r.ID, Name: nameOf(r), Patients: []string{r.ID},
			Token: fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16]),
		}
		if q, ok := w.qualification(r.ID); ok {
			p.Token, p.ack = q.token(), q.TxOutcomeAckText
		}
		if i := slices.IndexFunc(all, func(have Persona) bool { return have.Token == p.Token }); i >= 0 {
			all[i].Patients = append(all[i].Patients, r.ID)
			all[i].ack = cmp.Or(all[i].ack, p.ack)
			continue
		}
		all = append(all, p)
	}
	return all
}

// dataPatients gives the patients of both releases, each id once, by id.
func (w *world) dataPatients() []*record {
	var all []*record
	for _, version := range []fhir.Version{fhir.STU3, fhir.R4} {
		l := w.libraries[key{dataProvider, version}]
		if l == nil {
			continue
		}
		for _, r := range l.records {
			if r.Type == "Patient" && !slices.ContainsFunc(all, func(have *record) bool { return have.ID == r.ID }) {
				all = append(all, r)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b *record) int { return strings.Compare(a.ID, b.ID) })
	return all
}

func (w *world) qualification(patient string) (qualification, bool) {
	i := slices.IndexFunc(w.qualified, func(q qualification) bool { return q.ResourceID == patient && q.token() != "" })
	if i < 0 {
		return qualification{}, false
	}
	return w.qualified[i], true
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
