// Package glossary explains words that stand in what care providers write: tests
// of a laboratory, examinations, kinds of documents, and words about medicines.
//
// A [Book] is read from a text file with one word on a line, in five pieces:
//
//	kind | word | other names; ... | codes | explanation
//
// The kind is lab, exam, document or medicine. Other names and codes may be
// empty. A code is "loinc:CODE", "nhg:CODE" (table 45 of the Dutch GPs) or
// "atc:CODE", with a space between two. The explanation is one or two sentences
// that say what the word means, without advice and without what is usual. Empty
// lines and those that begin with # are left out. The file is UTF-8. A name or a
// code stands in it once, whatever its capitals and accents.
//
// [BuiltIn] holds the words of Bundel, nl.txt and en.txt. A vendor with words of
// its own gives another folder of these two (web.Config).
package glossary
