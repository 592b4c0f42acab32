package medmij

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Scope is a MedMij scope as the authorization request and the token answer
// have it (medmij-protocol.md 3.3). This package asks for one provider's
// services only; subscriptions and representation of another person are read,
// so that they can be told from the rest, and never asked for.
type Scope struct {
	Provider string   // MedMij name without "@medmij"
	Services []string // by id; empty is all that the provider lets collect

	// Subscription tells that it is a subscription to notifications, of one
	// service, for Days days; 0 ends it.
	Subscription bool
	Days         int

	// OnBehalfOf is how the person stands for another one; empty: for nobody.
	OnBehalfOf Representation
}

// Representation is how a person logs in for somebody else (Dutch:
// vertegenwoordiging).
type Representation string

// The representations of MedMij.
const (
	OnBehalfOf      Representation = "onbehalfof"      // a voluntary representative
	OnBehalfOfChild Representation = "onbehalfofchild" // a parent, of a child younger than 12
)

var errScope = errors.New("medmij: not a scope")

var (
	scopeID      = regexp.MustCompile(`^\d{1,30}$`)
	scopeName    = regexp.MustCompile(`^(.+)~(\d{1,30})$`)
	scopeService = regexp.MustCompile(`^(?:subscribe~(\d{1,6})/)?([^~/\s]+)(?:~(\d{1,30}))?$`)
)

// ParseScope reads a scope of any dialect. The error says that it is none; it
// does not repeat the text.
func ParseScope(text string) (Scope, error) {
	items := strings.Split(text, " ")
	var s Scope
	if last := Representation(items[len(items)-1]); last == OnBehalfOf || last == OnBehalfOfChild {
		s.OnBehalfOf, items = last, items[:len(items)-1]
	}
	if len(items) == 0 {
		return Scope{}, errScope
	}
	for i, item := range items {
		if !s.add(item, i == 0) {
			return Scope{}, errScope
		}
	}
	if s.Subscription && len(s.Services) != 1 || len(items) > 1 && len(s.Services) != len(items) {
		return Scope{}, errScope
	}
	return s, nil
}

// add reads one item, which is about the same provider as the others.
func (s *Scope) add(item string, first bool) bool {
	m := scopeService.FindStringSubmatch(item)
	if m == nil || Representation(item) == OnBehalfOf || Representation(item) == OnBehalfOfChild ||
		!first && (m[2] != s.Provider || m[1] != "") {
		return false
	}
	s.Provider = m[2]
	if m[1] != "" {
		s.Subscription = true
		s.Days, _ = strconv.Atoi(m[1]) // six digits at most
	}
	if m[3] != "" {
		s.Services = append(s.Services, m[3])
	}
	return true
}

// ParseBirthDate reads the value of MedMij_geboortedatum, which goes with a
// representation: year, month and day in eight digits.
func ParseBirthDate(text string) (time.Time, error) {
	day, err := time.Parse("20060102", text)
	if err != nil || len(text) != 8 {
		return time.Time{}, errors.New("medmij: not a birth date of eight digits")
	}
	return day, nil
}

// scopeFor writes the scope in the dialect of the provider (3.3).
func scopeFor(conn Connection, purpose Direction, services []string) string {
	name := bareName(conn.Provider)
	if purpose == Collect && conn.Dialect == Dialect2 {
		return name
	}
	items := make([]string, len(services))
	for i, id := range services {
		items[i] = name + "~" + id
	}
	return strings.Join(items, " ")
}

// grantedServices reads the scope of a token answer: numbers, names with
// numbers, or nothing, which means what was asked. Only what was asked counts.
//
// A token that stands for another person is refused whole: her records do not
// belong among those of the person who logged in (3.10).
func grantedServices(l Login, scope string) ([]string, error) {
	items := strings.Fields(scope)
	if slices.Contains(items, string(OnBehalfOf)) || slices.Contains(items, string(OnBehalfOfChild)) {
		return nil, fmt.Errorf("representation: %w", ErrNotSupported)
	}
	name := bareName(l.Connection.Provider)
	if len(items) == 0 || slices.Contains(items, name) {
		return l.Services, nil
	}
	var granted []string
	for _, item := range items {
		id := item
		if m := scopeName.FindStringSubmatch(item); m != nil && bareName(m[1]) == name {
			id = m[2]
		}
		if scopeID.MatchString(id) && slices.Contains(l.Services, id) && !slices.Contains(granted, id) {
			granted = append(granted, id)
		}
	}
	return granted, nil
}
