package mock

import (
	"encoding/binary"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// places are the endpoints that On may begin with, and what may come after the
// colon; nil: anything.
func places() map[string][]string {
	return map[string][]string{
		"": {}, "token": {}, "authorize": {}, "callback": {}, "evil": {}, "other": {}, "resource": nil, "host": nil, "gateway": nil,
		"page": {"continue", "cancel", "login", "login-cancel", "consent", "deny"},
		"list": slices.Sorted(maps.Values(listNames)),
	}
}

// checkFault refuses what is unknown, and what contradicts itself: a test that
// sets something that never happens would prove nothing.
func (n *Network) checkFault(f Fault, kind faultKind) error {
	place, part, colon := strings.Cut(f.On, ":")
	parts, known := places()[place]
	switch {
	case !known:
		return wrongFault("there is no such endpoint")
	case colon && parts != nil && !slices.Contains(parts, part), colon && part == "":
		return wrongFault("there is no such part of %s", place)
	case kind.at != "" && kind.at != place:
		return wrongFault("%s is only for %s", f.Kind, kind.at)
	case kind.at == "" && (place == "host" || place == "callback"):
		return wrongFault("%s is for an answer, not for %s", f.Kind, place)
	case f.Times < 0:
		return wrongFault("times is negative")
	}
	if place == "host" && part != "" && n.portOf(part) == "" {
		return wrongFault("there is no such host")
	}
	if err := checkValue(f, kind); err != nil {
		return err
	}
	if err := checkFields(f, kind); err != nil {
		return err
	}
	if kind.check != nil {
		return kind.check(f)
	}
	return nil
}

func checkValue(f Fault, kind faultKind) error {
	free := slices.Contains(kind.values, "...")
	switch {
	case f.Value == "" && (len(kind.values) == 0 || slices.Contains(kind.values, "")):
		return nil
	case f.Value != "" && (free || slices.Contains(kind.values, f.Value)):
		return nil
	case len(kind.values) == 0:
		return wrongFault("%s takes no value", f.Kind)
	case free:
		return wrongFault("%s needs a value", f.Kind)
	}
	return wrongFault("value of %s must be one of %s", f.Kind, strings.TrimPrefix(strings.Join(kind.values, ", "), ", "))
}

func checkFields(f Fault, kind faultKind) error {
	for name, given := range map[string]bool{
		"provider": f.Provider != "", "status": f.Status != 0, "retryAfter": f.RetryAfter != "",
		"delay": f.Delay != "", "next": f.Next != "",
	} {
		if given && !slices.Contains(kind.fields, name) {
			return wrongFault("%s does not take %s", f.Kind, name)
		}
	}
	return nil
}

// condition is a When that was read.
type condition struct {
	nth, after int // 0: not asked
	persona    string
	chance     float64 // 0: not asked
}

// readWhen reads When. A condition that can never hold is refused.
func (n *Network) readWhen(f Fault, kind faultKind) (condition, error) {
	var c condition
	if f.When == "" {
		return c, nil
	}
	for _, part := range strings.Split(f.When, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if err := c.set(name, value); err != nil {
			return c, err
		}
	}
	place, _, _ := strings.Cut(f.On, ":")
	_, known := n.world.persona(c.persona)
	switch {
	case c.nth > 0 && (c.after >= c.nth || f.Times > 1):
		return c, wrongFault("when asks for one request and for others")
	case c.persona != "" && !known:
		return c, wrongFault("there is no such persona")
	case c.persona != "" && (kind.at == "host" || place == "list"):
		return c, wrongFault("nobody is known to be asking at %s", place)
	}
	return c, nil
}

func (c *condition) set(name, value string) error {
	number, err := strconv.Atoi(value)
	switch {
	case name == "nth" && err == nil && number > 0 && c.nth == 0:
		c.nth = number
	case name == "after" && err == nil && number > 0 && c.after == 0:
		c.after = number
	case name == "persona" && value != "" && c.persona == "":
		c.persona = value
	case name == "p" && c.chance == 0:
		c.chance, err = strconv.ParseFloat(value, 64)
		if err != nil || !(c.chance > 0 && c.chance < 1) {
			return wrongFault("p must lie between 0 and 1")
		}
	default:
		return wrongFault("when must be nth=N, after=N, persona=ID or p=CHANCE, each once")
	}
	return nil
}

// holds tells whether the request with this number, from 1, goes wrong.
func (c condition) holds(number int, dice io.Reader) bool {
	if c.nth > 0 && number != c.nth || number <= c.after {
		return false
	}
	if c.chance == 0 {
		return true
	}
	var b [8]byte
	_, _ = io.ReadFull(dice, b[:]) // neither source fails
	return float64(binary.BigEndian.Uint64(b[:])>>11)/(1<<53) < c.chance
}
