package clinical

import (
	"strconv"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// log collects what one reading has to say.
type log struct {
	version    fhir.Version
	warnings   []Warning
	extensions int
	absent     []string
	seen       map[string]bool // places that were asked for
	asked      map[string]bool // extensions that were asked for
	missed     []string        // places that nobody asked for
}

func (l *log) warn(path string, k Kind) {
	l.warnings = append(l.warnings, Warning{Path: path, Kind: k})
}

// walk checks a whole object against the tables of its release: elements that
// the release does not have, modifiers, numbers and booleans that are none,
// and references that name nothing. What depends on the subject is checked by
// the reader of the subject.
func (l *log) walk(n fhir.Node, typ, path string) {
	if typ == "Reference" {
		l.walkReference(n, path)
	}
	for name, value := range n.Members() {
		if name == "resourceType" {
			continue
		}
		base, underscore := strings.CutPrefix(name, "_")
		m, ok := l.version.Member(typ, base)
		if !ok || (underscore && !m.IsPrimitive()) {
			l.warn(path+".?", KindElement)
			continue
		}
		if underscore {
			m.Kind = "Element"
		}
		l.walkMember(name, value, m.Kind, path+"."+base)
	}
}

func (l *log) walkMember(name string, value fhir.Node, kind, path string) {
	if items := value.Items(); items != nil { // a list where one is expected is read too
		for i, item := range items {
			l.walkMember(name, item, kind, path+"["+strconv.Itoa(i)+"]")
		}
		return
	}
	switch {
	case !value.Exists():
	case kind == "n":
		if _, ok := fhir.ParseDecimal(value.Text()); !ok {
			l.warn(path, KindNumber)
		}
	case kind == "b":
		if text := value.Text(); text != "true" && text != "false" {
			l.warn(path, KindBoolean)
		}
	case kind == "s":
	case kind == "Extension":
		l.walkExtension(name, value, path)
	case value.Get("resourceType").Exists():
		l.walk(value, value.Str("resourceType"), path)
	default:
		l.walk(value, kind, path)
	}
}

func (l *log) walkExtension(list string, value fhir.Node, path string) {
	url := value.Str("url")
	switch {
	case list == "modifierExtension" && !knownModifiers[url]:
		l.warn(path, KindModifier)
	case strings.Contains(url, "://") && !isKnownExtension(url):
		l.extensions++
	case url == dataAbsentReason || url == nullFlavor:
		l.absent = append(l.absent, strings.TrimSuffix(path, ".extension[0]"))
	}
	l.walk(value, "Extension", path)
}

const (
	dataAbsentReason = hl7 + "data-absent-reason"
	nullFlavor       = hl7 + "iso21090-nullFlavor"
)

// walkReference: an extension may say where it points, or why it does not.
func (l *log) walkReference(n fhir.Node, path string) {
	if n.Reference().IsZero() && !n.Get("extension").Exists() && !n.Get("identifier").Exists() {
		l.warn(path, KindReference)
	}
}

// knownModifiers are the modifierExtensions that readers understand
// (data-services.md 2.2, 3.1).
var knownModifiers = map[string]bool{
	nictiz + "zib-Medication-StopType":                             true,
	nictiz + "ext-StopType":                                        true,
	nictiz + "zib-Medication-RepeatPeriodCyclicalSchedule":         true,
	nictiz + "ext-InstructionsForUse.RepeatPeriodCyclicalSchedule": true,
	nictiz + "zib-TreatmentDirective-TreatmentPermitted":           true,
	nictiz + "ext-TreatmentDirective2.SpecificationOther":          true,
}

// publishers are those whose extensions are read, or known to add to what is
// read without changing it. Any other is counted.
var publishers = [...]string{
	nictiz, nlCore, hl7, "http://medmij.nl/fhir/StructureDefinition/",
	"http://hapifhir.io/fhir/StructureDefinition/resource-meta-source",
}

func isKnownExtension(url string) bool {
	for _, p := range publishers {
		if strings.HasPrefix(url, p) {
			return true
		}
	}
	return false
}
