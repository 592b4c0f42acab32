package aggregator

import (
	"slices"
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
)

func self(t *testing.T) fhir.Record {
	t.Helper()
	res, err := NewSelf(patientNode(t, "Anna de Vries", "de Vries", "1961-04-02"))
	if err != nil {
		t.Fatal(err)
	}
	return fhir.Record{Resource: res, Origin: fhir.Origin{Source: fhir.Self}, Number: 1, Fetched: caseT}
}

func patient(id, family, birth string) object {
	return object{"resourceType": "Patient", "id": id, "name": []any{object{"family": family}}, "birthDate": birth}
}

// TestQuarantine is S15: whose records are set aside, and what the person's
// word changes.
func TestQuarantine(t *testing.T) {
	about := func(who string) object { return condition(func(c object) { c["subject"] = object{"reference": who} }) }
	mine, other := patient("p", "de Vries", "1961-04-02"), patient("q", "Bakker", "1980-01-01")
	for name, c := range map[string]struct {
		in      []object
		vouched []Vouched
		aside   bool
	}{
		"of the person":                      {[]object{mine, about("Patient/p")}, nil, false},
		"of another":                         {[]object{mine, other, about("Patient/q")}, nil, true},
		"of nobody, where another is known":  {[]object{other, condition(nil)}, nil, true},
		"of nobody, where both are known":    {[]object{mine, other, condition(nil)}, nil, false},
		"of a Patient who was not given":     {[]object{mine, about("Patient/z")}, nil, true},
		"no Patient was given at all":        {[]object{about("Patient/z")}, nil, false},
		"born in the same year":              {[]object{patient("p", "de Vries", "1961"), about("Patient/p")}, nil, false},
		"another birth date":                 {[]object{patient("p", "de Vries", "1961-04-03"), about("Patient/p")}, nil, true},
		"without a name":                     {[]object{patient("p", "", "1961-04-02"), about("Patient/p")}, nil, false},
		"the person vouches for the Patient": {[]object{other, about("Patient/q")}, []Vouched{{"medmij:gp@medmij", "q"}}, false},
		"for one who was not given":          {[]object{mine, about("Patient/z")}, []Vouched{{"medmij:gp@medmij", "z"}}, false},
		"for the whole source":               {[]object{other, condition(nil)}, []Vouched{{"medmij:gp@medmij", ""}}, false},
		"for another source":                 {[]object{other, about("Patient/q")}, []Vouched{{"medmij:ho@medmij", ""}}, true},
		"for another Patient":                {[]object{other, about("Patient/q")}, []Vouched{{"medmij:gp@medmij", "p"}}, true},
	} {
		records := append([]fhir.Record{self(t)}, at("gp", "48", fhir.R4, c.in...)...)
		o, err := Merge(seq(records), Input{AsOf: caseT, Vouched: c.vouched})
		if err != nil {
			t.Fatal(err)
		}
		shown := len(o.Subject("problem")) == 1
		listed := slices.ContainsFunc(o.Unread, func(u Unread) bool { return u.Type == "Condition" && u.Reason == "identity" })
		if shown == c.aside || listed != c.aside {
			t.Errorf("%s: shown %v, listed %v", name, shown, listed)
		}
	}
}

// TestAFileAboutSomebodyElse: the person gave it, so it is shown and said.
func TestAFileAboutSomebodyElse(t *testing.T) {
	file := at("gp", "", fhir.R4, patient("q", "Bakker", "1980-01-01"), condition(nil))
	for i := range file {
		file[i].Origin = fhir.Origin{Source: "file:export"}
	}
	records := append([]fhir.Record{self(t)}, file...)
	for name, c := range map[string]struct {
		vouched []Vouched
		notices int
	}{"not yet": {nil, 1}, "the person says so": {[]Vouched{{"file:export", "q"}}, 0}} {
		o, err := Merge(seq(records), Input{AsOf: caseT, Vouched: c.vouched})
		if err != nil {
			t.Fatal(err)
		}
		if len(o.Notices) != c.notices || len(o.Subject("problem")) != 1 || len(o.Unread) != 0 {
			t.Errorf("%s: %+v, %d problems, unread %v", name, o.Notices, len(o.Subject("problem")), o.Unread)
		}
		if c.notices > 0 && (o.Notices[0].Code != "D-PERSON" || o.Notices[0].Source != "file:export" || o.Notices[0].Text == "") {
			t.Errorf("%s: %+v", name, o.Notices[0])
		}
	}
}
