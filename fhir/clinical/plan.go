package clinical

import "github.com/bundel-pgo/bundel/fhir"

// Plan is a CarePlan (data-services.md 1.11, 1.12).
type Plan struct {
	Head
	Status      Status           // status
	Intent      string           // intent
	Categories  []fhir.Coded     // category[]
	Title       string           // title
	Description string           // description
	Period      fhir.Period      // period
	Created     fhir.Date        // R4 created
	Authors     []fhir.Reference // author: a list in STU3
	Teams       []fhir.Reference // careTeam[]
	Problems    []fhir.Reference // addresses[]
	Goals       []fhir.Reference // goal[]
	Activities  []Activity       // activity[]
	Context     fhir.Reference   // STU3 context; R4 encounter
	Remarks     []Remark         // note[]
	Subject     fhir.Reference   // subject
}

// Activity is one thing to do under a plan.
type Activity struct {
	Code        fhir.Coded       // detail.code
	Category    fhir.Coded       // STU3 detail.category; R4 detail.kind
	Status      string           // detail.status
	Not         bool             // STU3 detail.prohibited; R4 detail.doNotPerform
	Description string           // detail.description
	Scheduled   Moment           // detail.scheduled[x]
	Times       fhir.Node        // detail.scheduledTiming
	Performers  []fhir.Reference // detail.performer[]
	Goals       []fhir.Reference // detail.goal[]
	Reasons     []fhir.Coded     // detail.reasonCode[]
	ReasonRefs  []fhir.Reference // detail.reasonReference[]
	Outcomes    []fhir.Coded     // outcomeCodeableConcept[]
	OutcomeRefs []fhir.Reference // outcomeReference[]
	Details     fhir.Reference   // reference
	Devices     []fhir.Reference // STU3 ext extension-medicaldevice
	Remarks     []Remark         // progress[]
}

// ReadPlan reads a CarePlan.
func ReadPlan(r fhir.Resource) (*Plan, []Warning) { return as[Plan](Read(r)) }

func readPlan(r reader) Reading {
	p := &Plan{
		Status: r.status("status", requestStates), Intent: r.text("intent"), Categories: r.concepts("category"),
		Title: r.text("title"), Description: r.text("description"), Period: r.period("period"), Created: r.date("created"),
		Authors: r.refs("author"), Teams: r.refs("careTeam"), Problems: r.refs("addresses"), Goals: r.refs("goal"),
		Context: firstRef(r.ref("context"), r.ref("encounter")), Remarks: r.remarks(), Subject: r.ref("subject"),
	}
	for _, item := range r.each("activity") {
		p.Activities = append(p.Activities, item.activity())
	}
	return p
}

func (r reader) activity() Activity {
	d := r.get("detail")
	a := Activity{
		Code: d.concept("code"), Category: firstConcept(d.concept("category"), d.concept("kind")), Status: d.text("status"),
		Not: d.bool("prohibited") || d.bool("doNotPerform"), Description: d.text("description"), Scheduled: d.moment("scheduled"),
		Performers: d.refs("performer"), Goals: d.refs("goal"), Reasons: d.concepts("reasonCode"), ReasonRefs: d.refs("reasonReference"),
		Outcomes: r.concepts("outcomeCodeableConcept"), OutcomeRefs: r.refs("outcomeReference"), Details: r.ref("reference"),
	}
	for _, n := range r.each("progress") {
		a.Remarks = append(a.Remarks, Remark{Text: n.text("text"), Author: n.ref("authorReference"), At: n.date("time")})
	}
	for _, owner := range [...]fhir.Node{r.node, d.node} {
		for _, x := range owner.Exts(nictiz + "extension-medicaldevice") {
			a.Devices = append(a.Devices, x.Value().Reference())
		}
	}
	a.Times = d.node.Get("scheduledTiming")
	return a
}

func firstConcept(all ...fhir.Coded) fhir.Coded {
	for _, c := range all {
		if !c.IsZero() {
			return c
		}
	}
	return fhir.Coded{}
}

// Team is a CareTeam (data-services.md 1.11, 1.12).
type Team struct {
	Head
	Status     Status           // status
	Categories []fhir.Coded     // category[]
	Name       string           // name
	Period     fhir.Period      // period
	Members    []Participant    // participant[]: member, role, onBehalfOf, period
	Reasons    []fhir.Coded     // reasonCode[]
	ReasonRefs []fhir.Reference // reasonReference[]
	Providers  []fhir.Reference // managingOrganization[]
	Context    fhir.Reference   // STU3 context; R4 encounter
	Remarks    []Remark         // note[]
	Subject    fhir.Reference   // subject
}

