package aggregator

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store"
)

// decide makes the decision of a case as a person would, on what is stored by
// then. Not ok when it is refused, as the case expects.
func (c testCase) decide(t testing.TB, s *store.Store, in Input, d caseDecision) (fhir.Source, bool) {
	t.Helper()
	statements, err := Read(seq(allOf(t, s)))
	if err != nil {
		t.Fatal(err)
	}
	at := d.At
	if at.IsZero() {
		at = c.AsOf
	}
	who, err := statements.Decider(in, at, "")
	if err != nil {
		t.Fatal(err)
	}
	if d.Op == "open" { // every result, at once
		return own(t, GateRule{Wait: WaitNot, At: at}), true
	}
	made, err := c.made(who, d)
	var refused *Refused
	if errors.As(err, &refused) && refused.Reason == d.Refused {
		return fhir.Source{}, false
	}
	if err != nil || d.Refused != "" {
		t.Fatalf("%s: %s %s %s: %v, want %q", c.ID, d.Op, d.A, d.B, err, d.Refused)
	}
	return own(t, made), true
}

// own is what the person stores.
func own(t testing.TB, rule interface{ Resource() (fhir.Resource, error) }) fhir.Source {
	t.Helper()
	r, err := rule.Resource()
	if err != nil {
		t.Fatal(err)
	}
	return fhir.One(fhir.Origin{Source: fhir.Self}, fhir.R4, "own", r)
}

func (c testCase) made(who *Decider, d caseDecision) (Decision, error) {
	a, b := c.partNamed(who.o, d.A), c.partNamed(who.o, d.B)
	switch d.Op {
	case OpJoin:
		return who.Join(itemOnly(a), itemOnly(b))
	case OpSeparate:
		return who.Separate(a, b)
	case OpConfirm:
		return who.ConfirmSame(itemOnly(a))
	case OpDismiss:
		return who.Dismiss(itemOnly(a), d.Code)
	case OpUndo:
		return who.Undo(d.Seq)
	case OpAccept:
		return who.Accept(c.origin(d.A).Source)
	}
	return Decision{}, fmt.Errorf("no decision %q", d.Op)
}

// partNamed gives "ITEM#2" for a member by its name in the case.
func (c testCase) partNamed(o *Overview, name string) string {
	for _, item := range o.Items {
		for i, p := range item.Parts {
			if !isSupport(p.Role) && p.Hidden != "version" && c.nameOf(p.Source, p.Service)+"/"+p.Type+"/"+p.ID == name {
				return fmt.Sprintf("%s#%d", item.ID, i+1)
			}
		}
	}
	return ""
}

func itemOnly(part string) string {
	return part[:max(0, slices.Index([]byte(part), '#'))]
}
