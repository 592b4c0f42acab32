package aggregator

import (
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// saying is what a record of a plain subject says, in words.
type saying struct {
	title     string
	when      fhir.Date
	author    []fhir.Reference // when nothing else names one
	detail    string
	section   Section
	not       string   // the record says that something is not so: a key of texts.negation
	about     []string // what lines of other providers may be about too
	advice    string   // of the group that makes
	uncertain bool     // a modifier that nobody knows
	note      *Note    // the detail in its sections

	who    string // author in words
	folded string // the title, for comparing
}

// saying reads the record as what it is. A record of no subject says what can
// be found without knowing its type.
func (m *merger) saying(e *entry) *saying {
	value, _ := e.read()
	s := &saying{}
	if value == nil {
		s.uncertain = oddModifier(e.node())
		s.detail = m.plainDetail(e)
	} else {
		*s = m.sayingOf(e, value)
		s.uncertain = !value.Common().Certain
	}
	if s.title == "" {
		s.title = plainTitle(e.node())
	}
	s.folded = fold(s.title)
	if s.title == "" {
		s.title = m.referredTitle(e)
	}
	if s.when.IsZero() {
		s.when = plainWhen(e.node())
	}
	if s.who = m.firstWho(e, "author", "performer", "recorder", "asserter", "requester", "participant", "careManager"); s.who == "" {
		s.who = m.whoOf(e, s.author)
	}
	if s.section == "" {
		s.section = Found
	}
	if e.mistake {
		s.section = History
	}
	return s
}

// sayingOf is the one place that names every reading of a plain subject; each
// is told in the file of its subject.
func (m *merger) sayingOf(e *entry, value clinical.Reading) saying {
	switch v := value.(type) {
	case *clinical.Problem:
		return m.sayProblem(v)
	case *clinical.Episode:
		return m.sayEpisode(e, v)
	case *clinical.Vaccination:
		return m.sayVaccination(v)
	case *clinical.VaccinationAdvice:
		return m.sayAdvice(v)
	case *clinical.Appointment:
		return m.sayAppointment(e, v)
	case *clinical.Note:
		return m.sayNote(e, v)
	case *clinical.Encounter:
		return m.sayEncounter(e, v)
	case *clinical.Procedure:
		return m.sayProcedure(e, v)
	case *clinical.Request:
		return m.sayRequest(v)
	case *clinical.Report:
		return m.sayReport(v)
	case *clinical.Media:
		return saying{title: firstNonEmpty(v.File.Title, v.Subtype.Display()), when: v.Created.Start, detail: joinText(" · ", codedWords(v.Reasons), sites(v.Sites), remarks(v.Remarks))}
	case *clinical.Observation:
		return saying{title: m.aboutOther(e, v), detail: m.plainDetail(e)}
	}
	return m.sayingOfCare(e, value)
}

func (m *merger) sayingOfCare(e *entry, value clinical.Reading) saying {
	switch v := value.(type) {
	case *clinical.Plan:
		return m.sayPlan(e, v)
	case *clinical.Goal:
		return m.sayGoal(v)
	case *clinical.Team:
		return m.sayTeam(e, v)
	case *clinical.Nutrition:
		return m.sayNutrition(v)
	case *clinical.DeviceUse:
		return m.sayDeviceUse(e, v)
	case *clinical.DeviceRequest:
		return m.sayDeviceRequest(v)
	case *clinical.Device:
		return m.sayDevice(v)
	case *clinical.Alert:
		return m.sayAlert(e, v)
	case *clinical.Directive:
		return m.sayDirective(v)
	case *clinical.Questionnaire:
		return m.sayQuestionnaire(v)
	case *clinical.Answers:
		return m.sayAnswers(e, v)
	case *clinical.Task:
		return m.sayTask(e, v)
	case *clinical.Coverage:
		return m.sayCoverage(e, v)
	case *clinical.Relative:
		return m.sayRelative(v)
	case *clinical.Contact:
		return m.sayContact(v)
	}
	return saying{detail: m.plainDetail(e)}
}

// aboutOther names a finding about somebody else, such as a child that is not
// yet born, by that person (data-services.md 1.13).
func (m *merger) aboutOther(e *entry, o *clinical.Observation) string {
	if o.AboutPatient() {
		return ""
	}
	who := firstNonEmpty(m.whoOf(e, o.Focus), m.texts.somebodyElse)
	return joinText(": ", who, o.Code.Display())
}

func negated(not bool, subject string) string {
	if not {
		return subject
	}
	return ""
}

// whoOf names the first of the references that leads somewhere.
func (m *merger) whoOf(e *entry, all []fhir.Reference) string {
	for _, r := range all {
		if who := m.book.who(e, r); who != "" {
			return who
		}
	}
	return ""
}

// aboutCodes are the keys of what a concept is about: its codes, or without
// one its name.
func aboutCodes(c fhir.Coded, suffix string) []string {
	var keys []string
	for _, coding := range c.Coding {
		if coding.Code != "" && coding.System != "" && coding.System != fhir.NullFlavor {
			keys = append(keys, coding.System+"|"+coding.Code+suffix)
		}
	}
	if name := fold(c.Display()); len(keys) == 0 && name != "" {
		keys = append(keys, "name|"+name+suffix)
	}
	return keys
}

func codedWords(all []fhir.Coded) string {
	words := make([]string, len(all))
	for i, c := range all {
		words[i] = c.Display()
	}
	return joinText(", ", words...)
}

func remarks(all []clinical.Remark) string {
	words := make([]string, len(all))
	for i, r := range all {
		words[i] = r.Text
	}
	return joinText(" · ", words...)
}

// sites names places on the body with their side.
func sites(all []clinical.Site) string {
	words := make([]string, len(all))
	for i, s := range all {
		words[i] = joinText(" ", s.Code.Display(), s.Laterality.Display())
	}
	return joinText(", ", words...)
}

// labelled gives "label: text", or nothing without a text.
func (m *merger) labelled(label, text string) string {
	if text == "" {
		return ""
	}
	return m.texts.label[label] + ": " + text
}

// until says when something ended, or is to end.
func (m *merger) until(d fhir.Date) string {
	if d.IsZero() {
		return ""
	}
	return m.texts.label["until"] + " " + d.Words(m.Lang)
}

// named names what a reference points at: a problem, a goal, a device.
func (m *merger) named(e *entry, refs ...fhir.Reference) string {
	var words []string
	for _, r := range refs {
		target := m.book.node(e, r)
		word := firstNonEmpty(plainTitle(target), r.Display)
		if word != "" && !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return strings.Join(words, ", ")
}

// people names people or organisations.
func (m *merger) people(e *entry, refs ...fhir.Reference) string {
	var words []string
	for _, r := range refs {
		if word := m.book.who(e, r); word != "" && !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return strings.Join(words, ", ")
}

func participants(all []clinical.Participant) []fhir.Reference {
	refs := make([]fhir.Reference, len(all))
	for i, p := range all {
		refs[i] = p.Who
	}
	return refs
}
