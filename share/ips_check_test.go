package share

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/r4"
)

// checkIPS gives what is wrong with a summary: the structure of FHIR R4 by
// package r4, and the rules of HL7 IPS 2.0.0 that we know, checked here. It says
// nothing about value sets that a terminology server has.
func checkIPS(raw []byte) []string {
	c := ipsChecker{types: map[string]string{}}
	for _, f := range r4.Check(raw) {
		c.find("%s", f)
	}
	if fhir.HasBSN(raw) {
		c.find("it holds a citizen service number")
	}
	bundle := fhir.Parse(raw, fhir.R4).Node()
	c.bundle(bundle)
	c.references(bundle, "Bundle")
	for _, e := range bundle.All("entry") {
		c.resource(e.Get("resource"))
	}
	return c.found
}

type ipsChecker struct {
	found []string
	types map[string]string // type of the resource by urn
}

func (c *ipsChecker) find(format string, args ...any) {
	c.found = append(c.found, fmt.Sprintf(format, args...))
}

var (
	urnPattern     = regexp.MustCompile(`^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	instantPattern = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$`)
	systemPattern  = regexp.MustCompile(`^(https?://|urn:oid:|urn:uuid:|urn:)\S+$`)
)

func (c *ipsChecker) bundle(n fhir.Node) {
	if n.Str("resourceType") != "Bundle" || n.Str("type") != "document" || n.Str("identifier", "system") != uriSystem || !urnPattern.MatchString(n.Str("identifier", "value")) {
		c.find("it is no document with an identifier")
	}
	if !instantPattern.MatchString(n.Str("timestamp")) || n.Get("total").Exists() || n.Get("link").Exists() {
		c.find("timestamp %q, or a member that a document has not", n.Str("timestamp"))
	}
	count := map[string]int{}
	for i, e := range n.All("entry") {
		url, typ := e.Str("fullUrl"), e.Str("resource", "resourceType")
		if !urnPattern.MatchString(url) || "urn:uuid:"+e.Str("resource", "id") != url {
			c.find("fullUrl %q", url)
		}
		if c.types[url] != "" {
			c.find("fullUrl %s is there twice", url)
		}
		c.types[url] = typ
		count[typ]++
		if (typ == "Composition") != (i == 0) {
			c.find("entry %d is %s", i, typ)
		}
		if e.Get("request").Exists() || e.Get("response").Exists() || e.Get("search").Exists() {
			c.find("entry %d is not of a document", i)
		}
	}
	if count["Patient"] != 1 || count["Composition"] != 1 {
		c.find("%d Patients and %d Compositions", count["Patient"], count["Composition"])
	}
}

// references looks at every reference and coding, wherever it is.
func (c *ipsChecker) references(n fhir.Node, path string) {
	for _, item := range n.Items() {
		c.references(item, path)
	}
	for name, v := range n.Members() {
		at := path + "." + name
		switch {
		case name == "reference" && !v.IsObject() && c.types[v.Text()] == "":
			c.find("%s points at nothing here", at)
		case name == "system" && v.Text() != "" && !systemPattern.MatchString(v.Text()):
			c.find("%s is %q", at, v.Text())
		case name == "coding":
			for _, coding := range v.Items() {
				if coding.Str("code") == "" {
					c.find("%s has no code", at)
				}
			}
		}
		c.references(v, at)
	}
}

// must tells which members an IPS requires beside those R4 requires; a name
// ending in [x] stands for any form of it, said to be absent as well.
var must = map[string][]string{
	"Patient":             {"name", "birthDate[x]"},
	"MedicationStatement": {"status", "medication[x]", "subject", "effective[x]"},
	"AllergyIntolerance":  {"clinicalStatus", "code", "patient"},
	"Condition":           {"clinicalStatus", "code", "subject"},
	"Immunization":        {"status", "vaccineCode", "patient", "occurrence[x]"},
	"Procedure":           {"status", "code", "subject", "performed[x]"},
	"DeviceUseStatement":  {"status", "subject", "device", "timing[x]"},
	"Device":              {"type"},
	"Observation":         {"status", "category", "code", "subject", "effective[x]", "performer"},
	"DiagnosticReport":    {"status", "code", "subject", "effective[x]", "performer"},
	"Flag":                {"status", "code", "subject"},
	"CarePlan":            {"status", "intent", "subject"},
	"ClinicalImpression":  {"status", "subject"},
	"Consent":             {"status", "scope", "category", "patient", "policyRule"},
	"Organization":        {"name"},
	"Provenance":          {"target", "recorded", "agent"},
	"Composition":         {"status", "type", "subject", "date", "author", "title", "section"},
}

