package share

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// Choice is one decision of the person: this recipient may, or may not, see
// this item or this subject.
type Choice struct {
	Recipient string // ID of the recipient, "medmij:umcg@medmij"
	Name      string // readable name of the recipient
	Role      Role   // what the recipient is to the person
	Subject   string // of aggregator.Item; empty when it is about one item
	Pins      []Pin  // the records that the item, or the subject, had when it was chosen
	Permit    bool
	Since     time.Time
	Until     time.Time // the choice counts before this moment; zero: no end
	Revoked   bool

	// Later makes a permit for a subject reach what comes later as well ("ook
	// nieuwe"); without it the permit is for what Pins names. A refusal of a
	// subject always reaches all of it.
	Later bool

	// IncludeUnseen is the explicit word that results among Pins may leave that
	// the person chose not to see yet. They stay closed for the person.
	IncludeUnseen bool

	known *pinSet // Pins, where many items are asked about; nil: look through Pins
}

// pinSet is a list of pins for asking about many records. It counts only as long
// as the choice has that same list: a choice is copied and given others.
type pinSet struct {
	of  []Pin
	has map[Pin]bool
}

func newPinSet(pins []Pin) *pinSet {
	s := &pinSet{pins, make(map[Pin]bool, len(pins))}
	for _, p := range pins {
		s.has[p] = true
	}
	return s
}

func (s *pinSet) is(pins []Pin) bool {
	return s != nil && len(s.of) == len(pins) && (len(pins) == 0 || &s.of[0] == &pins[0])
}

// To is whom the choice is about.
func (c Choice) To() Recipient { return Recipient{c.Recipient, c.Name, c.Role} }

// Pin names one stored record. A record that joins a shared item later is not
// pinned, so not shared until the person says so again.
type Pin struct {
	Source  string `json:"source"`
	Service string `json:"service,omitempty"`
	Type    string `json:"type"`
	ID      string `json:"id"`
}

// PinsOf gives the pins of an item: its records, not the people and places
// they name.
func PinsOf(item aggregator.Item) []Pin {
	var pins []Pin
	anyPin(item, func(p Pin) bool {
		pins = append(pins, p)
		return false
	})
	return pins
}

// anyPin tells whether any pin of the item is such a one. It looks no further
// than the first.
func anyPin(item aggregator.Item, such func(Pin) bool) bool {
	for i := range item.Parts {
		p := &item.Parts[i]
		if p.Role == aggregator.RolePerson || p.Role == aggregator.RoleAuthor || p.Role == aggregator.RolePlace || p.Hidden == "version" {
			continue
		}
		if such(Pin{p.Source, p.Service, p.Type, p.ID}) {
			return true
		}
	}
	return false
}

const (
	sourceExt     = aggregator.Namespace + "source"
	serviceExt    = aggregator.Namespace + "service"
	subjectSystem = aggregator.Namespace + "subject"
	sourceSystem  = aggregator.Namespace + "recipient"
	roleExt       = aggregator.Namespace + "role"
	laterExt      = aggregator.Namespace + "later"
	unseenExt     = aggregator.Namespace + "unseen"
)

// ID is that of the Consent of the choice: the same target and recipient have the
// same one, so that revoking is a new version of it.
func (c Choice) ID() string {
	parts := []string{c.Recipient, c.Subject}
	for _, p := range c.Pins {
		if c.Subject != "" {
			break // one choice per subject, whatever was in it
		}
		parts = append(parts, p.Source+"|"+p.Service+"|"+p.Type+"|"+p.ID)
	}
	slices.Sort(parts[2:])
	sum := sha256.Sum256([]byte(strings.Join(parts, "\n")))
	return "share-" + hex.EncodeToString(sum[:10])
}

// Resource writes the choice as a FHIR R4 Consent (merge.md 6.3).
func (c Choice) Resource() (fhir.Resource, error) {
	status, effect := "active", "deny"
	if c.Revoked {
		status = "inactive"
	}
	if c.Permit {
		effect = "permit"
	}
	rule := map[string]any{
		"type":    effect,
		"actor":   []any{c.actor()},
		"action":  []any{concept("http://terminology.hl7.org/CodeSystem/consentaction", "disclose")},
		"purpose": []any{coding("http://terminology.hl7.org/CodeSystem/v3-ActReason", c.purpose())},
	}
	if c.Subject != "" {
		rule["class"] = []any{coding(subjectSystem, c.Subject)}
	}
	if len(c.Pins) > 0 {
		rule["data"] = c.data()
	}
	if ext := c.reach(); len(ext) > 0 {
		rule["extension"] = ext
	}
	since := c.Since.In(fhir.Amsterdam()).Format(time.RFC3339)
	period := map[string]any{"start": since}
	if !c.Until.IsZero() {
		period["end"] = c.Until.In(fhir.Amsterdam()).Format(time.RFC3339)
	}
	raw, err := json.Marshal(map[string]any{
		"resourceType": "Consent", "id": c.ID(), "status": status,
		"scope":    concept("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy"),
		"category": []any{concept(fhir.LOINC, "59284-0")},
		"patient":  map[string]any{"reference": "Patient/self"}, "performer": []any{map[string]any{"reference": "Patient/self"}},
		"dateTime":   since,
		"policyRule": concept("http://terminology.hl7.org/CodeSystem/v3-ActCode", "OPTOUT"),
		"provision":  map[string]any{"period": period, "provision": []any{rule}},
	})
	if err != nil {
		return fhir.Resource{}, fmt.Errorf("write sharing choice: %w", err)
	}
	return fhir.Parse(raw, fhir.R4), nil
}

// purpose: a provider treats the person; anybody else sees it because the
// person asks for that.
func (c Choice) purpose() string {
	if KindOf(c.Recipient) == ToProvider {
		return "TREAT"
	}
	return "PATRQT"
}

// reach says how far the choice goes. A Consent about a subject always says
// whether it reaches what comes later: the first ones did not, and meant yes.
func (c Choice) reach() []any {
	var ext []any
	if c.Subject != "" {
		ext = append(ext, map[string]any{"url": laterExt, "valueBoolean": c.Later})
	}
	if c.IncludeUnseen {
		ext = append(ext, map[string]any{"url": unseenExt, "valueBoolean": true})
	}
	return ext
}

func (c Choice) actor() map[string]any {
	ref := map[string]any{"identifier": map[string]any{"system": sourceSystem, "value": c.Recipient}, "display": c.Name}
	if c.Role != "" {
		ref["extension"] = []any{map[string]any{"url": roleExt, "valueString": string(c.Role)}}
	}
	return map[string]any{
		"role":      concept("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP"),
		"reference": ref,
	}
}

func (c Choice) data() []any {
	var data []any
	for _, p := range c.Pins {
		ext := []any{map[string]any{"url": sourceExt, "valueString": p.Source}}
		if p.Service != "" {
			ext = append(ext, map[string]any{"url": serviceExt, "valueString": p.Service})
		}
		data = append(data, map[string]any{
			"meaning": "instance", "reference": map[string]any{"reference": p.Type + "/" + p.ID, "extension": ext},
		})
	}
	return data
}

func coding(system, code string) map[string]any {
	return map[string]any{"system": system, "code": code}
}

func concept(system, code string) map[string]any {
	return map[string]any{"coding": []any{coding(system, code)}}
}
