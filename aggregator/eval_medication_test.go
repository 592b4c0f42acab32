package aggregator

import (
	"maps"

	"github.com/bundel-pgo/bundel/fhir"
)

// evalProduct is a product of the labelled set, invented but for its kind: the
// codes belong to nobody.
type evalProduct struct {
	name, prk, hpk, gpk string
	strength            string // name of the same substance in another strength
	form                string // name of the same substance in another form or salt
	other               string // name of something else
	risk                bool   // one of the substances of merge.md 2.10
}

var evalProducts = []evalProduct{
	{name: "METOPROLOL TABLET 50MG", prk: "7001", hpk: "70011", gpk: "70012", strength: "METOPROLOL TABLET 100MG", form: "METOPROLOL TABLET MGA 50MG (SUCCINAAT)", other: "OMEPRAZOL CAPSULE 20MG"},
	{name: "OMEPRAZOL CAPSULE MSR 20MG", prk: "7002", hpk: "70021", gpk: "70022", strength: "OMEPRAZOL CAPSULE MSR 40MG", form: "OMEPRAZOL TABLET MSR 20MG", other: "SIMVASTATINE TABLET 40MG"},
	{name: "SIMVASTATINE TABLET FO 40MG", prk: "7003", hpk: "70031", gpk: "70032", strength: "SIMVASTATINE TABLET FO 20MG", form: "SIMVASTATINE SUSPENSIE 8MG/ML", other: "METFORMINE TABLET 500MG"},
	{name: "METFORMINE TABLET FO 500MG", prk: "7004", hpk: "70041", gpk: "70042", strength: "METFORMINE TABLET FO 850MG", form: "METFORMINE TABLET MGA 500MG", other: "LISINOPRIL TABLET 10MG"},
	{name: "LISINOPRIL TABLET 10MG", prk: "7005", hpk: "70051", gpk: "70052", strength: "LISINOPRIL TABLET 20MG", form: "LISINOPRIL DRANK 1MG/ML", other: "AMLODIPINE TABLET 5MG"},
	{name: "AMLODIPINE TABLET 5MG", prk: "7006", hpk: "70061", gpk: "70062", strength: "AMLODIPINE TABLET 10MG", form: "AMLODIPINE DRANK 1MG/ML", other: "FUROSEMIDE TABLET 40MG"},
	{name: "FUROSEMIDE TABLET 40MG", prk: "7007", hpk: "70071", gpk: "70072", strength: "FUROSEMIDE TABLET 20MG", form: "FUROSEMIDE INJECTIE 10MG/ML", other: "PANTOPRAZOL TABLET 40MG"},
	{name: "PANTOPRAZOL TABLET MSR 40MG", prk: "7008", hpk: "70081", gpk: "70082", strength: "PANTOPRAZOL TABLET MSR 20MG", form: "PANTOPRAZOL INJECTIE 40MG", other: "PARACETAMOL TABLET 500MG"},
	{name: "PARACETAMOL TABLET 500MG", prk: "7009", hpk: "70091", gpk: "70092", strength: "PARACETAMOL TABLET 1000MG", form: "PARACETAMOL ZETPIL 500MG", other: "IBUPROFEN TABLET 400MG"},
	{name: "IBUPROFEN TABLET FO 400MG", prk: "7010", hpk: "70101", gpk: "70102", strength: "IBUPROFEN TABLET FO 600MG", form: "IBUPROFEN GEL 50MG/G", other: "SALBUTAMOL AEROSOL 100UG"},
	{name: "SALBUTAMOL AEROSOL 100UG/DO", prk: "7011", hpk: "70111", gpk: "70112", strength: "SALBUTAMOL AEROSOL 200UG/DO", form: "SALBUTAMOL TABLET 2MG", other: "CITALOPRAM TABLET 20MG"},
	{name: "CITALOPRAM TABLET FO 20MG", prk: "7012", hpk: "70121", gpk: "70122", strength: "CITALOPRAM TABLET FO 10MG", form: "CITALOPRAM DRUPPELS 40MG/ML", other: "OXAZEPAM TABLET 10MG"},
	{name: "OXAZEPAM TABLET 10MG", prk: "7013", hpk: "70131", gpk: "70132", strength: "OXAZEPAM TABLET 50MG", form: "OXAZEPAM DRANK 1MG/ML", other: "ALENDRONINEZUUR TABLET 70MG"},
	{name: "ALENDRONINEZUUR TABLET 70MG", prk: "7014", hpk: "70141", gpk: "70142", strength: "ALENDRONINEZUUR TABLET 10MG", form: "ALENDRONINEZUUR DRANK 0,7MG/ML", other: "FOLIUMZUUR TABLET 5MG"},
	{name: "FOLIUMZUUR TABLET 5MG", prk: "7015", hpk: "70151", gpk: "70152", strength: "FOLIUMZUUR TABLET 0,5MG", form: "FOLIUMZUUR INJECTIE 1MG/ML", other: "TAMSULOSINE CAPSULE 0,4MG"},
	{name: "METHOTREXAAT TABLET 2,5MG", prk: "7016", hpk: "70161", gpk: "70162", strength: "METHOTREXAAT TABLET 10MG", form: "METHOTREXAAT INJECTIE 25MG/ML", other: "FOLIUMZUUR TABLET 5MG", risk: true},
	{name: "ACENOCOUMAROL TABLET 1MG", prk: "7017", hpk: "70171", gpk: "70172", strength: "ACENOCOUMAROL TABLET 4MG", form: "ACENOCOUMAROL DRANK 1MG/ML", other: "DIGOXINE TABLET 0,125MG", risk: true},
	{name: "DIGOXINE TABLET 0,125MG", prk: "7018", hpk: "70181", gpk: "70182", strength: "DIGOXINE TABLET 0,25MG", form: "DIGOXINE DRANK 0,05MG/ML", other: "LITHIUMCARBONAAT TABLET 400MG", risk: true},
	{name: "LITHIUMCARBONAAT TABLET 400MG", prk: "7019", hpk: "70191", gpk: "70192", strength: "LITHIUMCARBONAAT TABLET 200MG", form: "LITHIUMCARBONAAT CAPSULE 400MG", other: "TACROLIMUS CAPSULE 1MG", risk: true},
	{name: "TACROLIMUS CAPSULE 1MG", prk: "7020", hpk: "70201", gpk: "70202", strength: "TACROLIMUS CAPSULE 5MG", form: "TACROLIMUS TABLET MGA 1MG", other: "METOPROLOL TABLET 50MG", risk: true},
}

