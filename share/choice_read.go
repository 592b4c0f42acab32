package share

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

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
	slices.SortFunc(choices, func(a, b Choice) int { return strings.Compare(a.ID(), b.ID()) })
	return choices, nil
}

func readChoice(r fhir.Record) (Choice, bool) {
	n := r.Node()
	rule := n.Get("provision", "provision")
	actor := rule.Get("actor", "reference")
	c := Choice{
		Recipient: actor.Str("identifier", "value"),
		Name:      actor.Str("display"),
		Role:      Role(actor.Ext(roleExt).Value().Text()),
		Subject:   rule.Get("class").Str("code"),
		Permit:    rule.Str("type") == "permit",
		Since:     n.Date("dateTime").Low(),
		Until:     n.Date("provision", "period", "end").Low(),
		Revoked:   n.Str("status") != "active",

		IncludeUnseen: rule.Ext(unseenExt).Value().Bool(),
	}
	later := rule.Ext(laterExt)
	c.Later = c.Subject != "" && (!later.Exists() || later.Value().Bool())
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
