// Package share decides what leaves the vault, and makes what leaves: only
// that. The person chooses per item or per subject who may see it; without a
// choice nothing is shared, a choice for an item goes before one for its subject,
// and where two choices of equal weight disagree the answer is no. A choice for a
// subject is for what is there now, unless it says that it reaches what comes
// later. What the person did not see yet leaves only with a word for just that.
//
// Choices are FHIR Consent resources of the source "self", one per choice: a
// change of mind is a new version of the same resource (merge.md 6.3).
//
// Nothing that leaves tells that something was left out: that is [Policy.For],
// which every way out goes through. The person is told by [Policy.Consequences]
// and [Policy.Asks], and by [Would] before a choice is stored.
//
// The [Ledger] has a line of every choice, preview and thing that left, each with
// the hash of the one before it. Whoever lets something out writes its line first.
//
// Words: delen (sending own data to a provider over MedMij) is "send" here,
// meetwaarden are measurements.
//
// # Health links
//
// NewLink makes a SMART Health Link (HL7 SHL IG 1.0.0) to scan, or a one-time code
// to read aloud; once it is kept, Publish places its encrypted files at a Relay. The key is in the
// link, or is made from the code and a birth date: the relay never has it. Open
// and OpenCode, or the page in the folder viewer, are the other side.
//
// What a reader gets is an [Extract]: as an International Patient Summary, a
// table, or a file that opens with a code, all made of the same lines.
//
// # To a provider
//
// Measurements, Documents, Images, Answers and Corrections each write a
// [Message]: the bytes that are shown are the bytes that are sent. A [Form] asks
// the questions of a questionnaire and checks the answers; a [Correction] is a
// request to correct a record, sent or printed; a [Receipt] says, signed, what
// became of a message.
//
// # Not there yet
//
// Rules with an opening. Of a questionnaire: files and references as answers,
// groups that repeat.
package share
