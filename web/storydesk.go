package web

import (
	"bytes"
	"context"
	"net/url"
	"sync"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// storyDesk is a Desk with an example person and no vault behind it. What a
// story changes is gone after it.
type storyDesk struct {
	mu       sync.Mutex // of state, which the idle timer changes too
	state    State
	o        *aggregator.Overview
	progress []SourceProgress
	question string
	visited  time.Time
	changes  []aggregator.Change
	fault    error // given by the next call that can fail
	begun    int   // logins
	waits    []storyWait
	set      storySettings
	answers  []Said
	own      []Own
	targets  []aggregator.Target
	witness  witness
	storyConn
	storySharing
	ways     storyWays
	post     storySend
	imported storyImport
}

// newStoryDesk is the example, open and unchanged.
func newStoryDesk() *storyDesk {
	d := &storyDesk{state: Open, o: storyOverview(), progress: storyProgress(), visited: storyNow.AddDate(0, 0, -6), changes: storyChanges(), own: storyOwn(), witness: newWitness(), storyConn: newStoryConn()}
	d.shares, d.ledger = storyShares(d), storyLedger(d)
	return d
}

func (d *storyDesk) State() State {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.state
}

// become changes the state of the vault.
func (d *storyDesk) become(s State) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.state = s
}

func (d *storyDesk) Create(context.Context, []byte) (string, error) {
	if d.fault != nil {
		return "", d.fault
	}
	d.become(Open)
	return "7K3M-Q9TD-2XHV-BC5R-W8NF-4JPY-6ZGE-1SAA-M", nil
}

func (d *storyDesk) Unlock(context.Context, []byte) error {
	if d.fault == nil {
		d.become(Open)
	}
	return d.fault
}

func (d *storyDesk) Lock() { d.become(Locked) }

func (d *storyDesk) Overview(context.Context, string) (*aggregator.Overview, error) {
	if d.State() != Open {
		return nil, ErrLocked
	}
	return d.annotated(), nil
}

func (d *storyDesk) Find(_ context.Context, query, _ string, limit int) ([]aggregator.Hit, int, error) {
	hits, n := aggregator.NewIndex(d.o).SearchNow(query, limit)
	return hits, n, d.fault
}

func (d *storyDesk) Raw(_ context.Context, p aggregator.Part) ([]byte, error) {
	return []byte(`{"resourceType":"` + p.Type + `","id":"` + p.ID + `","text":{"div":"<p>Metoprolol</p>"},"dosage":"1 tablet"}`), d.fault
}

func (d *storyDesk) File(context.Context, aggregator.Item, int) (string, []byte, error) {
	return "application/pdf", []byte("%PDF-1.4\n"), d.fault
}

func (d *storyDesk) Search(_ context.Context, query, _ string) ([]Provider, error) {
	if query != "linde" {
		return nil, d.fault
	}
	return storyProviders(), d.fault
}

func (d *storyDesk) Provider(_ context.Context, source, _ string) (Provider, error) {
	for _, p := range append(storyProviders(), Provider{Source: storyHospital, Name: "Streekziekenhuis", Kind: "hospital", Connections: []Connection{
		{Services: []string{"Basisgegevens Zorg"}, Consent: ConsentOnce},
		{Services: []string{"Documenten"}, Consent: ConsentEnded, Trouble: "P-401", Trace: "4b1d8f0e-7a52-4f0e-9c36-1f2ad0e7c955", At: storyNow.AddDate(0, 0, -1)},
		{Services: []string{"Vaccinaties"}},
	}}) {
		if p.Source == source {
			return p, d.fault
		}
	}
	return Provider{}, ErrNotFound
}

func (d *storyDesk) Begin(context.Context, string, int) (string, string, error) {
	d.begun++
	return "https://inloggen.delinde.example/authorize?state=x", "binding", d.fault
}

func (d *storyDesk) Finish(context.Context, url.Values, string) (string, bool, error) {
	return storyGP, false, d.fault
}

func (d *storyDesk) Sync(context.Context, ...string) error { return d.fault }
func (d *storyDesk) Stop(string)                           {}
func (d *storyDesk) Progress() []SourceProgress            { return d.progress }

// storyWait is one choice of when to see something.
type storyWait struct {
	Items []string
	Rule  aggregator.GateRule
}

func (d *storyDesk) Wait(_ context.Context, items []string, r aggregator.GateRule) error {
	d.waits = append(d.waits, storyWait{items, r})
	return d.fault
}

