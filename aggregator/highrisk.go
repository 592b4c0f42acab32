package aggregator

import (
	"slices"
	"strings"
)

// risk is a row of the list of substances for which the rules are stricter
// (merge.md 2.10): no line on the generic product alone, and any difference in
// dose stands at the very top.
type risk struct {
	atc   []string // prefixes of ATC codes
	words []string // beginnings of substance and brand names; they can only tighten
}

// highRisk is THE list. Its basis is the design document, which asks for a
// review by a pharmacist: substances with a narrow margin between too little
// and too much, or where a doubled or daily instead of weekly dose kills. The
// words are the substances of those codes and their usual Dutch brands.
var highRisk = [...]risk{
	{[]string{"B01AA"}, []string{"acenocoumarol", "fenprocoumon", "warfarine", "sintrom", "marcoumar"}},
	{[]string{"B01AB"}, []string{"heparine", "nadroparine", "enoxaparine", "dalteparine", "tinzaparine", "fraxiparine", "clexane", "fragmin", "innohep"}},
	{[]string{"B01AE"}, []string{"dabigatran", "pradaxa"}},
	{[]string{"B01AF"}, []string{"rivaroxaban", "apixaban", "edoxaban", "xarelto", "eliquis", "lixiana"}},
	{[]string{"L01BA01", "L04AX03"}, []string{"methotrexa", "metoject"}},
	{[]string{"N05AN01"}, []string{"lithium", "priadel", "camcolit"}},
	{[]string{"C01AA05"}, []string{"digoxine", "lanoxin"}},
	{[]string{"A10A"}, []string{"insuline", "novorapid", "humalog", "lantus", "levemir", "tresiba", "toujeo", "novomix", "apidra", "fiasp", "insulatard", "humuline"}},
	{[]string{"N03A"}, []string{
		"fenytoine", "carbamazepine", "valproinezuur", "valproaat", "lamotrigine", "levetiracetam", "oxcarbazepine", "fenobarbital",
		"topiramaat", "gabapentine", "pregabaline", "clonazepam", "lacosamide", "ethosuximide", "zonisamide", "depakine", "tegretol", "keppra", "lamictal", "diphantoine",
	}},
	{[]string{"L04AD"}, []string{"ciclosporine", "tacrolimus", "neoral", "prograf", "advagraf", "envarsus"}},
	{[]string{"H03AA"}, []string{"levothyroxine", "liothyronine", "thyrax", "euthyrox", "cytomel"}},
	{[]string{"N02A", "N07BC"}, []string{
		"morfine", "oxycodon", "fentanyl", "buprenorfine", "tramadol", "methadon", "hydromorfon", "tapentadol", "pethidine",
		"oxycontin", "durogesic", "temgesic", "tramcet", "zaldiar", "palladon", "palexia", "symoron",
	}},
	{[]string{"R03DA04"}, []string{"theofylline", "theolair"}},
	{[]string{"N05AH02"}, []string{"clozapine", "leponex"}},
	{[]string{"C07AA07"}, []string{"sotalol", "sotacor"}},
}

// highRisk tells whether the product is on the list, by code or by any word of
// any of its names. A code that is not on it does not outweigh a name that is.
func (p product) highRisk() bool {
	return p.risky || slices.ContainsFunc(highRisk[:], func(r risk) bool {
		return slices.ContainsFunc(r.atc, func(prefix string) bool { return strings.HasPrefix(p.atc, prefix) })
	})
}

func isRiskyName(name string) bool {
	for _, word := range strings.FieldsFunc(fold(name), notLetter) {
		for _, r := range highRisk {
			if slices.ContainsFunc(r.words, func(beginning string) bool { return strings.HasPrefix(word, beginning) }) {
				return true
			}
		}
	}
	return false
}
