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
// # Not there yet
//
// Merge decisions of the person (join, separate, undo), changes between two
// moments, the gate for results that the person does not want to see yet, and
// search.
package aggregator
