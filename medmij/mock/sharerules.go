package mock

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij"
)

// shareRules is what a data service takes: the types to create and to update,
// those there must be one of, and whether the patient is one (conformance.md 1.5,
// data-services.md 1.8, 1.9, 1.14 and 1.17).
type shareRules struct {
	bundle    string
	create    []string
	update    []string
	need      []string
	noPatient bool // may go without
	wantsBack bool // asks for Prefer: return=representation
}

// people are the types that come along with what is sent.
var people = []string{"Patient", "Organization", "Practitioner", "PractitionerRole"}

func rulesOf(s medmij.Service) shareRules {
	switch s.ID {
	case "53":
		return shareRules{bundle: batch, create: []string{"Patient", "Observation"}, need: []string{"Observation"}}
	case "55":
		return shareRules{bundle: transaction, create: append([]string{"List", "Media", "Binary"}, people...), need: []string{"List", "Media", "Binary"}}
	case "57":
		return shareRules{
			bundle: transaction, create: append([]string{"DocumentManifest", "DocumentReference", "Binary"}, people...),
			need: []string{"DocumentReference", "Binary"},
		}
	case "60":
		return shareRules{
			bundle: transaction, create: append([]string{"QuestionnaireResponse"}, people...), update: []string{"Task"},
			need: []string{"Task"}, noPatient: true,
		}
	}
	return shareRules{ // a correction request
		bundle: transaction, create: append([]string{"Communication"}, people...), need: []string{"Communication", "Organization"}, wantsBack: true,
	}
}

// counts checks what must be there once or more.
func (s shareRules) counts(entries []*sent) error {
	of := map[string]int{}
	for _, e := range entries {
		of[e.typ]++
	}
	if of["Patient"] > 1 || (of["Patient"] == 0 && !s.noPatient) {
		return fmt.Errorf("%w: it must hold one Patient", errDelivery)
	}
	for _, typ := range s.need {
		if of[typ] == 0 {
			return fmt.Errorf("%w: it holds no %s", errDelivery, typ)
		}
	}
	return nil
}

// judge finds what is wrong with each entry.
func (d *delivery) judge() {
	inBundle := map[string]*sent{}
	for _, s := range d.entries {
		if s.fullURL != "" && inBundle[s.fullURL] != nil && d.rules.bundle == transaction {
			s.faults = append(s.faults, "fullUrl is there twice")
		}
		inBundle[s.fullURL] = s
	}
	for _, s := range d.entries {
		s.faults = append(s.faults, d.requestFaults(s)...)
		s.faults = append(s.faults, s.contentFaults()...)
		s.faults = append(s.faults, slices.Compact(shapeFaults("", s.node))...)
		s.faults = append(s.faults, linkFaults(s, inBundle)...)
		if s.method == http.MethodPut && s.typ == "Task" {
			s.faults = append(s.faults, d.taskFaults(s)...)
		}
	}
}

// list gathers texts of what does not hold.
type list []string

func (l *list) check(good bool, text string) {
	if !good {
		*l = append(*l, text)
	}
}

// requestFaults looks at what is to be done with an entry.
func (d *delivery) requestFaults(s *sent) []string {
	var found list
	if s.method == http.MethodPut && len(d.rules.update) > 0 {
		found.check(slices.Contains(d.rules.update, s.typ), "only "+strings.Join(d.rules.update, ", ")+" can be updated")
		found.check(s.id != "" && s.fullURL != "", "an update has an id and a fullUrl")
		found.check(s.url == s.typ+"/"+s.id, "request must be PUT to the resource")
		found.check(isURN(s.fullURL) || strings.HasSuffix(s.fullURL, "/"+s.id), "fullUrl must end with the id")
	} else {
		found.check(slices.Contains(d.rules.create, s.typ), "only "+strings.Join(d.rules.create, " and ")+" are taken")
		found.check(s.method == http.MethodPost && s.url == s.typ, "request must be POST to the resource type")
		found.check(s.id == "", "a new resource has no id")
		found.check(s.fullURL == "" || isURN(s.fullURL), "fullUrl must be a urn:uuid")
	}
	found.check(s.typ == "Binary" || s.node.Get("meta", "profile").Exists(), "meta.profile is missing")
	found.check(!fhir.HasBSN(s.raw), "a BSN may not be sent")
	found.check(!strings.Contains(s.url, "patient=") && !strings.Contains(s.url, "subject="), "a person may not be in the URL")
	return found
}

