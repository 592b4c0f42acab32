package web

import (
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// storyChanges has a change of every kind, and more than the first page tells.
func storyChanges() []aggregator.Change {
	gp, hospital, pharmacy := []string{"Huisarts De Linde"}, []string{"Streekziekenhuis"}, []string{"Apotheek Zuid"}
	one := func(kind aggregator.ChangeKind, subject, name, title, when string, sources []string, fields ...aggregator.FieldChange) aggregator.Change {
		return aggregator.Change{Kind: kind, ID: storyID(subject, name), Subject: subject, Title: title, When: when, Sources: sources, Fields: fields}
	}
	passed := one(aggregator.ChangedOther, "appointment", "a2", "Huisarts", "2025-05-02", gp, aggregator.FieldChange{Field: "section", Before: "planned", After: "past"})
	passed.ByTime = true
	return []aggregator.Change{
		one(aggregator.ChangedNew, "medication", "amoxicilline", "AMOXICILLINE", "2025-05-14", gp),
		one(aggregator.ChangedOther, "medication", "metoprolol-u", "Metoprolol", "2025-05-08", hospital,
			aggregator.FieldChange{Field: "dose", Before: "1 keer per dag 1 tablet van 50 mg", After: "1 keer per dag 1 tablet van 100 mg"},
			aggregator.FieldChange{Field: "conflict", After: "Uw zorgverleners hebben een andere sterkte of dosering staan."}),
		one(aggregator.ChangedStopped, "medication", "ibuprofen", "Ibuprofen", "2025-05-02", pharmacy,
			aggregator.FieldChange{Field: "end", After: "2025-05-02"}, aggregator.FieldChange{Field: "section", Before: "current", After: "recent"}),
		one(aggregator.ChangedGone, "medication", "oxazepam", "Oxazepam", "2025-01-05", pharmacy, aggregator.FieldChange{Field: "section", Before: "unclear", After: "gone"}),
		one(aggregator.ChangedCorrected, "lab", "kreat-4", "Kreatinine", "2024-05-14", hospital, aggregator.FieldChange{Field: "detail", Before: "89 µmol/L", After: "86 µmol/L"}),
		one(aggregator.ChangedJoined, "medication", "metformine", "Metformine", "2022-01-14", []string{"Streekziekenhuis", "Huisarts De Linde"}),
		one(aggregator.ChangedSeparated, "medication", "simvastatine", "Simvastatine", "2020-09-09", gp),
		passed,
		one(aggregator.ChangedRemoved, "vital", "weg", "Gewicht", "2025-05-01", []string{"Uzelf"}),
		one(aggregator.ChangedNew, "letter", "letter-1", "Brief cardiologie", "2025-05-08", hospital),
	}
}

// decidedBefore gives the example a decision in every state.
func decidedBefore(d *storyDesk) {
	metformin := storyID("medication", "metformine")
	for i, s := range []struct {
		op     aggregator.Op
		state  string
		reason string
		items  []string
	}{
		{aggregator.OpJoin, aggregator.StateChanged, "", []string{metformin}},
		{aggregator.OpSeparate, aggregator.StateApplied, "", []string{storyID("allergy", "penicilline"), storyID("allergy", "amoxi")}},
		{aggregator.OpDismiss, aggregator.StateReturned, "", []string{storyID("medication", "metoprolol-u")}},
		{aggregator.OpJoin, aggregator.StateSuspended, aggregator.RefuseAsNeeded, []string{storyID("medication", "hct")}},
		{aggregator.OpJoin, aggregator.StateRefused, aggregator.RefuseApart, []string{storyID("medication", "simvastatine")}},
		{aggregator.OpConfirm, aggregator.StateOlder, "", []string{metformin}},
		{aggregator.OpJoin, aggregator.StateDormant, "", nil},
		{aggregator.OpDismiss, aggregator.StateUndone, "", []string{storyID("medication", "metoprolol-h")}},
		{aggregator.OpUndo, aggregator.StateApplied, "", nil},
		{aggregator.OpAccept, aggregator.StateApplied, "", nil},
	} {
		made := aggregator.DecisionState{Seq: i + 1, Op: s.op, At: storyNow.Add(-time.Duration(40-i) * 24 * time.Hour), State: s.state, Reason: s.reason, Items: s.items}
		if s.op == aggregator.OpUndo {
			made.Undoes = i
		}
		d.o.Decisions = append(d.o.Decisions, made)
	}
}

// looksAlike lets two of the same medicine stand side by side, that may be one
// thing.
func looksAlike(d *storyDesk) {
	decidedBefore(d)
	d.o.Groups[0] = aggregator.Group{ID: "g1", Title: "Metoprolol", Advice: "dose-differs", Text: "Zelfde medicijn, andere dosering. Overleg met uw apotheker welke klopt.", Joinable: []string{storyID("medication", "metoprolol-u"), storyID("medication", "metoprolol-h")}}
}

// threeAlike has a third one, that the person added.
func threeAlike(d *storyDesk) {
	looksAlike(d)
	own := medicine("metoprolol-z", aggregator.Current, aggregator.Medicine{Name: "Metoprolol", Dose: "1 keer per dag 1 tablet van 50 mg, na het eten"}, part(fhir.Self, "", "MedicationStatement", "MGB"))
	own.Group = "g1"
	d.o.Groups[0].Joinable = append(d.o.Groups[0].Joinable, own.ID)
	d.o.Items = append(d.o.Items, own)
}

// seenOnce is after the person said that they saw the difference.
func seenOnce(d *storyDesk) {
	looksAlike(d)
	d.o.Decisions[2].State = aggregator.StateApplied
	d.o.Items[0].Conflicts[0].Seen = true // both versions have this one
}

// joinedAndChanged is a medicine that the person joined, and that changed since;
// of another difference they said that they saw it, and one source is gone.
func joinedAndChanged(d *storyDesk) {
	decidedBefore(d)
	for i := range d.o.Items {
		item := &d.o.Items[i]
		if item.ID != storyID("medication", "metformine") {
			continue
		}
		item.Joins[1].Rule = "own-decision"
		item.Parts[2].Gone = "2025-05-03"
		item.Notes = []string{"De apotheek gaf een ander merk mee."}
		item.Conflicts = []aggregator.Conflict{
			{Code: "C-JOIN-CHANGED", Text: "Gewijzigd sinds u dit samenvoegde. Klopt het nog? dosering: 1 tablet → 2 tabletten"},
			{Code: "C-GONE", Text: "Apotheek Zuid geeft dit sinds 3 mei 2025 niet meer door.", Seen: true},
		}
	}
}
