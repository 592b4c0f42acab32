package mock

import (
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// include is one _include: resources that those of a type refer to. Again
// (":iterate", in STU3 ":recurse") looks in what was included as well.
type include struct {
	typ, member, target string
	again               bool
}

// includeMembers are the members behind the names of includes that are not
// simply the name with a capital.
var includeMembers = map[string][]string{
	"medication":                {"medicationReference"},
	"related-target":            {"related"},
	"patient":                   {"patient", "subject"},
	"subject":                   {"subject", "patient"},
	"requester":                 {"requester", "recorder"},
	"payor":                     {"payor"},
	"device":                    {"device", "codeReference"},
	"result":                    {"result"},
	"reason":                    {"reasonReference"},
	"dispense-location":         {"extension"},
	"next-practitioner":         {"extension"},
	"location":                  {"location"},
	"activity-goal":             {"activity"},
	"activity-outcomereference": {"activity"},
	"activity-medicaldevice":    {"activity"},
	"practitioner":              {"practitioner", "participant"},
}

// parseInclude reads "Type:parameter" and "Type:parameter:Target".
func parseInclude(value, modifier string) include {
	parts := strings.SplitN(value, ":", 3)
	i := include{typ: parts[0], again: modifier == "iterate" || modifier == "recurse"}
	if len(parts) > 1 {
		i.member = parts[1]
	}
	if len(parts) > 2 {
		i.target = parts[2]
	}
	return i
}

// members turns the name of a parameter into that of members:
// "general-practitioner" is generalPractitioner.
func (i include) members() []string {
	if names := includeMembers[i.member]; names != nil {
		return names
	}
	words := strings.Split(i.member, "-")
	for n, w := range words[1:] {
		if w != "" {
			words[n+1] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return []string{strings.Join(words, "")}
}

// included follows the includes from the matches of one page.
func (q query) included(l *library, patients []string, matches []*record) []*record {
	if len(q.includes) == 0 {
		return nil
	}
	var added []*record
	seen := map[*record]bool{}
	for _, r := range matches {
		seen[r] = true
	}
	fresh, again := matches, q.includes
	for len(fresh) > 0 && len(again) > 0 {
		from := len(added)
		for _, r := range fresh {
			for _, i := range again {
				for _, target := range i.follow(l, patients, r) {
					if !seen[target] {
						seen[target] = true
						added = append(added, target)
					}
				}
			}
		}
		fresh = added[from:]
		again = slices.DeleteFunc(slices.Clone(again), func(i include) bool { return !i.again })
	}
	return added
}

// follow gives what a resource refers to by this include.
func (i include) follow(l *library, patients []string, r *record) []*record {
	if i.typ != r.Type {
		return nil
	}
	var found []*record
	for _, member := range i.members() {
		for _, n := range r.node.All(member) {
			for _, ref := range references(n, nil) {
				target := l.byRef[ref]
				if target != nil && (i.target == "" || i.target == ref.Type) && target.visibleTo(patients) {
					found = append(found, target)
				}
			}
		}
	}
	return found
}

// references collects every reference below a place, also those in the
// extensions by which STU3 points to a role.
func references(n fhir.Node, found []fhir.Ref) []fhir.Ref {
	for name, item := range n.Members() {
		if name == "reference" && item.Text() != "" {
			found = append(found, refOf(item.Text()))
			continue
		}
		found = references(item, found)
	}
	for _, item := range n.Items() {
		found = references(item, found)
	}
	return found
}
