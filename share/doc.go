// Package share decides what leaves the vault, and makes what leaves: only
// that. The person chooses per item or per subject which care provider may see
// it; without a choice nothing is shared, a choice for an item goes before one
// for its subject, and where two choices of equal weight disagree the answer
// is no.
//
// Choices are FHIR Consent resources of the source "self", one per choice: a
// change of mind is a new version of the same resource (merge.md 6.3).
//
// Words: delen (sending own data to a provider over MedMij) is "send" here,
// meetwaarden are measurements.
//
// # Health links
//
// Publish places encrypted files at a Relay and gives a SMART Health Link (HL7
// SHL IG 1.0.0) to scan, or a one-time code to read aloud. The key is in the
// link, or is made from the code and a birth date: the relay never has it. Open
// and OpenCode, or the page in the folder viewer, are the other side.
//
// What a reader gets is an [Extract]: as an International Patient Summary, a
// table, or a file that opens with a code, all made of the same lines.
//
// # Not there yet
//
// Rules with an opening, sharing what the person did not see, documents and
// questionnaire answers, correction requests and the ledger.
package share