type params = map[string]any

// evalSetting is who says what: the blocks of both sides and what unchanged
// they should become.
type evalSetting struct {
	name           string
	blockA, blockB string
	provA, provB   string
	extraB         params
	want           label
	conflicts      []string
}

var evalSettings = []evalSetting{
	{"request-and-supply", "REQ", "TA", "GP", "PH", nil, labelMerge, nil},
	{"agreement-and-supply", "MA", "TA", "GP", "PH", params{"prior": "A1"}, labelMerge, nil},
	{"two-prescribers", "MA", "MA", "GP", "HO", nil, labelGroup, []string{"C-DUP"}},
	{"two-lists", "STMT", "STMT", "HO", "HO2", nil, labelMerge, nil},
	{"request-and-list", "REQ", "STMT", "GP", "HO", nil, labelMerge, nil},
}

// evalChange is one mutation of side b and what it must lead to. A nil result
// means that the change does not apply to the setting.
type evalChange struct {
	name string
	make func(p evalProduct, s evalSetting, b params) (params, *pair)
}

func expect(want label, critical bool, conflicts ...string) *pair {
	return &pair{want: want, critical: critical, conflicts: conflicts, coded: true}
}

// evalChanges is the table of merge.md 8.2 for medication: one field at a time.
var evalChanges = []evalChange{
	{"none", func(_ evalProduct, s evalSetting, b params) (params, *pair) {
		return b, expect(s.want, false, s.conflicts...)
	}},
	{"leading-zero", func(p evalProduct, s evalSetting, b params) (params, *pair) {
		return set(b, "code", "0"+p.prk), expect(s.want, false, s.conflicts...)
	}},
	{"strength", func(p evalProduct, _ evalSetting, b params) (params, *pair) {
		x := expect(labelGroup, true)
		x.may = []string{"C-DOSE", "C-DUP"}
		return set(b, "code", p.prk+"9", "name", p.strength), x
	}},
	{"form", func(p evalProduct, _ evalSetting, b params) (params, *pair) {
		x := expect(labelGroup, true)
		x.may = []string{"C-DOSE", "C-DUP"}
		return set(b, "code", p.prk+"8", "name", p.form), x
	}},
	{"same-name-other-code", func(p evalProduct, _ evalSetting, b params) (params, *pair) {
		x := expect(labelGroup, true)
		x.may = []string{"C-DOSE", "C-DUP", "C-PRODUCT"}
		return set(b, "code", p.prk+"7"), x
	}},
	{"other-substance", func(p evalProduct, _ evalSetting, b params) (params, *pair) {
		return set(b, "code", p.prk+"6", "name", p.other), expect(labelNone, true)
	}},
	{"times", func(_ evalProduct, s evalSetting, b params) (params, *pair) {
		x := expect(labelGroup, true, "C-DOSE")
		x.may = s.conflicts
		return set(b, "times", 2), x
	}},
	{"amount", func(_ evalProduct, s evalSetting, b params) (params, *pair) {
		x := expect(labelGroup, true, "C-DOSE")
		x.may = s.conflicts
		return set(b, "amount", 2), x
	}},
	{"per-week", func(_ evalProduct, s evalSetting, b params) (params, *pair) {
		x := expect(labelGroup, true, "C-DOSE")
		x.may = s.conflicts
		return set(b, "unit", "wk"), x
	}},
	{"as-needed", func(_ evalProduct, s evalSetting, b params) (params, *pair) {
		x := expect(labelGroup, true)
		x.may = append([]string{"C-DOSE"}, s.conflicts...)
		return set(b, "asNeeded", true), x
	}},
	{"modifier", func(_ evalProduct, s evalSetting, b params) (params, *pair) {
		x := expect(labelGroup, true, "C-MODIFIER")
		x.may = append([]string{"C-DOSE"}, s.conflicts...)
		return b, x
	}},
	{"local-code", func(p evalProduct, s evalSetting, b params) (params, *pair) {
		x := expect(labelGroup, true)
		x.may, x.coded = append([]string{"C-DOSE"}, s.conflicts...), false
		return set(b, "code", "90000000"+p.prk), x
	}},
	{"name-only", func(_ evalProduct, s evalSetting, b params) (params, *pair) {
		x := expect(labelGroup, true)
		x.may, x.coded = append([]string{"C-DOSE"}, s.conflicts...), false
		return set(b, "code", nil), x
	}},
	{"long-ago", func(_ evalProduct, s evalSetting, b params) (params, *pair) {
		b = set(b, "start", "2019-01-01", "end", "2019-03-01", "registered", "2019-01-01T09:00:00+01:00")
		if s.blockB == "STMT" {
			b = set(b, "asserted", "2019-01-05")
		}
		return b, expect(labelGroup, true)
	}},
	{"stopped", func(_ evalProduct, s evalSetting, b params) (params, *pair) {
		if s.blockB != "STMT" {
			return nil, nil
		}
		x := expect(labelGroup, true, "C-STOP")
		x.stopped = "b"
		return set(b, "status", "stopped", "end", "2026-01-05"), x
	}},
	{"on-hold", func(_ evalProduct, s evalSetting, b params) (params, *pair) {
		if s.blockB != "STMT" {
			return nil, nil
		}
		return set(b, "status", "on-hold"), expect(labelGroup, true, "C-PAUSED-CURRENT")
	}},
	{"mistake", func(_ evalProduct, s evalSetting, b params) (params, *pair) {
		if s.blockB != "STMT" {
			return nil, nil
		}
		x := expect(labelNone, true)
		x.may = []string{"C-EIE"}
		return set(b, "status", "entered-in-error"), x
	}},
}