func (c *ipsChecker) resource(n fhir.Node) {
	typ := n.Str("resourceType")
	members, ok := must[typ]
	if !ok {
		c.find("%s has no place in a summary", typ)
	}
	for _, m := range members {
		if !hasMember(n, m) {
			c.find("%s lacks %s", typ, m)
		}
	}
	for _, name := range [...]string{"subject", "patient"} {
		if url := n.Str(name, "reference"); url != "" && c.types[url] != "Patient" {
			c.find("%s.%s is a %s", typ, name, c.types[url])
		}
	}
	switch typ {
	case "Composition":
		c.composition(n)
	case "Observation":
		c.observation(n)
	case "Patient":
		if n.Get("identifier").Exists() || n.Get("address").Exists() || n.Get("telecom").Exists() {
			c.find("the Patient is not minimal")
		}
	}
}

func hasMember(n fhir.Node, member string) bool {
	prefix, choice := strings.CutSuffix(member, "[x]")
	if !choice {
		return n.Get(member).Exists()
	}
	for name := range n.Members() {
		if strings.HasPrefix(strings.TrimPrefix(name, "_"), prefix) {
			return true
		}
	}
	return false
}

// observation: obs-6, and a result says something.
func (c *ipsChecker) observation(n fhir.Node) {
	typ, _ := n.Choice("value")
	absent, parts := n.Get("dataAbsentReason").Exists(), n.Get("component").Exists()
	if typ != "" && absent || typ == "" && !absent && !parts {
		c.find("Observation with value %q, absent %v, components %v", typ, absent, parts)
	}
}

var entryTypes = map[string][]string{
	secMedication: {"MedicationStatement"}, secAllergies: {"AllergyIntolerance"}, secProblems: {"Condition"}, secPast: {"Condition"},
	secProcedures: {"Procedure"}, secImmunized: {"Immunization"}, secDevices: {"DeviceUseStatement"}, secResults: {"Observation", "DiagnosticReport"},
	secVitals: {"Observation"}, secSocial: {"Observation"}, secDirectives: {"Consent"}, secAlerts: {"Flag"}, secPlan: {"CarePlan"},
	secFunctional: {"ClinicalImpression"},
}

func (c *ipsChecker) composition(n fhir.Node) {
	if !n.Get("type").Coded().Has(fhir.LOINC, "60591-5") {
		c.find("the document is of another kind")
	}
	for _, a := range n.All("author") {
		if typ := c.types[a.Str("reference")]; typ != "Patient" && typ != "Device" {
			c.find("author is a %q", typ)
		}
	}
	var codes []string
	for _, s := range n.All("section") {
		code := s.Get("code").Coded().Code(fhir.LOINC)
		if slices.Contains(codes, code) {
			c.find("section %s is there twice", code)
		}
		codes = append(codes, code)
		c.section(s, code)
	}
	for _, code := range [...]string{secMedication, secAllergies, secProblems} {
		if !slices.Contains(codes, code) {
			c.find("section %s is required", code)
		}
	}
}

func (c *ipsChecker) section(s fhir.Node, code string) {
	if s.Str("title") == "" || entryTypes[code] == nil || s.Str("text", "status") != "generated" {
		c.find("section %q has no title, code or text", code)
	}
	if s.Get("entry").Exists() == s.Get("emptyReason").Exists() {
		c.find("section %s has entries and a reason for their absence, or neither", code)
	}
	if reason := s.Get("emptyReason").Coded(); !reason.IsZero() && !reason.Has(emptyReasons, "unavailable") && !reason.Has(emptyReasons, "nilknown") {
		c.find("section %s is empty because %q", code, reason.Code(""))
	}
	for _, e := range s.All("entry") {
		if typ := c.types[e.Str("reference")]; !slices.Contains(entryTypes[code], typ) {
			c.find("section %s has a %s", code, typ)
		}
	}
	if err := checkXHTML(s.Str("text", "div")); err != nil {
		c.find("section %s: %v", code, err)
	}
}

// checkXHTML: well-formed, in the namespace, with nothing but a table or words.
func checkXHTML(div string) error {
	dec := xml.NewDecoder(strings.NewReader(div))
	words := false
	for first := true; ; first = false {
		t, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if t.Name.Space != "http://www.w3.org/1999/xhtml" || first != (t.Name.Local == "div") ||
				!slices.Contains([]string{"div", "p", "table", "thead", "tbody", "tr", "th", "td"}, t.Name.Local) {
				return fmt.Errorf("element %s", t.Name.Local)
			}
		case xml.CharData:
			words = words || strings.TrimSpace(string(t)) != ""
		case xml.EndElement:
		default:
			return fmt.Errorf("a %T in the narrative", t)
		}
	}
	if !words {
		return errors.New("no words in the narrative")
	}
	return nil
}