func (d *storyDesk) SetGate(_ context.Context, r aggregator.GateRule) error {
	d.waits = append(d.waits, storyWait{nil, r})
	return d.fault
}

func (d *storyDesk) Add(context.Context, Entry) (string, error) { return d.question, d.fault }

// Decide adds the decision to the list; what it does to the items is left to a
// real desk.
func (d *storyDesk) Decide(_ context.Context, made Decision) (int, error) {
	if d.fault != nil {
		return 0, d.fault
	}
	s := aggregator.DecisionState{Seq: len(d.o.Decisions) + 1, Op: made.Op, At: storyNow, State: aggregator.StateApplied, Undoes: made.Seq}
	for _, id := range []string{made.Item, made.Other} {
		if id != "" {
			s.Items = append(s.Items, id)
		}
	}
	if made.Op == aggregator.OpUndo && made.Seq <= len(d.o.Decisions) {
		d.o.Decisions[made.Seq-1].State = aggregator.StateUndone
	}
	d.o.Decisions = append(d.o.Decisions, s)
	return s.Seq, nil
}

func (d *storyDesk) Changes(_ context.Context, since time.Time, _ string) ([]aggregator.Change, error) {
	if since.After(storyNow.AddDate(0, 0, -2)) {
		return nil, d.fault
	}
	return d.changes, d.fault
}

// DraftKey is the same each time; a real desk keeps one in the vault.
func (d *storyDesk) DraftKey(context.Context) ([]byte, error) {
	if d.State() != Open {
		return nil, ErrLocked
	}
	return bytes.Repeat([]byte{7}, 32), d.fault
}

func (d *storyDesk) LastVisit() time.Time { return d.visited }

// storyProviders are what the search finds.
func storyProviders() []Provider {
	return []Provider{
		{Source: storyGP, Name: "Huisarts De Linde", Kind: "gp", Place: "Lindelaan 3, 9712 AB Groningen", Connected: true, Connections: []Connection{{Services: []string{"Huisartsgegevens", "Documenten"}, Consent: ConsentLasting, Ends: storyNow.AddDate(0, 6, 0)}}},
		{Source: "medmij:vanderlinde@medmij", Name: "Huisarts Van der Linde", Kind: "gp", Place: "Dorpsweg 8, 9751 Haren", Connections: []Connection{{Services: []string{"Huisartsgegevens"}}, {Services: []string{"Documenten"}}}},
		{Source: "medmij:apotheeklinde@medmij", Name: "Apotheek Linde", Kind: "pharmacy", Place: "Groningen"},
	}
}

// storyProgress has a source that is ready, one that is busy and one that failed.
func storyProgress() []SourceProgress {
	at := storyNow.Add(-time.Minute)
	return []SourceProgress{
		{
			Source: storyHospital, Provider: "Streekziekenhuis", Started: at, Finished: storyNow, New: 12, Same: 202,
			Parts: []PartProgress{
				{Service: "48", Query: "MedicationRequest", Subject: "medication", Outcome: fhir.OK, Resources: 9},
				{Service: "48", Query: "AllergyIntolerance", Subject: "allergy", Outcome: fhir.OK, Resources: 2},
				{Service: "46", Query: "Observation", Subject: "lab", Outcome: fhir.OK, Resources: 181},
				{Service: "51", Query: "DocumentReference", Subject: "letter", Outcome: fhir.OK, Resources: 22},
			},
		},
		{
			Source: storyGP, Provider: "Huisarts De Linde", Started: at,
			Parts: []PartProgress{
				{Service: "49", Query: "Patient", Outcome: fhir.OK, Resources: 1},
				{Service: "49", Query: "AllergyIntolerance", Subject: "allergy", Outcome: fhir.Empty},
				{Service: "49", Query: "Observation", Subject: "lab", Busy: true, Page: 3},
				{Service: "51", Query: "DocumentReference", Subject: "letter"},
			},
		},
		{
			Source: storyPharmacy, Provider: "Apotheek Zuid", Started: at, Finished: storyNow, Code: "P-503",
			Known: time.Date(2025, 4, 3, 8, 0, 0, 0, time.UTC),
			Parts: []PartProgress{{Service: "31", Query: "MedicationDispense"}, {Service: "31", Query: "MedicationRequest"}},
		},
	}
}
