package share

import (
	"encoding/json"
	"errors"
	"math/big"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/bundel-pgo/bundel/fhir"
)

// ErrAnswers is returned for answers that [Form.Check] finds fault with.
var ErrAnswers = errors.New("share: the answers are not complete or not right")

// The codes of what may be wrong with an answer.
const (
	FaultRequired = "required" // there is none
	FaultType     = "type"     // not a number, day, address, ...
	FaultRange    = "range"    // below Min or above Max
	FaultLength   = "length"   // longer than MaxLength
	FaultOption   = "option"   // none of the options
	FaultSeveral  = "several"  // more than one, where one is asked
	FaultUnknown  = "unknown"  // no such question, or one that takes no answer
)

// Fault is what is wrong with the answer to one question. It holds no answer.
type Fault struct{ Link, Code string }

// Asked tells whether the question with this Link is asked, given the answers
// so far: its conditions hold, and those of the groups it is in.
func (f Form) Asked(g Given, link string) bool {
	found := false
	f.walk(g, func(q Question) { found = found || q.Link == link })
	return found
}

// walk visits the questions that are asked, in order. A question can depend on
// one that is not asked itself: that one has no answer then.
func (f Form) walk(g Given, visit func(Question)) {
	asked, settled := f.settle(g)
	var in func(questions []Question)
	in = func(questions []Question) {
		for _, q := range questions {
			if q.holds(settled) && asked[q.Link] {
				visit(q)
				in(q.Questions)
			}
		}
	}
	in(f.Questions)
}

// settle finds what is asked and the answers that count. Taking away an answer
// can switch others on or off, so it is done over until nothing changes; a form
// that never settles stops at the number of its questions.
func (f Form) settle(g Given) (asked map[string]bool, counts Given) {
	rounds := 1
	each(f.Questions, func(Question) { rounds++ })
	counts = g
	for range rounds {
		asked = map[string]bool{}
		markAsked(f.Questions, counts, asked)
		next := Given{}
		for link, answers := range g {
			if asked[link] {
				next[link] = answers
			}
		}
		if sameLinks(next, counts) {
			break
		}
		counts = next
	}
	return asked, counts
}

func markAsked(questions []Question, g Given, asked map[string]bool) {
	for _, q := range questions {
		if q.holds(g) {
			asked[q.Link] = true
			markAsked(q.Questions, g, asked)
		}
	}
}

func sameLinks(a, b Given) bool {
	for link := range b {
		if _, ok := a[link]; !ok {
			return false
		}
	}
	return len(a) == len(b)
}

func (q Question) holds(g Given) bool {
	if len(q.When) == 0 {
		return true
	}
	holds := func(c Condition) bool { return c.holds(g) }
	if q.All {
		return !slices.ContainsFunc(q.When, func(c Condition) bool { return !holds(c) })
	}
	return slices.ContainsFunc(q.When, holds)
}

func (c Condition) holds(g Given) bool {
	answers := g.of(c.Link)
	switch c.Operator {
	case "exists":
		return (len(answers) > 0) == (c.Answer == "true")
	case "!=":
		return !slices.ContainsFunc(answers, func(a string) bool { return compare(a, c.Answer) == 0 })
	}
	return slices.ContainsFunc(answers, func(a string) bool {
		switch order := compare(a, c.Answer); c.Operator {
		case "=":
			return order == 0
		case ">":
			return order > 0
		case "<":
			return order < 0
		case ">=":
			return order >= 0
		case "<=":
			return order <= 0
		}
		return false
	})
}

// of gives the answers that say something.
func (g Given) of(link string) []string {
	var out []string
	for _, a := range g[link] {
		if a = strings.TrimSpace(a); a != "" {
			out = append(out, a)
		}
	}
	return out
}

// compare orders numbers by value, and days and texts as they are written.
func compare(a, b string) int {
	x, isX := number(a)
	y, isY := number(b)
	if isX && isY {
		return x.Cmp(y)
	}
	return strings.Compare(a, b)
}

var decimalText = regexp.MustCompile(`^-?(0|[1-9]\d{0,14})([.,]\d{1,9})?$`)

func number(s string) (*big.Rat, bool) {
	if !decimalText.MatchString(s) {
		return nil, false
	}
	return new(big.Rat).SetString(strings.Replace(s, ",", ".", 1))
}

