package medmij

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The patterns of the simple types as the XML schemas have them
// (medmij-protocol.md 2.2). In those, a digit is one of any script.
var (
	hostPattern  = regexp.MustCompile(`^(?:[a-z0-9][a-z0-9-]*\.)+[a-z0-9][a-z0-9-]*[a-z0-9]$`)
	frontPattern = regexp.MustCompile(`^https://(?:[a-z0-9][a-z0-9-]*\.)+[a-z0-9][a-z0-9-]*[a-z0-9]?(?:/[^?#/]+)*$`)
	backPattern  = regexp.MustCompile(`^https://(?:[a-z0-9][a-z0-9-]*\.)+[a-z0-9][a-z0-9-]*[a-z0-9](?::\p{Nd}{1,5})?(?:/[^?#/]+)*$`)
	// The schemas know no empty part in a path, but real lists have double and
	// trailing slashes.
	loosePattern = regexp.MustCompile(`^(https?)://([^/?#:@]+)(:[0-9]{1,5})?(?:/[^?#/]*)*$`)
	stampPattern = regexp.MustCompile(`^(-?(?:[1-9][0-9]{4,8}|[0-9]{4}))-([0-9]{2})-([0-9]{2})` +
		`T([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?$`)
)

func oneOf(values ...string) textCheck {
	return func(s string) (string, string) {
		if !slices.Contains(values, s) {
			return "", "not one of the known values"
		}
		return s, ""
	}
}

func length(low, high int) textCheck {
	return func(s string) (string, string) {
		if n := utf8.RuneCountInString(s); n < low || n > high {
			return "", "too short or too long"
		}
		return s, ""
	}
}

// positive gives the number without white space, sign and zeros in front. A
// schema sets no upper limit; here it has at most 18 digits.
func positive(s string) (value, wrong string) {
	s = strings.TrimPrefix(trimXML(s), "+")
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return "", "not a positive number"
	}
	s = strings.TrimLeft(s, "0")
	if s == "" || len(s) > 18 {
		return "", "not a positive number"
	}
	return s, ""
}

// trimXML takes off white space as XML has it.
func trimXML(s string) string { return strings.Trim(s, " \t\r\n") }

// dateTime is an xs:dateTime of 20 characters or more.
func dateTime(s string) (value, wrong string) {
	s = trimXML(s)
	if _, ok := parseStamp(s); !ok || len(s) < 20 {
		return "", "not a full date and time"
	}
	return s, ""
}

// parseStamp reads an xs:dateTime. Without a zone, which a schema does not
// demand, it is taken as UTC: framework times are Dutch, and an hour does not
// matter to anyone.
func parseStamp(s string) (time.Time, bool) {
	m := stampPattern.FindStringSubmatch(s)
	if m == nil {
		return time.Time{}, false
	}
	var n [6]int
	for i := range n {
		n[i], _ = strconv.Atoi(m[i+1]) // at most nine digits
	}
	year, month, day, hour, minute, second := n[0], n[1], n[2], n[3], n[4], n[5]
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	endOfDay := hour == 24 && minute == 0 && second == 0 && strings.Trim(m[7], ".0") == ""
	zone, ok := parseZone(m[8])
	if !ok || year == 0 || t.Month() != time.Month(month) || t.Day() != day ||
		hour > 23 && !endOfDay || minute > 59 || second > 59 {
		return time.Time{}, false
	}
	fraction, _ := strconv.ParseFloat("0"+m[7], 64)
	return time.Date(year, time.Month(month), day, hour, minute, second, int(fraction*1e9), zone), true
}

// parseZone reads "Z", an offset of at most 14 hours, or nothing.
func parseZone(s string) (*time.Location, bool) {
	if s == "" || s == "Z" {
		return time.UTC, true
	}
	hours, _ := strconv.Atoi(s[1:3])
	minutes, _ := strconv.Atoi(s[4:6])
	offset := hours*60 + minutes
	if s[0] == '-' {
		offset = -offset
	}
	return time.FixedZone("", offset*60), minutes < 60 && max(offset, -offset) <= 14*60
}

func providerName(pattern *regexp.Regexp) textCheck {
	return func(s string) (string, string) {
		if !pattern.MatchString(s) {
			return "", "not a MedMij name"
		}
		return length(10, 57)(s)
	}
}

func hostname(dev bool) textCheck {
	return func(s string) (string, string) {
		if hostPattern.MatchString(s) || dev && isLoopbackName(s) {
			return s, ""
		}
		return "", "not a host name"
	}
}

// isNumeric is for what the pattern lets through: 127.0.0.1 has the form of a
// host name, but no top level domain is a number, decimal or not.
func isNumeric(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	if hex, ok := strings.CutPrefix(last, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return strings.Trim(last, "0123456789") == ""
}

// isLoopbackName tells whether the name always means this machine (RFC 6761).
func isLoopbackName(host string) bool {
	return host == "localhost" || strings.HasSuffix(host, ".localhost") && hostPattern.MatchString(host)
}

const noAddress = "not an address of the expected form"

func frontchannel(dev bool) textCheck { return address(frontPattern, dev) }

func backchannel(dev bool) textCheck { return address(backPattern, dev) }

func address(pattern *regexp.Regexp, dev bool) textCheck {
	return func(s string) (string, string) {
		m := loosePattern.FindStringSubmatch(s)
		if pattern.MatchString(s) || dev && m != nil && isLoopbackName(m[2]) {
			return s, ""
		}
		return "", noAddress
	}
}

// looseAddress is for what is published now and then (medmij-protocol.md 2.2).
func looseAddress(port, dev bool) textCheck {
	return func(s string) (string, string) {
		m := loosePattern.FindStringSubmatch(s)
		switch {
		case m == nil:
			return "", noAddress
		case m[1] != "https":
			return "", "not https"
		case m[3] != "" && !port:
			return "", "a port where none may be"
		}
		if _, wrong := hostname(dev)(m[2]); wrong != "" {
			return "", wrong
		}
		return s, ""
	}
}