func set(b params, kv ...any) params {
	out := maps.Clone(b)
	for i := 0; i < len(kv); i += 2 {
		out[kv[i].(string)] = kv[i+1]
	}
	return out
}

// medicationPairs are the settings times the products times the changes times
// two ways of coding.
func medicationPairs() []pair {
	var all []pair
	for _, p := range evalProducts {
		for _, s := range evalSettings {
			for _, c := range evalChanges {
				for _, brand := range []bool{false, true} {
					if one, ok := medicationPair(p, s, c, brand); ok {
						all = append(all, one)
					}
				}
			}
		}
	}
	return append(all, copiedPairs()...)
}

func medicationPair(p evalProduct, s evalSetting, c evalChange, brand bool) (pair, bool) {
	a := params{"id": "1", "ident": "A1", "code": p.prk, "name": p.name, "start": "2025-12-01"}
	b := maps.Clone(params{"id": "2", "ident": "B1", "code": p.prk, "name": p.name, "start": "2025-12-01"})
	maps.Copy(b, s.extraB)
	with, x := c.make(p, s, b)
	if x == nil {
		return pair{}, false
	}
	x.id, x.kind, x.mutation = "med/"+p.prk+"/"+s.name+"/"+c.name, "medication", c.name
	ra, rb := params{"like": s.blockA, "with": a}, params{"like": s.blockB, "with": with}
	if with["code"] == nil {
		rb["medicationCodeableConcept"] = params{"text": with["name"]}
	}
	if c.name == "modifier" {
		rb["modifierExtension"] = []any{params{"url": "https://example.nl/fhir/anders", "valueBoolean": true}}
	}
	if brand {
		x.id += "/brand"
		ra["medicationCodeableConcept"] = params{"coding": []any{
			params{"system": fhir.PRK, "code": p.prk, "display": p.name}, params{"system": fhir.HPK, "code": p.hpk, "display": p.name + " MERK"},
		}}
	}
	if s.name == "agreement-and-supply" && (c.name == "mistake" || !keepsProduct(c.name)) {
		// A relation outlives a change of dose: what then becomes of the two is a
		// matter of one treatment, not of two providers (merge.md 2.6).
		return pair{}, false
	}
	x.a, x.b = side{s.provA, "48", ra, 0}, side{s.provB, "48", rb, 0}
	return *x, true
}

