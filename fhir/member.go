package fhir

// Member is what the tables of FHIR say about one member of a type.
type Member struct {
	Kind     string // "s" (written as a string), "b" (boolean), "n" (number) or the name of a type
	Repeats  bool
	Required bool
}

// IsPrimitive tells whether the member is written as one JSON value, so that
// it can have a sibling with an underscore.
func (m Member) IsPrimitive() bool { return len(m.Kind) == 1 }

// Member looks up a member of a resource or data type, such as
// "valueQuantity" of "Observation", in the release v; ok is false when the
// release has no such member, or no such type.
func (v Version) Member(typ, name string) (m Member, ok bool) {
	e, ok := elementsOf(v).find(typ, name)
	return Member{Kind: e.kind, Repeats: e.repeats, Required: e.required}, ok
}

// HasType tells whether the release has the resource or data type.
func (v Version) HasType(typ string) bool {
	_, ok := elementsOf(v)[typ]
	return ok
}