func isURN(url string) bool {
	return strings.HasPrefix(url, "urn:uuid:") || strings.HasPrefix(url, "urn:oid:")
}

// contentFaults looks at what each type cannot do without.
func (s *sent) contentFaults() []string {
	var found list
	has := func(names ...string) {
		for _, name := range names {
			found.check(s.node.Get(name).Exists(), name+" is missing")
		}
	}
	switch s.typ {
	case "Observation":
		found.check(s.node.Str("status") == "final", "status must be final")
		found.check(!s.node.Get("code").Coded().IsZero(), "code is missing")
		found.check(s.node.Str("effectiveDateTime") != "", "effectiveDateTime is missing")
		found.check(s.node.Get("subject").Exists() && s.node.Get("performer").Exists(), "subject and performer are missing")
		_, value := s.node.Choice("value")
		found.check(value.Exists() || s.node.Get("component").Exists(), "a value or components are missing")
	case "DocumentReference":
		has("status", "type", "subject", "content")
		found.check(s.node.Str("content", "attachment", "contentType") != "", "the attachment has no contentType")
	case "DocumentManifest":
		has("status", "subject", "content")
	case "Binary":
		has("contentType")
		found.check(s.node.Str("content") != "" || s.node.Str("data") != "", "the file is missing")
	case "Media":
		has("type", "subject", "content")
	case "List":
		has("status", "mode", "entry")
	case "QuestionnaireResponse":
		has("status", "questionnaire", "subject", "authored")
	case "Communication":
		has("status", "category", "payload", "sender", "recipient")
	}
	return found
}

// linkFaults finds references, also those of files, to an entry that is not in
// the Bundle.
func linkFaults(s *sent, inBundle map[string]*sent) []string {
	var found []string
	var walk func(name string, n fhir.Node)
	walk = func(name string, n fhir.Node) {
		if (name == "reference" || name == "url") && isURN(n.Text()) && inBundle[n.Text()] == nil {
			found = append(found, "a "+name+" leads to nothing in the Bundle")
		}
		for _, item := range n.Items() {
			walk(name, item)
		}
		for member, item := range n.Members() {
			if name != "extension" || member != "url" {
				walk(member, item)
			}
		}
	}
	walk("", s.node)
	return found
}

var zibValueSet = regexp.MustCompile(`^urn:oid:2\.16\.840\.1\.113883\.2\.4\.3\.11\.60\.40\.2`)

// shapeFaults looks at every Coding, CodeableConcept, Reference, Identifier and
// quantity below a place. Which is which follows from the name and the members.
func shapeFaults(name string, n fhir.Node) []string {
	var found list
	for _, item := range n.Items() {
		found = append(found, shapeFaults(name, item)...)
	}
	if n.IsObject() {
		found.check(name != "coding" || (n.Str("system") != "" && n.Str("code") != ""), "a coding has no system or no code")
		found.check(name != "coding" || !zibValueSet.MatchString(n.Str("system")), "a coding has a value set for its system")
		found.check(!n.Get("coding").Exists() || isNamed(n), "a concept has no display and no text")
		found.check(!n.Get("reference").Exists() || n.Str("display") != "" || n.Sibling("display").Exists(), "a reference has no display")
		found.check(name != "identifier" || isIdentified(n), "an identifier has no system or no value")
		found.check(name != "valueQuantity" || (n.Str("system") == fhir.UCUM && n.Str("code") != ""), "a value has no UCUM unit")
	}
	for member, item := range n.Members() {
		found = append(found, shapeFaults(member, item)...)
	}
	return found
}

// isNamed tells whether a CodeableConcept says something to a person.
func isNamed(n fhir.Node) bool {
	if n.Str("text") != "" || n.Get("extension").Exists() {
		return true
	}
	return slices.ContainsFunc(n.All("coding"), func(c fhir.Node) bool { return c.Str("display") != "" })
}

func isIdentified(n fhir.Node) bool {
	return (n.Str("system") != "" || n.Get("type").Exists()) && (n.Str("value") != "" || n.Sibling("value").Exists())
}