// keepsProduct: a change that leaves a supply under its agreement.
func keepsProduct(change string) bool {
	return change == "none" || change == "leading-zero"
}

// copiedPairs: the same statement twice, by its identifier.
func copiedPairs() []pair {
	var all []pair
	for _, p := range evalProducts {
		with := params{"id": "1", "ident": "X" + p.prk, "code": p.prk, "name": p.name}
		for _, block := range []string{"MA", "TA", "REQ", "STMT", "MGB"} {
			a, b := params{"like": block, "with": with}, params{"like": block, "with": set(with, "id", "2")}
			all = append(all,
				pair{
					id: "med/" + p.prk + "/copy/" + block, kind: "medication", mutation: "copy", coded: true, want: labelSame,
					a: side{"GP", "48", a, 0}, b: side{"HO", "48", b, 0},
				},
				pair{
					id: "med/" + p.prk + "/services/" + block, kind: "medication", mutation: "services", coded: true, want: labelSame,
					a: side{"HO", "48", a, 0}, b: side{"HO", "49", b, 0},
				},
				pair{
					id: "med/" + p.prk + "/collision/" + block, kind: "medication", mutation: "collision", coded: true, want: labelNone, critical: true,
					conflicts: []string{"C-COLLISION"},
					a:         side{"GP", "48", a, 0},
					b:         side{"HO", "48", params{"like": block, "with": set(with, "id", "2", "code", p.prk+"5", "name", p.other)}, 0},
				})
		}
	}
	return all
}
