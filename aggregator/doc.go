// Package aggregator collects from sources and merges what they gave into one
// overview that belongs to the person.
//
// The overview is a pure function of records, receipts and a moment in time:
// the same input gives the same bytes, in any order of arrival. Sources are
// never altered. Two records are treated as one only by exact keys (identity),
// or put on one line by the clear rules of each subject; every doubt is shown
// side by side, and every difference between two providers is shown, never
// resolved. The rules are those of the design document on merging (merge.md);
// comments name its sections.
//
// Each subject is one file and one row in the table of subjects. Adding a
// subject touches nothing else.
//
// The person has the last word: what they join, take apart or saw are records
// of their own among the others (override*.go), and so are their choices about
// when to see a result. Whatever shows, counts, searches, compares or shares
// does so on a View, in which what is closed has no name and no value.
//
// What a vendor may know better is in two tables with an interface each, both in
// [Input]: which test a code names ([AnalyteTable]) and how allergy agents stand
// to each other ([AgentTable]).
//
// # Not there yet
//
// Records that vanished from a source ("gone"), decisions as FHIR Linkage and
// Provenance in an export, files whose Patient differs from the person (they
// are merged as if they did not), and reports of mental health care as a kind
// of result of their own.
package aggregator
