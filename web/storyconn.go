package web

import (
	"context"
	"slices"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// storyConn is what the example has of connecting.
type storyConn struct {
	plan  []PlannedLogin
	links []Link
	lost  []string // sources that were taken out
}

func newStoryConn() storyConn {
	return storyConn{links: []Link{
		{Source: storyGP, Name: "Huisarts De Linde", Consent: ConsentLasting, Ends: storyNow.AddDate(0, 6, 0)},
		{Source: storyHospital, Name: "Streekziekenhuis", Consent: ConsentOnce},
		{Source: storyPharmacy, Name: "Apotheek Zuid", Consent: ConsentLasting, Ends: storyNow.AddDate(0, 4, 14)},
	}}
}

func (d *storyDesk) AddLogin(_ context.Context, source string) error {
	if d.fault == nil {
		d.plan = append(d.plan, PlannedLogin{Source: source, Name: "Huisarts Van der Linde", Services: []string{"Huisartsgegevens"}, Host: "inloggen.delinde.example"})
	}
	return d.fault
}

func (d *storyDesk) DropLogin(_ context.Context, source string) error {
	d.plan = slices.DeleteFunc(d.plan, func(l PlannedLogin) bool { return l.Source == source })
	return d.fault
}

func (d *storyDesk) Plan(context.Context) ([]PlannedLogin, error) { return d.plan, nil }

func (d *storyDesk) BeginPlanned(_ context.Context, n int, source string) (string, string, error) {
	if n >= len(d.plan) || d.plan[n].Source != source {
		return "", "", ErrNotFound
	}
	return d.Begin(context.Background(), source, n)
}

func (d *storyDesk) Links(context.Context) ([]Link, error) { return d.links, nil }

func (d *storyDesk) Disconnect(_ context.Context, source string) error {
	d.links = slices.DeleteFunc(slices.Clone(d.links), func(l Link) bool { return l.Source == source })
	return d.fault
}

func (d *storyDesk) Forget(_ context.Context, source string) error {
	d.lost = append(d.lost, source)
	return d.fault
}

// connectStories are the pages about logging in, what is missing, and ending a
// connection.
func connectStories() []story {
	key := sourceKey(storyPharmacy)
	return []story{
		{name: "plan", path: "/z/plan", desk: planned},
		{name: "plan-under-way", path: "/z/plan", desk: plannedOne},
		{name: "plan-done", path: "/z/plan", desk: func(d *storyDesk) {
			plannedOne(d)
			for i := range d.plan {
				d.plan[i].Done = true
			}
		}},
		{name: "plan-none", path: "/z/plan"},
		{name: "plan-leave", method: "POST", path: "/z/begin", form: form("bron", storyHospital, "n", "1"), desk: plannedOne},
		{name: "providers-planned", path: "/z", desk: plannedOne},
		{name: "providers-apart", path: "/z?los", desk: apart},
		{name: "providers-consents", path: "/z", desk: lapsing},
		{name: "overview-consents", path: "/", desk: lapsing},
		{name: "source-apart", path: "/z/" + key, desk: apart},
		{name: "source-lapsing", path: "/z/" + sourceKey(storyGP), desk: lapsing},
		{name: "source-other-person", path: "/z/" + key, desk: func(d *storyDesk) { d.o.Unread[0].Reason = "quarantine" }},
		{name: "source-missing", path: "/z/" + key, desk: askedAll},
		{name: "whole", path: "/z/volledig", desk: askedAll},
		{name: "whole-all", path: "/z/volledig", desk: func(d *storyDesk) {
			calm(d)
			askedAll(d)
			for i := range d.o.Completeness {
				d.o.Completeness[i].Outcome = fhir.Complete
			}
		}},
		{name: "whole-empty", path: "/z/volledig", desk: empty},
		{name: "disconnect", path: "/z/" + key + "/los"},
		{name: "disconnect-file", path: "/z/" + key + "/los", desk: apart},
		{name: "erase", path: "/z/" + sourceKey(storyHospital) + "/wis"},
		{name: "progress-stopped", path: "/z/bezig", desk: func(d *storyDesk) { d.progress[2].Code = "P-stopped" }},
		{name: "progress-partly", path: "/z/bezig", desk: func(d *storyDesk) {
			d.progress = d.progress[:1]
			d.progress[0].Parts[2].Outcome, d.progress[0].Parts[2].Code, d.progress[0].Parts[2].Resources = fhir.Failed, "P-503", 0
		}},
		{name: "progress-offline", path: "/z/bezig", desk: func(d *storyDesk) { d.progress = d.progress[2:]; d.progress[0].Code = "offline" }},
	}
}

// planned is a plan of three logins, two of them on one page.
func planned(d *storyDesk) {
	d.plan = []PlannedLogin{
		{Source: storyGP, Name: "Huisarts De Linde", Services: []string{"Huisartsgegevens", "Documenten"}, Host: "inloggen.delinde.example"},
		{Source: storyHospital, Name: "Streekziekenhuis", Services: []string{"Basisgegevens Zorg"}, Host: "inloggen.streek.example"},
		{Source: storyHospital, Name: "Streekziekenhuis", Services: []string{"Beelden"}, Host: "inloggen.streek.example"},
	}
}

// plannedOne is that plan after the first login.
func plannedOne(d *storyDesk) {
	planned(d)
	d.plan[0].Done = true
}

// apart has a source that was disconnected.
func apart(d *storyDesk) { _ = d.Disconnect(context.Background(), storyPharmacy) }

// lapsing has a consent that ends soon and one that ended.
func lapsing(d *storyDesk) {
	d.links[0].Ends = storyNow.Add(9 * 24 * time.Hour)
	d.links[1].Consent = ConsentEnded
}

// askedAll knows what each of the three providers was asked and what it gave.
func askedAll(d *storyDesk) { d.o.Completeness = storyCompleteness() }

// storyCompleteness tells of the three providers what each gave.
func storyCompleteness() []aggregator.Completeness {
	today, april := storyNow.Add(-2*time.Hour), time.Date(2025, 4, 3, 8, 0, 0, 0, time.UTC)
	names := map[string]string{storyHospital: "Streekziekenhuis", storyGP: "Huisarts De Linde", storyPharmacy: "Apotheek Zuid"}
	because := map[fhir.Outcome]string{
		fhir.Empty: ": deze bron gaf hier niets over door.", fhir.NotOffered: ": deze bron levert dit niet.", fhir.Failed: ": het ophalen is niet gelukt.",
	}
	of := func(source, service, subject string, outcome fhir.Outcome, asked, good time.Time, gaps ...aggregator.Gap) aggregator.Completeness {
		c := aggregator.Completeness{Subject: subject, Source: source, Provider: names[source], Service: service, Outcome: outcome, Asked: asked, Good: good, Gaps: gaps}
		if why, ok := because[outcome]; ok {
			c.Text = "Onbekend bij " + c.Provider + why
		}
		return c
	}
	latest := aggregator.Gap{Code: "only-latest", Text: "Deze bron levert alleen de laatste waarden."}
	return []aggregator.Completeness{
		of(storyHospital, "48", "medication", fhir.Complete, today, today),
		of(storyHospital, "48", "allergy", fhir.Complete, today, today),
		of(storyHospital, "48", "lab", fhir.Complete, today, today, latest),
		of(storyGP, "49", "medication", fhir.Complete, today, today),
		of(storyGP, "49", "allergy", fhir.Complete, today, today, aggregator.Gap{Code: "only-medication", Text: "Deze bron levert alleen medicijnallergieën."}),
		of(storyGP, "49", "lab", fhir.Failed, today, april),
		of(storyPharmacy, "31", "medication", fhir.Complete, april, april),
		of(storyPharmacy, "31", "allergy", fhir.Empty, april, april),
		of(storyPharmacy, "31", "vaccination", fhir.NotOffered, april, time.Time{}),
	}
}
