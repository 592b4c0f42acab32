package web

import (
	"fmt"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// The sources of the example person, who does not exist.
const (
	storyGP       = "medmij:delinde@medmij"
	storyHospital = "medmij:streek@medmij"
	storyPharmacy = "medmij:zuid@medmij"
)

// storyOverview is what is known of the example person.
func storyOverview() *aggregator.Overview {
	o := &aggregator.Overview{
		AsOf: storyNow, Person: aggregator.Person{Name: "Anna de Vries", BirthDate: "1961-02-03"},
		Sources: storySources(),
		Groups: []aggregator.Group{
			{ID: "g1", Title: "Metoprolol", Advice: "strength-differs", Text: "Zelfde werkzame stof, andere sterkte. Overleg met uw apotheker welke klopt."},
			{ID: "g2", Title: "Kreatinine"},
			{ID: "g3", Title: "Bloeddruk"},
			{ID: "g4", Title: "Gewicht"},
			{ID: "g5", Title: "Penicillines", Advice: "broader", Text: "Deze horen mogelijk bij elkaar."},
		},
		Unread: []aggregator.Unread{{Source: storyPharmacy, Service: "31", Type: "MedicationDispense", ID: "x", Reason: "dubbele naam in de gegevens"}},
	}
	o.Items = append(o.Items, storyMedicines()...)
	o.Items = append(o.Items, storyAllergies()...)
	o.Items = append(o.Items, storyResults()...)
	o.Items = append(o.Items, storyOther()...)
	return o
}

// storySources are three providers: one complete, one in part, one of some time ago.
func storySources() []aggregator.SourceStatus {
	today := storyNow.Add(-2 * time.Hour)
	ok := func(query string, n int) fhir.QueryResult {
		return fhir.QueryResult{Query: query, Outcome: fhir.OK, Resources: n, Pages: 1}
	}
	return []aggregator.SourceStatus{
		{Source: storyHospital, Provider: "Streekziekenhuis", Kind: "hospital", Service: "48", FHIR: "STU3", Fetched: today, Outcome: fhir.Complete, Queries: []fhir.QueryResult{
			ok("MedicationRequest", 9), ok("AllergyIntolerance", 1), ok("Observation?category=laboratory", 181),
		}},
		{Source: storyGP, Provider: "Huisarts De Linde", Kind: "gp", Service: "49", FHIR: "STU3", Fetched: today, Outcome: fhir.Partial, Queries: []fhir.QueryResult{
			ok("MedicationRequest?periodofuse=ge2025", 6), ok("AllergyIntolerance?category=medication", 2),
			{Query: "Observation?code=" + fhir.NHG45 + "|", Outcome: fhir.Failed, Detail: "P-503"},
		}},
		{Source: storyPharmacy, Provider: "Apotheek Zuid", Kind: "pharmacy", Service: "31", FHIR: "STU3", Fetched: time.Date(2025, 4, 3, 8, 0, 0, 0, time.UTC), Outcome: fhir.Partial, Queries: []fhir.QueryResult{
			ok("MedicationDispense", 12),
			{Query: "AllergyIntolerance", Outcome: fhir.Empty},
			{Query: "MedicationStatement", Outcome: fhir.NotOffered},
		}},
	}
}

// part makes a part of a source.
func part(source, service, typ, role string) aggregator.Part {
	return aggregator.Part{Source: source, Service: service, Type: typ, ID: "1", Role: role, Version: "1"}
}

func agreement(source string) aggregator.Part {
	return part(source, "48", "MedicationRequest", "MA")
}

func handed(source string) aggregator.Part {
	return part(source, "31", "MedicationDispense", "MVE")
}

// medicine makes an item of a medicine, joined over its parts.
func medicine(name string, s aggregator.Section, m aggregator.Medicine, parts ...aggregator.Part) aggregator.Item {
	item := aggregator.Item{
		ID: storyID("medication", name), Subject: "medication", Section: s, Title: m.Name, Detail: m.Dose, When: m.Start.Day(),
		Parts: parts, Value: &m, Fields: map[string]aggregator.Field{"dose": {Text: m.Dose}, "start": {Text: m.Start.Day()}},
	}
	for i := 1; i < len(parts); i++ {
		item.Joins = append(item.Joins, aggregator.Join{A: 0, B: i, Rule: "same-PRK-same-dose"})
	}
	return item
}

// storyMedicines has one medicine in every section, and one on which two differ.
func storyMedicines() []aggregator.Item {
	d := fhir.ParseDate
	differs := []aggregator.Conflict{{Code: "C-DOSE", Text: "Uw zorgverleners hebben een andere sterkte of dosering staan. Vraag uw apotheker welke klopt."}}
	high := medicine("metoprolol-u", aggregator.Current, aggregator.Medicine{Name: "Metoprolol", Dose: "1 keer per dag 1 tablet van 100 mg", Start: d("2025-05-08"), Reason: "hoge bloeddruk"}, agreement(storyHospital))
	low := medicine("metoprolol-h", aggregator.Current, aggregator.Medicine{Name: "Metoprolol", Dose: "1 keer per dag 1 tablet van 50 mg", Start: d("2024-03-01")}, agreement(storyGP), handed(storyPharmacy))
	high.Group, low.Group, high.Conflicts, low.Conflicts = "g1", "g1", differs, differs
	own := medicine("paracetamol", aggregator.Current, aggregator.Medicine{Name: "Paracetamol", Dose: "Als het nodig is, hoogstens 4 keer per dag 1 tablet van 500 mg", AsNeeded: true}, part(fhir.Self, "", "MedicationStatement", "MGB"))
	ibuprofen := medicine("ibuprofen", aggregator.Recent, aggregator.Medicine{Name: "Ibuprofen", Dose: "3 keer per dag 1 tablet van 400 mg", Start: d("2025-03-01"), End: d("2025-05-02"), Ended: "stopped"}, handed(storyPharmacy))
	old := medicine("doxycycline", aggregator.Past, aggregator.Medicine{Name: "Doxycycline", Dose: "1 keer per dag 1 capsule van 100 mg", Start: d("2021-02-01"), End: d("2021-02-08"), Ended: "over"}, agreement(storyGP))
	return []aggregator.Item{
		high, low,
		medicine("amoxicilline", aggregator.Current, aggregator.Medicine{Name: "Amoxicilline", Dose: "3 keer per dag 1 capsule van 500 mg, 7 dagen", Start: d("2025-05-14"), End: d("2025-05-21")}, agreement(storyGP)),
		medicine("metformine", aggregator.Current, aggregator.Medicine{Name: "Metformine", Dose: "2 keer per dag 1 tablet van 500 mg", Start: d("2022-01-14"), Reason: "diabetes type 2"}, agreement(storyHospital), agreement(storyGP), handed(storyPharmacy)),
		medicine("hct", aggregator.Paused, aggregator.Medicine{Name: "Hydrochloorthiazide", Dose: "1 keer per dag 1 tablet van 12,5 mg", Start: d("2024-04-03"), Ended: "paused"}, agreement(storyGP), handed(storyPharmacy)),
		medicine("simvastatine", aggregator.Current, aggregator.Medicine{Name: "Simvastatine", Dose: "1 keer per dag 1 tablet van 40 mg, voor het slapen", Start: d("2020-09-09")}, agreement(storyGP), handed(storyPharmacy)),
		own,
		medicine("griepprik", aggregator.Planned, aggregator.Medicine{Name: "Colecalciferol", Dose: "1 keer per dag 1 tablet van 20 microgram", Start: d("2025-06-01")}, agreement(storyGP)),
		ibuprofen, old,
		medicine("oxazepam", aggregator.Unclear, aggregator.Medicine{Name: "Oxazepam", Dose: "Als het nodig is 1 tablet van 10 mg", Inferred: true, Last: d("2025-01-05")}, handed(storyPharmacy)),
	}
}

func allergy(name string, s aggregator.Section, when string, a aggregator.Allergy, parts ...aggregator.Part) aggregator.Item {
	return aggregator.Item{ID: storyID("allergy", name), Subject: "allergy", Section: s, Title: a.Agent, When: when, Parts: parts, Value: &a}
}

// storyAllergies has a class and a member of it, and a statement of none beside them.
func storyAllergies() []aggregator.Item {
	rec := func(source string) aggregator.Part {
		return part(source, "49", "AllergyIntolerance", aggregator.RoleRecord)
	}
	penicillin := allergy("penicilline", aggregator.Active, "2009", aggregator.Allergy{Agent: "Penicilline", Category: "medicijn", Severity: "ernstig", High: true, Verification: "zeker", Reactions: []string{"huiduitslag", "benauwd"}, Since: fhir.ParseDate("2009")}, rec(storyGP), rec(storyHospital))
	member := allergy("amoxi", aggregator.Active, "2015", aggregator.Allergy{Agent: "Amoxicilline", Category: "medicijn"}, rec(storyHospital))
	penicillin.Group, member.Group = "g5", "g5"
	none := allergy("none", aggregator.NoneKnown, "2016-01-10", aggregator.Allergy{Agent: "Geen bekende allergieën"}, rec(storyHospital))
	none.Conflicts = nil
	return []aggregator.Item{
		penicillin, member,
		allergy("pleister", aggregator.Active, "", aggregator.Allergy{Agent: "Pleister (kleefstof)"}, rec(fhir.Self)),
		none,
		allergy("koemelk", aggregator.Inactive, "1965", aggregator.Allergy{Agent: "Koemelk", Category: "voeding"}, rec(storyGP)),
		allergy("jodium", aggregator.Refuted, "2020-02-02", aggregator.Allergy{Agent: "Jodium"}, rec(storyHospital)),
	}
}

// result makes one result of a series.
func result(subject, name, group string, r aggregator.Result, source string) aggregator.Item {
	typ := aggregator.RoleRecord
	return aggregator.Item{
		ID: storyID(subject, name), Subject: subject, Section: aggregator.Found, Title: r.Name, Detail: r.Text, When: r.At.Day(), Group: group,
		Parts: []aggregator.Part{part(source, "48", "Observation", typ)}, Value: &r,
	}
}

func creatinine(name, day, value, low, high, lab, status, before string) aggregator.Item {
	q := func(v string) fhir.Quantity { return fhir.Quantity{Value: v, Unit: "µmol/L"} }
	return result("lab", name, "g2", aggregator.Result{
		Name: "Kreatinine", Quantity: q(value), Text: value + nbsp + "µmol/L", Low: q(low), High: q(high), Flag: aggregator.Within, Computed: true,
		At: fhir.ParseDate(day), Status: status, Corrected: before, Lab: lab, Requester: "Huisarts B. Smit", Plottable: true, Series: "g2",
		Analyte: "kreat", Chart: "c2", Line: lab, Harmonised: true,
	}, storyHospital)
}

func pressure(name, day, upper, lower string) aggregator.Item {
	q := func(v string) fhir.Quantity { return fhir.Quantity{Value: v, Unit: "mmHg"} }
	return result("vital", name, "g3", aggregator.Result{
		Name: "Bloeddruk", Text: upper + "/" + lower + nbsp + "mmHg", At: fhir.ParseDate(day), Own: true, Status: "final", Plottable: true,
		Systolic: q(upper), Diastolic: q(lower), Series: "g3", Analyte: "bloodpressure", Chart: "c3", Line: "l3",
	}, fhir.Self)
}

// storyResults has series of two laboratories, of the person, and single results.
func storyResults() []aggregator.Item {
	hba1c := func(v string) fhir.Quantity { return fhir.Quantity{Value: v, Unit: "mmol/mol"} }
	items := []aggregator.Item{
		creatinine("kreat-1", "2021-03-09", "82", "60", "110", "Streeklab", "final", ""),
		creatinine("kreat-2", "2022-04-21", "78", "64", "104", "Labnoord", "final", ""),
		creatinine("kreat-3", "2023-06-02", "92", "60", "110", "Streeklab", "final", ""),
		creatinine("kreat-4", "2024-05-14", "86", "64", "104", "Labnoord", "corrected", "89"),
		creatinine("kreat-5", "2025-05-12", "85", "60", "110", "Streeklab", "final", ""),
		creatinine("kreat-6", "2025-05-19", "88", "60", "110", "Streeklab", "preliminary", ""),
		result("lab", "hba1c", "", aggregator.Result{Name: "HbA1c", Quantity: hba1c("58"), Text: "58" + nbsp + "mmol/mol", Low: hba1c("20"), High: hba1c("42"), Flag: aggregator.High, At: fhir.ParseDate("2025-05-12"), Status: "final", Lab: "Streeklab", Analyte: "hba1c", Series: "s5", Chart: "c5", Line: "l5", Plottable: true}, storyHospital),
		result("lab", "culture", "", aggregator.Result{Name: "Kweek", Text: "negatief", At: fhir.ParseDate("2024-11-03"), Status: "final", Lab: "Labnoord"}, storyGP),
		pressure("bp-1", "2025-05-17T08:00:00+02:00", "138", "86"),
		pressure("bp-2", "2025-05-18T08:00:00+02:00", "132", "84"),
	}
	for i := range 15 {
		at := time.Date(2023, time.Month(1+i), 3, 8, 0, 0, 0, time.UTC)
		q := fhir.Quantity{Value: fmt.Sprintf("%d.%d", 78+i%4, i%10), Unit: "kg"}
		items = append(items, result("vital", fmt.Sprint("weight-", i+1), "g4", aggregator.Result{
			Name: "Gewicht", Quantity: q, Text: fmt.Sprint(q.Value, nbsp, "kg"), At: fhir.DateOf(at), Own: true, Status: "final", Plottable: true, Series: "g4", Analyte: "weight", Chart: "c4", Line: "l4",
		}, fhir.Self))
	}
	return items
}

// sealed makes an item that is closed.
func sealed(subject, name, source, day string, c aggregator.Closed) aggregator.Item {
	return aggregator.Item{
		ID: storyID(subject, name), Subject: subject, Section: aggregator.Gated, Title: "Uitslag van het laboratorium", When: day,
		Parts: []aggregator.Part{{Source: source, Role: aggregator.RoleRecord}}, Value: &c,
	}
}

func letter(name, title, kind, author, day string, files ...aggregator.File) aggregator.Item {
	return aggregator.Item{
		ID: storyID("letter", name), Subject: "letter", Section: aggregator.Found, Title: title, Detail: kind, When: day, Author: author,
		Parts: []aggregator.Part{part(storyHospital, "51", "DocumentReference", aggregator.RoleRecord), part(storyHospital, "51", "Binary", aggregator.RoleFile)},
		Value: &aggregator.Letter{Kind: kind, Author: author, Date: fhir.ParseDate(day), Files: files},
	}
}

func other(subject, name string, s aggregator.Section, title, detail, when, source, typ string) aggregator.Item {
	return aggregator.Item{
		ID: storyID(subject, name), Subject: subject, Section: s, Title: title, Detail: detail, When: when,
		Parts: []aggregator.Part{part(source, "48", typ, aggregator.RoleRecord)},
	}
}

// storyOther has letters and a few records of other subjects.
func storyOther() []aggregator.Item {
	pdf := aggregator.File{ContentType: "application/pdf", Size: 9, Part: 1}
	return []aggregator.Item{
		letter("letter-1", "Brief cardiologie", "Brief van specialist", "M. Jansen, cardioloog", "2025-05-08", pdf),
		letter("letter-2", "Ontslagbrief", "Ontslagbrief", "M. Jansen, cardioloog", "2025-04-30", pdf, pdf),
		letter("letter-3", "Uitslag onderzoek", "Uitslagbrief", "", "2024-12-02", aggregator.File{ContentType: "application/pdf", Part: -1}),
		other("problem", "p1", aggregator.Active, "Hoge bloeddruk", "sinds 2024", "2024-03-01", storyGP, "Condition"),
		other("problem", "p2", aggregator.Inactive, "Gebroken pols", "", "2011", storyHospital, "Condition"),
		other("vaccination", "v1", aggregator.Found, "Griepprik", "", "2024-10-20", storyGP, "Immunization"),
		other("appointment", "a1", aggregator.Planned, "Cardiologie", "Controle", "2025-05-21T10:30:00+02:00", storyHospital, "Appointment"),
		other("appointment", "a2", aggregator.Past, "Huisarts", "", "2025-05-02T09:00:00+02:00", storyGP, "Appointment"),
		other("alert", "f1", aggregator.Active, "Let op bij medicijnen: nieren", "", "2024", storyGP, "Flag"),
		other("note", "n1", aggregator.Found, "Wat we afspraken", "Over 3 maanden terug.", "2025-05-02", storyGP, "Composition"),
	}
}

// examined is the example with a photo and a report, which are no value.
func examined(d *storyDesk) {
	for _, one := range []struct{ typ, title, text, day string }{
		{"ImagingStudy", "Röntgenfoto van de borst", "Geen bijzonderheden volgens de radioloog", "2025-05-06"},
		{"DiagnosticReport", "Verslag van de longfunctie", "Licht verminderd", "2024-11-20"},
	} {
		d.o.Items = append(d.o.Items, aggregator.Item{
			ID: storyID("exam", one.typ), Subject: "procedure", Section: aggregator.Found, Title: one.title, Detail: one.text, When: one.day,
			Parts: []aggregator.Part{part(storyHospital, "48", one.typ, aggregator.RoleRecord)},
		})
	}
}
