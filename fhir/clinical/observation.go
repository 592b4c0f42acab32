package clinical

import (
	"cmp"
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// Sort is what an Observation is about.
type Sort string

// The sorts of observations.
const (
	SortLab       Sort = "lab"       // a laboratory result
	SortVital     Sort = "vital"     // a vital sign or another measurement of the body
	SortLifestyle Sort = "lifestyle" // how a person lives and functions
	SortJournal   Sort = "journal"   // one line of a general practitioner's note
	SortReport    Sort = "report"    // a report of the day by a nurse
	SortOther     Sort = "other"     // any other finding
)

// Observation is a finding: a laboratory result or panel, a vital sign, a way
// of living (data-services.md 1.8, 2.4, 2.5).
type Observation struct {
	Head
	Sort        Sort
	Status      Status           // status + _status
	Categories  []fhir.Coded     // category[]
	Code        fhir.Coded       // code
	Value       Value            // value[x] and dataAbsentReason
	Components  []Component      // component[]
	Flags       []fhir.Coded     // interpretation: one in STU3, a list in R4
	Ranges      []Range          // referenceRange[]
	Effective   Moment           // effective[x]
	Issued      fhir.Date        // issued
	Performers  []fhir.Reference // performer[]
	Specimen    fhir.Reference   // specimen
	Device      fhir.Reference   // device
	Method      fhir.Coded       // method
	Sites       []Site           // bodySite
	Members     []fhir.Reference // STU3 related[has-member]; R4 hasMember[]
	DerivedFrom []fhir.Reference // STU3 related[derived-from]; R4 derivedFrom[]
	OtherLinks  []fhir.Reference // STU3 related with any other type
	BasedOn     []fhir.Reference // basedOn[]
	Context     fhir.Reference   // STU3 context; R4 encounter; ext extension-context-nl-core-episodeofcare, R4 ext-Context-EpisodeOfCare
	Remarks     []Remark         // STU3 comment; R4 note[]
	Timing      fhir.Coded       // ext observation-eventTiming of HL7: before a meal and so on
	Position    fhir.Coded       // R4 ext observation-bodyPosition of HL7
	SOAPCode    fhir.Coded       // R4 ext-SOAPReport.SOAPLineCode of a line of a note
	Supporting  []fhir.Reference // ext workflow-supportingInfoSTU3; R4 workflow-supportingInfo of HL7
	Subject     fhir.Reference   // subject
	Message     string           // ext ext-EdifactReferenceNumber: the laboratory message it came in
	Focus       []fhir.Reference // ext observation-focusSTU3; R4 focus[]: the pregnancy, the delivery or the child it is about
}

// AboutPatient is false for a finding about somebody else, such as a child that
// is not yet born (data-services.md 1.13): it must not be shown as the
// patient's own. A focus on a pregnancy or a delivery is still the patient's.
func (o *Observation) AboutPatient() bool { return !slices.ContainsFunc(o.Focus, isPerson) }

// AboutPatient asks the same of an Observation that was not read yet.
func AboutPatient(n fhir.Node) bool { return !slices.ContainsFunc(focusOf(n), isPerson) }

func isPerson(r fhir.Reference) bool {
	return r.Ref.Type == "Patient" || r.Ref.Type == "RelatedPerson" || r.Ref.Type == "Person"
}

func focusOf(n fhir.Node) []fhir.Reference {
	all := n.References("focus")
	for _, x := range n.Exts(nictiz + "observation-focusSTU3") {
		all = append(all, x.Value().Reference())
	}
	return all
}

// Component is a part of an observation with its own value, such as the upper
// blood pressure.
type Component struct {
	Code   fhir.Coded   // code
	Value  Value        // value[x] and dataAbsentReason
	Flags  []fhir.Coded // interpretation
	Ranges []Range      // referenceRange[]
}

// Value is the outcome of an observation in the one form it was written in.
type Value struct {
	Form     string        // the type in value[x], such as "Quantity"; empty when there is none
	Quantity fhir.Quantity // Quantity; the numerator of a Ratio; the low end of a Range
	Other    fhir.Quantity // the denominator of a Ratio; the high end of a Range
	Concept  fhir.Coded    // CodeableConcept, Coding
	Text     string        // String, Integer, Boolean, Time, and the others as delivered
	When     fhir.Period   // DateTime, Period
	File     Attachment    // Attachment (STU3)
	Absent   fhir.Coded    // dataAbsentReason
}

// Range is a reference range.
type Range struct {
	Low, High fhir.Quantity // low, high
	Type      fhir.Coded    // type
	Text      string        // text
}

// ReadObservation reads an Observation.
func ReadObservation(r fhir.Resource) (*Observation, []Warning) { return as[Observation](Read(r)) }

const observationStates = "registered preliminary final amended corrected cancelled entered-in-error unknown"

func readObservation(r reader) Reading {
	o := &Observation{
		Status: r.status("status", observationStates), Categories: r.concepts("category"), Code: r.concept("code"),
		Value: r.value(), Flags: r.concepts("interpretation"), Ranges: r.ranges(),
		Effective: r.moment("effective"), Issued: r.date("issued"), Performers: r.refs("performer"),
		Specimen: r.ref("specimen"), Device: r.ref("device"), Method: r.concept("method"), Sites: r.sites("bodySite"),
		Members: r.refs("hasMember"), DerivedFrom: r.refs("derivedFrom"), BasedOn: r.refs("basedOn"),
		Context: firstRef(r.ref("context"), r.ref("encounter"), r.ext("extension-context-nl-core-episodeofcare", "ext-Context-EpisodeOfCare").node.Reference()),
		Remarks: r.remarks(), Timing: r.ext(hl7 + "observation-eventTiming").concept(), Position: r.ext(hl7 + "observation-bodyPosition").concept(),
		Subject: r.ref("subject"), Focus: focusOf(r.node),
	}
	o.SOAPCode = r.ext("ext-SOAPReport.SOAPLineCode").concept()
	message := r.ext("ext-EdifactReferenceNumber")
	o.Message = cmp.Or(message.text(), message.text("value"))
	for _, url := range [...]string{nictiz + "workflow-supportingInfoSTU3", hl7 + "workflow-supportingInfo"} {
		for _, x := range r.exts(url) {
			o.Supporting = append(o.Supporting, x.Value().Reference())
		}
	}
	r.note("focus")
	r.exts(nictiz + "observation-focusSTU3")
	for _, part := range r.each("component") {
		o.Components = append(o.Components, Component{
			Code: part.concept("code"), Value: part.value(), Flags: part.concepts("interpretation"), Ranges: part.ranges(),
		})
	}
	o.readRelated(r)
	o.Sort = sortOf(o, r.node)
	return o
}

// readRelated reads how STU3 says what R4 has in three places.
func (o *Observation) readRelated(r reader) {
	for _, item := range r.each("related") {
		target := item.ref("target")
		switch item.text("type") {
		case "has-member":
			o.Members = append(o.Members, target)
		case "derived-from":
			o.DerivedFrom = append(o.DerivedFrom, target)
		default:
			o.OtherLinks = append(o.OtherLinks, target)
		}
	}
}

func (r reader) value() Value {
	x := r.valueOf("value")
	x.Absent = r.concept("dataAbsentReason")
	return x
}

func (r reader) valueOf(prefix string) Value {
	typ, v := r.choice(prefix)
	x := Value{Form: typ}
	switch typ {
	case "Quantity":
		x.Quantity = v.quantity()
	case "Ratio":
		x.Quantity, x.Other = v.quantity("numerator"), v.quantity("denominator")
	case "Range":
		x.Quantity, x.Other = v.quantity("low"), v.quantity("high")
	case "CodeableConcept", "Coding":
		x.Concept = v.concept()
	case "DateTime", "Date":
		x.When.Start = v.asDate()
	case "Period":
		x.When = v.period()
	case "Attachment":
		x.File = v.attachment()
	default:
		x.Text = v.text()
	}
	return x
}

func (r reader) ranges() []Range {
	var all []Range
	for _, item := range r.each("referenceRange") {
		all = append(all, Range{
			Low: item.quantity("low"), High: item.quantity("high"), Type: item.concept("type"), Text: item.text("text"),
		})
	}
	return all
}

const (
	labCategories       = "laboratory 49581000146104 275711006 252275004 68793005 395124008 314076009 19851009"
	lifestyleCategories = "118228005 384821006 social-history functional-status"
	lifestyleCodes      = "228366006 228273003 365980008 365508006 365470003 314845004 55801000146105"
	vitalCodes          = "85354-9 55284-4 8480-6 8462-4 29463-7 8302-2 8306-3 8308-9 8310-5 59408-5 2708-6 8867-4 8893-0 " +
		"422834003 9279-1 14743-9 14760-3 14770-2 39156-5 364396009"
	nursingReport = "11591000146107"
)

// sortOf goes by category first, then by code, then by profile
// (data-services.md 1.1, 1.8, 2.4).
func sortOf(o *Observation, n fhir.Node) Sort {
	profile := n.Str("meta", "profile")
	switch {
	case strings.Contains(profile, "JournalEntry"):
		return SortJournal
	case hasAny([]fhir.Coded{o.Code}, nursingReport):
		return SortReport
	case hasAny(o.Categories, "vital-signs"):
		return SortVital
	case hasAny(o.Categories, labCategories), o.Code.Code(fhir.NHG45) != "", !o.Specimen.IsZero(), strings.Contains(profile, "LaboratoryTestResult"):
		return SortLab
	case hasAny([]fhir.Coded{o.Code}, vitalCodes):
		return SortVital
	case hasAny([]fhir.Coded{o.Code}, lifestyleCodes), hasAny(o.Categories, lifestyleCategories):
		return SortLifestyle
	}
	return SortOther
}

func hasAny(concepts []fhir.Coded, codes string) bool {
	for _, c := range concepts {
		for _, coding := range c.Coding {
			if inSet(codes, coding.Code) {
				return true
			}
		}
	}
	return false
}
