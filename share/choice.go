package share

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// Choice is one decision of the person: this recipient may, or may not, see
// this item or this subject.
type Choice struct {
	Recipient string // source of the provider, "medmij:umcg@medmij"
	Name      string // readable name of the recipient
	Subject   string // of aggregator.Item; empty when Pins is set
	Pins      []Pin  // the records the item had when it was chosen
	Permit    bool
	Since     time.Time
	Until     time.Time // the choice counts before this moment; zero: no end
	Revoked   bool
}

// Pin names one stored record. A record that joins a shared item later is not
// pinned, so not shared until the person says so again.
type Pin struct{ Source, Service, Type, ID string }

// PinsOf gives the pins of an item: its records, not the people and places
// they name.
func PinsOf(item aggregator.Item) []Pin {
	var pins []Pin
	for _, p := range item.Parts {
		if p.Role != aggregator.RolePerson && p.Role != aggregator.RoleAuthor && p.Role != aggregator.RolePlace && p.Hidden != "version" {
			pins = append(pins, Pin{p.Source, p.Service, p.Type, p.ID})
		}
	}
	return pins
}

const (
	sourceExt     = aggregator.Namespace + "source"
	serviceExt    = aggregator.Namespace + "service"
	subjectSystem = aggregator.Namespace + "subject"
	sourceSystem  = aggregator.Namespace + "recipient"
)

// id names the Consent of a choice: the same target and recipient have the
// same one, so that revoking is a new version of it.
func (c Choice) id() string {
	parts := []string{c.Recipient, c.Subject}
	for _, p := range c.Pins {
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
		"purpose": []any{coding("http://terminology.hl7.org/CodeSystem/v3-ActReason", "TREAT")},
	}
	if c.Subject != "" {
		rule["class"] = []any{coding(subjectSystem, c.Subject)}
	} else {
		rule["data"] = c.data()
	}
	since := c.Since.In(fhir.Amsterdam()).Format(time.RFC3339)
	period := map[string]any{"start": since}
	if !c.Until.IsZero() {
		period["end"] = c.Until.In(fhir.Amsterdam()).Format(time.RFC3339)
	}
	raw, err := json.Marshal(map[string]any{
		"resourceType": "Consent", "id": c.id(), "status": status,
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

func (c Choice) actor() map[string]any {
	return map[string]any{
		"role": concept("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP"),
		"reference": map[string]any{
			"identifier": map[string]any{"system": sourceSystem, "value": c.Recipient}, "display": c.Name,
		},
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

// Choices reads the choices of the person that are in force.
func Choices(records iter.Seq2[fhir.Record, error]) ([]Choice, error) {
	newest := map[string]fhir.Record{}
	for r, err := range records {
		if err != nil {
			return nil, fmt.Errorf("read sharing choices: %w", err)
		}
		if !r.Origin.IsSelf() || r.Type != "Consent" {
			continue
		}
		if old, ok := newest[r.ID]; !ok || r.Number > old.Number {
			newest[r.ID] = r
		}
	}
	var choices []Choice
	for _, r := range newest {
		if c, ok := readChoice(r); ok && !c.Revoked && !r.Deleted {
			choices = append(choices, c)
		}
	}
	slices.SortFunc(choices, func(a, b Choice) int { return strings.Compare(a.id(), b.id()) })
	return choices, nil
}

func readChoice(r fhir.Record) (Choice, bool) {
	n := r.Node()
	rule := n.Get("provision", "provision")
	actor := rule.Get("actor", "reference")
	c := Choice{
		Recipient: actor.Str("identifier", "value"),
		Name:      actor.Str("display"),
		Subject:   rule.Get("class").Str("code"),
		Permit:    rule.Str("type") == "permit",
		Since:     n.Date("dateTime").Low(),
		Until:     n.Date("provision", "period", "end").Low(),
		Revoked:   n.Str("status") != "active",
	}
	for _, d := range rule.All("data") {
		ref := d.Get("reference")
		to := ref.Reference().Ref
		c.Pins = append(c.Pins, Pin{
			Source: ref.Ext(sourceExt).Value().Text(), Service: ref.Ext(serviceExt).Value().Text(),
			Type: to.Type, ID: to.ID,
		})
	}
	return c, c.Recipient != "" && (c.Subject != "" || len(c.Pins) > 0)
}
