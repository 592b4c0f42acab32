package fhir

import "strings"

// maxNumber is how many characters a number may have: what is longer is no
// measured value, and arithmetic on it costs more than it tells.
const maxNumber = 64

// span is a part of the bytes at hand.
type span struct{ from, to int }

func (s span) of(raw []byte) []byte { return raw[s.from:s.to] }

// head is where the members of a resource stand that every resource has; an
// empty span is an absent member.
type head struct{ typ, id, meta span }

// scanner reads one JSON object in one pass and accepts it when nothing about
// it is in doubt: grammar, UTF-8, depth, names once, the reserved names in
// their own case, numbers of a length to reckon with. What it does not accept
// need not be bad: it is slower readers that say what it is.
type scanner struct {
	raw  []byte
	head head

	// The names of all objects that are open, the innermost last.
	names [256]span
	count int

	nodes nodeBuilder
}

// no is the position that a scan gives when it does not accept.
const no = -1

// scan scans the object that raw starts with and gives its end, or no.
func (s *scanner) scan(raw []byte) int {
	if len(raw) == 0 || raw[0] != '{' {
		return no
	}
	return s.first(raw)
}

// first scans the value that raw starts with and gives its end, or no.
func (s *scanner) first(raw []byte) int {
	s.raw, s.head, s.count = raw, head{}, 0
	return s.value(0, 0)
}

// value scans the value that starts at i.
func (s *scanner) value(i, depth int) int {
	if i == len(s.raw) {
		return no
	}
	switch s.raw[i] {
	case '"':
		return stringEnd(s.raw, i)
	case '{':
		return s.object(i, depth+1)
	case '[':
		return s.array(i, depth+1)
	case 't':
		return literalEnd(s.raw, i, "true")
	case 'f':
		return literalEnd(s.raw, i, "false")
	case 'n':
		return literalEnd(s.raw, i, "null")
	}
	return numberEnd(s.raw, i)
}

func (s *scanner) array(i, depth int) int {
	if depth > MaxDepth {
		return no
	}
	if i = skipSpace(s.raw, i+1); i < len(s.raw) && s.raw[i] == ']' {
		return i + 1
	}
	for {
		if i = s.value(i, depth); i == no {
			return no
		}
		i = skipSpace(s.raw, i)
		if i == len(s.raw) || s.raw[i] != ',' {
			return closing(s.raw, i, ']')
		}
		i = skipSpace(s.raw, i+1)
	}
}

func (s *scanner) object(i, depth int) int {
	if depth > MaxDepth {
		return no
	}
	if i = skipSpace(s.raw, i+1); i < len(s.raw) && s.raw[i] == '}' {
		return i + 1
	}
	outer := s.count
	for {
		if i = s.member(i, depth, outer); i == no {
			return no
		}
		i = skipSpace(s.raw, i)
		if i == len(s.raw) || s.raw[i] != ',' {
			s.count = outer
			return closing(s.raw, i, '}')
		}
		i = skipSpace(s.raw, i+1)
	}
}

func closing(raw []byte, i int, bracket byte) int {
	if i == len(raw) || raw[i] != bracket {
		return no
	}
	return i + 1
}

// member scans a name and its value; first is the first name of its object.
func (s *scanner) member(i, depth, first int) int {
	name := span{from: i + 1}
	if name.to = nameEnd(s.raw, i); name.to == no || !s.add(name, first) {
		return no
	}
	i = skipSpace(s.raw, name.to+1)
	if i == len(s.raw) || s.raw[i] != ':' {
		return no
	}
	value := span{from: skipSpace(s.raw, i+1)}
	value.to = s.value(value.from, depth)
	if depth == 1 && !s.note(name.of(s.raw), value) {
		return no
	}
	return value.to
}

// add keeps a name and refuses one that its object has already.
func (s *scanner) add(name span, first int) bool {
	if s.count == len(s.names) {
		return false
	}
	size := name.to - name.from
	for _, other := range s.names[first:s.count] {
		if other.to-other.from == size && string(other.of(s.raw)) == string(name.of(s.raw)) {
			return false
		}
	}
	s.names[s.count] = name
	s.count++
	return true
}

// note keeps what stands at the top and refuses a reserved name in another case.
func (s *scanner) note(name []byte, value span) bool {
	switch string(name) {
	case "resourceType":
		s.head.typ = value
	case "id":
		s.head.id = value
	case "meta":
		s.head.meta = value
	default:
		return !mayBeReserved(len(name)) || !reservedInWrongCase(string(name))
	}
	return true
}

// reserved are the names of which readers would disagree if their case differed.
var reserved = [...]string{"resourceType", "id", "meta", "contained"}

// mayBeReserved looks at the length, which a change of case keeps: nameEnd
// takes ASCII only.
func mayBeReserved(length int) bool {
	for _, r := range reserved {
		if len(r) == length {
			return true
		}
	}
	return false
}

func reservedInWrongCase(name string) bool {
	for _, r := range reserved {
		if name != r && strings.EqualFold(name, r) {
			return true
		}
	}
	return false
}
