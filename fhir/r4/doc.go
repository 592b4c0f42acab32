// Package r4 shows everything a person collected in one release of FHIR.
//
// MedMij speaks STU3 and R4 side by side; most software outside it speaks R4
// alone. [Convert] makes an R4 resource of a STU3 one, [Check] says where a
// resource departs from the structure that R4 prescribes, and [ModelLoss] what
// Go programs lose that read R4 through samply's models.
//
// A conversion is a view, never a replacement: the bytes as received stay the
// truth, and whoever hands a converted resource on hands the original on with
// it (`bundel export --r4` does). What R4 has no place for becomes an extension
// under HL7's names for that, http://hl7.org/fhir/3.0/StructureDefinition/
// extension-Type.element; each [Note] names a place where a reader of the
// result alone would miss or be told something else than the original says.
//
// # How a conversion is made
//
// Everything happens to JSON, in order: what holds in all types (everywhere.go:
// names of code systems and extensions, references to roles), then the steps of
// the type (rules*.go, one row per type), then the fit to the tables of
// R4 (fit.go: one value where a list is due, nothing that R4 does not know).
// Members keep their order and numbers their digits.
//
// # Left out
//
// Check knows the structure of the base specification: no profiles, no
// invariants, no terminology beyond short required sets of codes, no targets of
// references. Types that the services of MedMij do not deliver have no rules;
// they are fitted to R4 and get a note that says so. Nothing is converted back.
package r4
