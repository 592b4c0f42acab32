package mock

import (
	"regexp"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// A number of nine digits, and the systems of a BSN (Nictiz naming systems).
var (
	nineDigits = regexp.MustCompile(`\b[0-9]{9}\b`)
	bsnSystem  = regexp.MustCompile(`(?i)namingsystem/bsn$|(?:^|:)2\.16\.840\.1\.113883\.2\.4\.6\.3$`)
)

// realBSN tells whether a body could hold the BSN of somebody real: nine digits
// that pass the 11-test and are not of the range for tests (999...), in text or
// in an identifier that is no number of another system (security-store.md M1).
func realBSN(res fhir.Resource, raw []byte) bool {
	if res.Flaw != "" { // no places to tell apart
		return couldBeReal(string(raw))
	}
	// What Parse masked is asked of the bytes as they came.
	if res.Masked > 0 && couldBeReal(string(raw)) {
		return true
	}
	return realBSNAt("", res.Node())
}

func realBSNAt(name string, n fhir.Node) bool {
	for _, item := range n.Items() {
		if realBSNAt(name, item) {
			return true
		}
	}
	system := n.Str("system")
	numbered := n.IsObject() && system != "" && !bsnSystem.MatchString(system)
	for member, item := range n.Members() {
		if (numbered && member == "value") || isFile(member, item) {
			continue
		}
		if realBSNAt(member, item) {
			return true
		}
	}
	return n.Exists() && !n.IsNumber() && couldBeReal(n.Text())
}

// isFile tells of members that hold base64.
func isFile(member string, n fhir.Node) bool {
	return (member == "data" || member == "content") && n.Text() != ""
}

func couldBeReal(text string) bool {
	for _, number := range nineDigits.FindAllString(text, -1) {
		if strings.HasPrefix(number, "999") {
			continue
		}
		if _, masked := fhir.MaskText(number); masked > 0 {
			return true
		}
	}
	return false
}
