package aggregator

import (
	"slices"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// Overview is everything that is known of one person at one moment, merged.
// Its JSON form is the contract of `bundel overview --json`: sorted, stable,
// without anything that depends on when or where it was computed.
type Overview struct {
	AsOf    time.Time      `json:"asOf"`
	Person  Person         `json:"person"`
	Sources []SourceStatus `json:"sources"`
	Items   []Item         `json:"items"`
	Groups  []Group        `json:"groups"`
	Unread  []Unread       `json:"unread"`
	Notices []Notice       `json:"notices"`

	// Decisions are what the person decided about which records belong
	// together, in order, with what became of each.
	Decisions []DecisionState `json:"decisions"`

	// Strangers are the sources with records that wait for the person to say
	// whether they are about them.
	Strangers []Stranger `json:"strangers,omitempty"`

	gates []GateRule // of the person, for View
	lang  string

	Completeness []Completeness `json:"completeness"` // per subject, source and service

	transitions []time.Time
	places      *places // nil: looked for one by one
}

// Person is whose overview it is.
type Person struct {
	Name      string `json:"name"`
	BirthDate string `json:"birthDate"`
}

// SourceStatus tells what one data service of one source gave, and what not.
// It is part of the overview: a list without it says nothing about what is
// missing.
type SourceStatus struct {
	Source   string             `json:"source"`
	Provider string             `json:"provider"`
	Kind     string             `json:"kind,omitempty"` // gp, pharmacy, hospital, other; empty when unknown
	Service  string             `json:"service"`
	FHIR     string             `json:"fhir"`
	Fetched  time.Time          `json:"fetched"`
	Outcome  fhir.Outcome       `json:"outcome"`
	Detail   string             `json:"detail,omitempty"`
	Queries  []fhir.QueryResult `json:"queries"`
}

// Section is where an item stands within its subject.
type Section string

// The sections. Which subject uses which is in the table of subjects.
const (
	Current   Section = "current"
	Planned   Section = "planned"
	Later     Section = "later" // planned, and far ahead
	Recent    Section = "recent"
	Past      Section = "past"
	Paused    Section = "paused"
	Cancelled Section = "cancelled"
	Unclear   Section = "unclear"
	Gone      Section = "gone"
	Active    Section = "active"
	Inactive  Section = "inactive"
	Refuted   Section = "refuted"
	NoneKnown Section = "none-known"
	Found     Section = "result"
	History   Section = "history"
)

// Item is one line of the overview: a medicine, an allergy, a result, a
// document or another record, with every source that speaks about it.
type Item struct {
	ID         string           `json:"id"` // "<subject>:<12 letters>", the same in every run
	Subject    string           `json:"subject"`
	Section    Section          `json:"section"`
	Title      string           `json:"title"`
	Detail     string           `json:"detail"`
	When       string           `json:"when"`   // "2026-05-12", or less precise, or empty
	Author     string           `json:"author"` // who said it, in words
	Group      string           `json:"group,omitempty"`
	Conflicts  []Conflict       `json:"conflicts"`
	Notes      []string         `json:"notes,omitempty"` // worth knowing, and no conflict
	Joins      []Join           `json:"joins"`
	Fields     map[string]Field `json:"fields"`
	Parts      []Part           `json:"parts"`
	SharedWith []string         `json:"sharedWith"`

	// About are the ids of the items that an own one is an answer about. It
	// stands beside them and decides nothing (merge.md 2.7).
	About []string `json:"about,omitempty"`

	// Value is what the subject knows beyond text: *Medicine, *Allergy,
	// *Result, *Letter, *Note, *Closed or nil.
	Value any `json:"-"`

	gate    gateFacts
	aliases []string // keys of the ids it had or would have had with fewer parts
	copies  []string // ids of the results that it may be a copy of
}

// aliasIDs are the ids it had or would have had with fewer parts.
func (i *Item) aliasIDs() []string {
	ids := make([]string, len(i.aliases))
	for at, k := range i.aliases {
		ids[at] = itemID(i.Subject, k)
	}
	return ids
}

// Key is the id without the subject: it says nothing about the content and is
// what an address may carry.
func (i Item) Key() string {
	_, key, _ := strings.Cut(i.ID, ":")
	return key
}

// Name is the title as people write it: a product name that was delivered in
// capitals is not shouted.
func (i Item) Name() string {
	switch v := i.Value.(type) {
	case *Medicine:
		return firstNonEmpty(v.Name, i.Title)
	case *Allergy:
		return firstNonEmpty(v.Agent, i.Title)
	}
	return i.Title
}

// Restricted tells whether a source labelled any part of it as restricted.
func (i Item) Restricted() bool {
	letter, ok := i.Value.(*Letter)
	return i.gate.secret || ok && letter.Hidden
}

// Differs tells whether sources disagree about the item in a way that the
// person has not seen yet.
func (i Item) Differs() bool {
	return slices.ContainsFunc(i.Conflicts, func(c Conflict) bool { return c.IsDifference() && !c.Seen })
}

// Own tells whether the person added every part of it.
func (i Item) Own() bool {
	for _, p := range i.Parts {
		if !isSupport(p.Role) && p.Source != fhir.Self {
			return false
		}
	}
	return len(i.Parts) > 0
}

// Conflict is a difference between sources or within one, in words for the person.
type Conflict struct {
	Code string `json:"code"` // C-DOSE, C-STOP, ... (merge.md 2.11)
	Text string `json:"text"`
	Seen bool   `json:"seen,omitempty"` // the person saw it; it is back as soon as something in it changes

	// With are the ids of the items that say otherwise, sorted, for a difference
	// between results of one moment: their group is the whole series.
	With []string `json:"with,omitempty"`
}

// level is how grave it is, 3 at most; what was seen is a small mark.
func (c Conflict) level() int {
	if c.Seen {
		return 0
	}
	return levelOf(c.Code)
}

// IsDifference tells a disagreement between sources from something that is odd
// about one of them, or that asks for attention.
func (c Conflict) IsDifference() bool {
	switch c.Code {
	case "C-DOSE", "C-STOP", "C-DUP", "C-PAUSED-CURRENT", "C-NOT-TAKEN", "C-USE-DIFFERS", "C-COPY", "C-COLLISION",
		"C-EIE", "C-ALG", "C-NKA", "C-LAB-VALUE":
		return true
	}
	return false
}

// Join says why parts A and B stand on one line: the rule, by name.
type Join struct {
	A    int    `json:"a"`
	B    int    `json:"b"`
	Rule string `json:"rule"`
}

// Field is a value that is shown and the part it literally comes from.
type Field struct {
	Text string `json:"text"`
	Part int    `json:"part"`
}

// The roles of parts that are not building blocks of medication (those are
// MA, TA, WDS, VV, MVE, MGB, MTD, see medication.go).
const (
	RoleRecord   = "record"   // the record itself
	RoleProduct  = "product"  // supporting from here on
	RoleFile     = "file"     //
	RoleAuthor   = "author"   // a person or organisation it names
	RolePerson   = "person"   // whom it is about
	RolePlace    = "place"    //
	RoleSpecimen = "specimen" //
	RoleDevice   = "device"   //
)

func isSupport(role string) bool {
	switch role {
	case RoleProduct, RoleFile, RoleAuthor, RolePerson, RolePlace, RoleSpecimen, RoleDevice:
		return true
	}
	return false
}

// Part is one stored record behind an item.
type Part struct {
	Source  string `json:"source"`
	Service string `json:"service"`
	Type    string `json:"type"`
	ID      string `json:"id"`
	Role    string `json:"role"`
	Version string `json:"version"`          // version number within the store
	Hidden  string `json:"hidden,omitempty"` // "version", "copy", "folded", "void": why it does not speak
	Gone    string `json:"gone,omitempty"`   // the day since which the source no longer gives it
}

// Group is a set of items that stand side by side under one heading: about
// the same thing, but never one line.
type Group struct {
	ID     string `json:"id"`
	Title  string `json:"title"`
	Advice string `json:"advice,omitempty"` // code of Text
	Text   string `json:"text,omitempty"`

	// Joinable are the ids of its items that the person can put on one line with
	// another of them: nothing that [Decider.Join] would refuse is offered.
	Joinable []string `json:"-"`
}

// Unread is a record that could not be read, has an unknown type, or waits
// because it may be about somebody else.
type Unread struct {
	Source  string `json:"source"`
	Service string `json:"service,omitempty"`
	Type    string `json:"type"`
	ID      string `json:"id"`
	Reason  string `json:"reason"`
}

// Medicine is the Value of a medication item.
type Medicine struct {
	Name       string
	Substance  string // heading for those that look alike; may be empty
	Dose       string // in words, literally from one part
	Start, End fhir.Date
	Ended      string // "stopped", "paused", "changed", "over", "cancelled"; empty while it runs
	Reason     string
	Prescriber string
	Next       string // what follows: "Vanaf 3 juni: ..."
	Inferred   bool   // derived from hand-overs; nobody said it is in use
	Dispenses  int    // number of hand-overs
	Last       fhir.Date
	AsNeeded   bool
}

// Allergy is the Value of an allergy item.
type Allergy struct {
	Agent        string
	Category     string    // in words; all that any source gave
	Type         string    // in words: allergy, intolerance, or both where sources differ
	Severity     string    // in words, as the source coded it; the highest
	High         bool      // high risk according to a source
	Verification string    // how certain, in words: "certain" where any source says so
	Reactions    []string  // those of a high risk first
	Since        fhir.Date // earliest onset
	Confirmed    fhir.Date // latest day on which a source recorded it
	Note         string
}

// Flag is what the laboratory said of a result, or what its own range says.
type Flag string

// The flags.
const (
	High     Flag = "high"
	Low      Flag = "low"
	Abnormal Flag = "abnormal"
	Within   Flag = "within"
)

// Result is the Value of a lab or vital item. What is shown is what was
// delivered; Converted is the one number in it that was computed.
type Result struct {
	Name      string
	Quantity  fhir.Quantity // empty when the result is text
	Text      string        // the result in words: "85 µmol/L", "128/82 mmHg", "negatief"
	Low, High fhir.Quantity // reference range of this result, either may be empty
	RangeText string        // range delivered as text
	Flag      Flag
	Computed  bool // the flag was derived by this app from the result's own range
	At        fhir.Date
	Status    string // FHIR status: final, preliminary, corrected, ...
	Corrected string // earlier value that this one corrects, as delivered
	Lab       string // who performed it
	Requester string
	Own       bool
	NoResult  bool          // the text says that there is none: "GEANNULEERD"
	Systolic  fhir.Quantity // of a blood pressure
	Diastolic fhir.Quantity // of a blood pressure
	Note      string

	Analyte  string // key of what is measured; two keys are never one series
	Specimen string // serum (or plasma), blood, capillary, urine, ...; empty when unknown
	Method   string // in words, where the source gives it

	// What a chart needs, see [Overview.Points].
	Plottable  bool          // a number with a unit that fits its series
	Open       bool          // the number is a limit ("<5"): an open marker, never a dot
	Converted  fhir.Quantity // the value in the unit of its series; empty when it has that unit already
	Series     string        // group id: results that can be compared
	Chart      string        // series with the same Chart share axes
	Line       string        // results with the same Line are joined: one series, laboratory and method
	Harmonised bool          // laboratories agree on it: a dashed line may join them
	Dot        string        // results with the same Dot are, or may be, one result: one dot; empty for a dot of its own

	Panels     []string // names of the groups of results it is in
	Members    []string // of a group of results: the ids of those that are items of their own
	Missing    int      // of a group of results: how many were not received
	Components []Result // of a group of results: those that are no items of their own
}

// Letter is the Value of a letter item.
type Letter struct {
	Kind   string // "Ontslagbrief", ...
	Author string
	Date   fhir.Date // of writing
	Filed  fhir.Date // made available
	Hidden bool      // a source marked it as restricted
	Files  []File

	Suppliers []string // the providers that delivered it, in words; often not who wrote it
	Versions  int      // how many there are, this one included
}

// File is the content of a letter; Part is the part that holds the bytes, -1
// when they have not been collected.
type File struct {
	ContentType string
	Size        int
	SHA256      string // hex; of the decoded bytes
	Part        int
}

// Subject gives the items of the subjects named, in the order of the overview.
func (o *Overview) Subject(names ...string) []Item {
	n := 0
	for i := range o.Items {
		if slices.Contains(names, o.Items[i].Subject) {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	items := make([]Item, 0, n) // items are large: they are copied once
	for i := range o.Items {
		if slices.Contains(names, o.Items[i].Subject) {
			items = append(items, o.Items[i])
		}
	}
	return items
}

// ProviderName gives the readable name of a source.
func (o *Overview) ProviderName(source string) string {
	for _, s := range o.Sources {
		if s.Source == source && s.Provider != "" {
			return s.Provider
		}
	}
	return source
}
