package aggregator

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// ownTargetExt holds which test a target is of.
const ownTargetExt = Namespace + "analyte"

// Target is a value that the person should reach, as their doctor said it and
// they typed it (product.md 6.7). This program never says whether it is reached.
type Target struct {
	ID      string // of the stored record; empty for a new one
	Analyte string // of what: Result.Analyte
	Name    string // of the test, for people
	Unit    string // of the numbers, as a result writes it
	Above   string // the lowest that is aimed for; decimal, empty for none
	Below   string // the highest; of a blood pressure that of the upper one
	Beside  string // of a blood pressure: the highest of the lower one
	Words   string // in the words of the doctor; may be empty
	At      time.Time
}

// LogValue keeps health data out of logs.
func (Target) LogValue() slog.Value { return slog.StringValue("[target]") }

// Format keeps health data out of texts.
func (Target) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[target]")) }

// Resource is the target as an R4 Goal of the person. Errors: ErrEmpty when no
// test or no number is named, ErrNumber, ErrImpossible when the lowest is not
// below the highest.
func (t Target) Resource() (fhir.Resource, error) {
	if t.Analyte == "" || t.Above == "" && t.Below == "" {
		return fhir.Resource{}, ErrEmpty
	}
	var limits []any
	for _, l := range [...]struct {
		value      *string
		comparator string
	}{{&t.Above, ">"}, {&t.Below, "<"}, {&t.Beside, "<"}} {
		if *l.value == "" {
			continue
		}
		value, err := decimal(*l.value)
		if err != nil {
			return fhir.Resource{}, err
		}
		*l.value = value
		q := map[string]any{"value": json.Number(value), "comparator": l.comparator}
		if t.Unit != "" {
			q["unit"] = t.Unit
		}
		limits = append(limits, map[string]any{"measure": map[string]any{"text": t.Name}, "detailQuantity": q})
	}
	if t.Above != "" && t.Below != "" && !below(t.Above, t.Below) || t.Beside != "" && !below(t.Beside, t.Below) {
		return fhir.Resource{}, ErrImpossible
	}
	return ownResource(t.content(limits), t.ID)
}

func (t Target) content(limits []any) map[string]any {
	g := map[string]any{
		"resourceType": "Goal", "lifecycleStatus": "active", "description": map[string]any{"text": t.Name},
		"subject": selfReference(), "expressedBy": selfReference(), "startDate": t.At.In(fhir.Amsterdam()).Format(time.DateOnly),
		"target": limits, "extension": []any{map[string]any{"url": ownTargetExt, "valueString": t.Analyte}},
	}
	if t.Words != "" {
		g["note"] = []any{map[string]any{"text": t.Words}}
	}
	return g
}

func below(a, b string) bool {
	x, okX := fhir.ParseDecimal(a)
	y, okY := fhir.ParseDecimal(b)
	return okX && okY && x.Cmp(y) < 0
}

// ReadTarget reads a target that the person stored; not ok for another record.
func ReadTarget(r fhir.Resource) (t Target, ok bool) {
	n := r.Node()
	t = Target{
		ID: r.ID, Analyte: n.Ext(ownTargetExt).Value().Text(), Name: n.Str("description", "text"), Words: n.Str("note", "text"),
		At: fhir.ParseDate(n.Str("startDate")).Low(),
	}
	if r.Type != "Goal" || t.Analyte == "" {
		return Target{}, false
	}
	for _, limit := range n.All("target") {
		q := limit.Get("detailQuantity").Quantity()
		t.Unit = q.Unit
		switch {
		case strings.HasPrefix(q.Comparator, ">"):
			t.Above = q.Value
		case t.Below == "":
			t.Below = q.Value
		default:
			t.Beside = q.Value
		}
	}
	return t, t.Above != "" || t.Below != ""
}