// ReadTeam reads a CareTeam.
func ReadTeam(r fhir.Resource) (*Team, []Warning) { return as[Team](Read(r)) }

func readTeam(r reader) Reading {
	return &Team{
		Status: r.status("status", "proposed active suspended inactive entered-in-error"), Categories: r.concepts("category"),
		Name: r.text("name"), Period: r.period("period"), Members: r.participants("participant", "member", "role"),
		Reasons: r.concepts("reasonCode"), ReasonRefs: r.refs("reasonReference"), Providers: r.refs("managingOrganization"),
		Context: firstRef(r.ref("context"), r.ref("encounter")), Remarks: r.remarks(), Subject: r.ref("subject"),
	}
}

// Goal is what care should reach (data-services.md 1.12, 1.15).
type Goal struct {
	Head
	Status      Status           // STU3 status; R4 lifecycleStatus
	Achievement fhir.Coded       // R4 achievementStatus
	Categories  []fhir.Coded     // category[]
	Priority    fhir.Coded       // priority
	Description fhir.Coded       // description
	Start       fhir.Date        // startDate
	Targets     []Target         // target: one in STU3, a list in R4
	Author      fhir.Reference   // expressedBy
	Addresses   []fhir.Reference // addresses[]
	PartOf      []fhir.Reference // ext goal-pertainsToGoal of HL7
	Remarks     []Remark         // note[]
	Subject     fhir.Reference   // subject
}

// Target is how to see that a goal is reached.
type Target struct {
	Measure fhir.Coded    // measure
	Detail  Value         // detail[x]
	Due     fhir.Date     // dueDate
	Within  fhir.Quantity // dueDuration
}

// ReadGoal reads a Goal.
func ReadGoal(r fhir.Resource) (*Goal, []Warning) { return as[Goal](Read(r)) }

const goalStates = "proposed accepted planned in-progress on-target ahead-of-target behind-target sustaining achieved on-hold cancelled entered-in-error rejected active completed"

func readGoal(r reader) Reading {
	g := &Goal{
		Status: r.status("status", goalStates), Achievement: r.concept("achievementStatus"), Categories: r.concepts("category"),
		Priority: r.concept("priority"), Description: r.concept("description"), Author: r.ref("expressedBy"),
		Addresses: r.refs("addresses"), Remarks: r.remarks(), Subject: r.ref("subject"), Start: r.date("startDate"),
	}
	if life := r.status("lifecycleStatus", goalStates); life.Code != "" {
		g.Status = life
	}
	for _, item := range r.each("target") {
		g.Targets = append(g.Targets, Target{
			Measure: item.concept("measure"), Detail: item.valueOf("detail"), Due: item.date("dueDate"), Within: item.quantity("dueDuration"),
		})
	}
	for _, x := range r.exts(hl7 + "goal-pertainsToGoal") {
		g.PartOf = append(g.PartOf, x.Value().Reference())
	}
	return g
}

// Nutrition is an advice about eating and drinking (data-services.md 1.1 no. 11).
type Nutrition struct {
	Head
	Status   Status         // status
	Date     fhir.Date      // dateTime
	Orderer  fhir.Reference // orderer
	Diets    []fhir.Coded   // oralDiet.type[]
	Textures []fhir.Coded   // oralDiet.texture[].modifier
	Fluids   []fhir.Coded   // oralDiet.fluidConsistencyType[]
	Text     string         // oralDiet.instruction
	Feeding  fhir.Coded     // enteralFormula.baseFormulaType
	Remarks  []Remark       // R4 note[]; STU3 ext Comment
	Patient  fhir.Reference // patient
}

// ReadNutrition reads a NutritionOrder.
func ReadNutrition(r fhir.Resource) (*Nutrition, []Warning) { return as[Nutrition](Read(r)) }

func readNutrition(r reader) Reading {
	diet := r.get("oralDiet")
	n := &Nutrition{
		Status: r.status("status", "proposed draft planned requested active on-hold revoked completed cancelled entered-in-error unknown"),
		Date:   r.date("dateTime"), Orderer: r.ref("orderer"), Diets: diet.concepts("type"), Fluids: diet.concepts("fluidConsistencyType"),
		Text: diet.text("instruction"), Feeding: r.concept("enteralFormula", "baseFormulaType"), Remarks: r.remarks(), Patient: r.ref("patient"),
	}
	r.note("intent")
	for _, item := range diet.each("texture") {
		n.Textures = append(n.Textures, item.concept("modifier"))
	}
	return n
}
