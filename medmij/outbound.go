package medmij

import (
	"errors"
	"fmt"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// checkBundle refuses a Bundle that breaks what every sender is tested on
// (conformance.md 1.5), and counts its entries. Errors name the entry, from 1,
// and the rule; they hold no content.
func checkBundle(bundle []byte, service Service) (int, error) {
	root := fhir.Parse(bundle, service.Version).Node()
	if root.Str("resourceType") != "Bundle" {
		return 0, errors.New("not a Bundle")
	}
	if root.Str("type") != service.Bundle {
		return 0, fmt.Errorf("the Bundle is not a %s", service.Bundle)
	}
	persons := 0
	entries := root.All("entry")
	for i, entry := range entries {
		if err := checkEntry(entry); err != nil {
			return 0, fmt.Errorf("entry %d: %w", i+1, err)
		}
		if entry.Str("resource", "resourceType") == "Patient" {
			persons++
		}
	}
	switch {
	case len(entries) == 0:
		return 0, errors.New("the Bundle is empty")
	case persons > 1 || service.Person && persons == 0:
		return 0, errors.New("the Bundle must have exactly one Patient")
	}
	return len(entries), nil
}

func checkEntry(entry fhir.Node) error {
	res, fullURL := entry.Get("resource"), entry.Str("fullUrl")
	kind, id, at := res.Str("resourceType"), res.Str("id"), entry.Str("request", "url")
	if !goodType.MatchString(kind) {
		return errors.New("there is no resource")
	}
	switch entry.Str("request", "method") {
	case "PUT":
		if !goodID.MatchString(id) || at != kind+"/"+id || !strings.HasSuffix(fullURL, id) {
			return errors.New("a PUT needs an id, a fullUrl that ends with it, and both in its url")
		}
		return nil // the content is the provider's own
	case "POST":
		if id != "" || at != kind || fullURL != "" && !isURN(fullURL) {
			return errors.New("a POST has no id, its type as url, and a urn as fullUrl")
		}
	default:
		return errors.New("only POST and PUT are sent")
	}
	if kind != binaryType && res.Str("meta", "profile") == "" {
		return errors.New("there is no profile")
	}
	return checkContent(res)
}

func isURN(s string) bool {
	return strings.HasPrefix(s, "urn:uuid:") || strings.HasPrefix(s, "urn:oid:")
}

// valueSets is where the OIDs of zib value sets are; they are no code systems.
const valueSets = "urn:oid:2.16.840.1.113883.2.4.3.11.60.40.2"

// checkContent looks at every element of a resource.
func checkContent(res fhir.Node) error {
	var broken error
	walk(res, func(n fhir.Node) {
		if err := checkElement(n); err != nil {
			broken = err
		}
	})
	return broken
}

func checkElement(n fhir.Node) error {
	codings := n.All("coding")
	named := n.Str("text") != "" || n.Get("extension").Exists()
	for _, coding := range codings {
		system := coding.Str("system")
		named = named || coding.Str("display") != ""
		switch {
		case system == "" || coding.Str("code") == "":
			return errors.New("a coding lacks its system or code")
		case strings.HasPrefix(system, valueSets):
			return errors.New("a coding has a value set as its system")
		}
	}
	if len(codings) > 0 && !named {
		return errors.New("a concept has no display or text")
	}
	if n.Str("reference") != "" && n.Str("display") == "" && !n.Get("extension").Exists() {
		return errors.New("a reference has no display")
	}
	for _, ident := range n.All("identifier") {
		bare := ident.Str("system") == "" && !ident.Get("type").Exists()
		if ident.IsObject() && !ident.Get("extension").Exists() && (bare || ident.Str("value") == "") {
			return errors.New("an identifier lacks its value, or its system and type")
		}
	}
	return nil
}