// Check finds what is wrong with answers: one Fault per question, in the order
// of the form. None: the answers can be sent. Answers to questions that are not
// asked any more are no fault, and are not sent.
func (f Form) Check(g Given) []Fault {
	faults := []Fault{}
	there := map[string]bool{}
	each(f.Questions, func(q Question) { there[q.Link] = true })
	f.walk(g, func(q Question) {
		if code := q.fault(g.of(q.Link)); code != "" {
			faults = append(faults, Fault{q.Link, code})
		}
	})
	var unknown []string
	for link := range g {
		if !there[link] {
			unknown = append(unknown, link)
		}
	}
	slices.Sort(unknown)
	for _, link := range unknown {
		faults = append(faults, Fault{link, FaultUnknown})
	}
	return faults
}

func (q Question) fault(answers []string) string {
	switch {
	case q.Type == TypeGroup || q.Type == TypeDisplay:
		if len(answers) > 0 {
			return FaultUnknown
		}
		return ""
	case len(answers) == 0 && q.Required && !q.ReadOnly:
		return FaultRequired
	case len(answers) > 1 && !q.Repeats:
		return FaultSeveral
	}
	for _, a := range answers {
		if _, _, code := q.value(a); code != "" {
			return code
		}
	}
	return ""
}

// value writes one answer as a value[x]: the type behind "value", and what it
// holds. A code instead tells why it cannot be.
func (q Question) value(text string) (kind string, value any, fault string) {
	switch q.Type {
	case TypeBoolean:
		if text == "true" || text == "false" {
			return "Boolean", text == "true", ""
		}
		return "", nil, FaultType
	case TypeChoice, TypeOpenChoice:
		return q.chosen(text)
	case TypeInteger, TypeDecimal, TypeQuantity:
		return q.numeric(text)
	case TypeDate, TypeDateTime, TypeTime:
		return q.temporal(text)
	case TypeString, TypeText, TypeURL:
		return q.words(text)
	}
	return "", nil, FaultType
}

// chosen gives an option back as the provider wrote it.
func (q Question) chosen(key string) (kind string, value any, fault string) {
	for _, o := range q.Options {
		if o.Key == key {
			return o.kind, treeOf(o.value), ""
		}
	}
	if q.Type == TypeOpenChoice {
		return q.words(key)
	}
	return "", nil, FaultOption
}

// numeric keeps the digits as typed; a comma becomes a point.
func (q Question) numeric(text string) (kind string, value any, fault string) {
	n, ok := number(text)
	digits := json.Number(strings.Replace(text, ",", ".", 1))
	switch {
	case !ok || q.Type == TypeInteger && (!n.IsInt() || strings.ContainsAny(text, ".,")):
		return "", nil, FaultType
	case q.outside(text):
		return "", nil, FaultRange
	case q.Type == TypeInteger:
		return "Integer", digits, ""
	case q.Type == TypeDecimal:
		return "Decimal", digits, ""
	}
	amount := map[string]any{"value": digits}
	if q.Unit != "" {
		amount["unit"], amount["system"], amount["code"] = q.Unit, fhir.UCUM, q.Unit
	}
	return "Quantity", amount, ""
}

func (q Question) outside(text string) bool {
	return q.Min != "" && compare(text, q.Min) < 0 || q.Max != "" && compare(text, q.Max) > 0
}

var clockText = regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$`)

func (q Question) temporal(text string) (kind string, value any, fault string) {
	if q.Type == TypeTime {
		if !clockText.MatchString(text) {
			return "", nil, FaultType
		}
		if len(text) == len("08:30") {
			text += ":00"
		}
		return "Time", text, ""
	}
	day := fhir.ParseDate(text)
	switch {
	case day.IsZero() || day.Precision() < fhir.PrecisionDay || q.Type == TypeDate && len(text) != len("2026-06-01"):
		return "", nil, FaultType
	case q.outside(text):
		return "", nil, FaultRange
	case q.Type == TypeDate:
		return "Date", text, ""
	}
	if len(text) > len("2026-06-01") {
		text = instant(day.Low()) // with the offset that FHIR asks for
	}
	return "DateTime", text, ""
}

func (q Question) words(text string) (kind string, value any, fault string) {
	if q.MaxLength > 0 && utf8.RuneCountInString(text) > q.MaxLength {
		return "", nil, FaultLength
	}
	if q.Type == TypeURL {
		if u, err := url.Parse(text); err != nil || u.Scheme == "" || u.Host == "" {
			return "", nil, FaultType
		}
		return "Uri", text, ""
	}
	return "String", text, ""
}

func wholeOf(text string) int {
	n, _ := strconv.Atoi(text) // absent or odd: no bound
	return max(n, 0)
}
