// Package fhir holds a FHIR resource exactly as it was received and answers
// small questions about it, for STU3 and R4 alike.
//
// A [Resource] keeps the bytes of the provider; the only change ever made is
// that a Dutch citizen service number (BSN) is masked before anything else
// sees it (MedMij forbids a PGO to process it). A number in free text that
// could be one is kept and counted in Resource.Suspect; outputs mask it with
// [MaskFreeText] and [MaskText].
//
// Everything read from a resource goes through [Node], which accepts what real
// servers send: one value where a list is expected, a code where a concept is
// expected, numbers as they were written. A field that cannot be understood is
// absent or carries its original text; it never makes the resource disappear.
//
// Readers are the only way in: [Parse], [ReadBundle] and [ReadAny], which also
// takes FHIR XML. A resource that is broken within its own brackets comes with
// a [Flaw] and does not stop the Bundle around it. Values of this package are
// safe for concurrent use once made, and hold no global state.
//
// # Limits
//
// A resource may be nested [MaxDepth] deep and be [MaxSize] bytes large, and a
// number may have 64 characters. XML must be UTF-8. Units are the subset of
// UCUM that care and measurements at home use; any other unit is comparable
// with itself only. A dosage that uses what this package does not understand is
// shown in the words of its source.
//
// # Words
//
// The domain is Dutch, the code is English:
//
//	gegevensdienst     data service: a numbered set of queries (49 = GP data)
//	zorgaanbieder      provider: GP practice, pharmacy, hospital
//	bouwsteen          building block: one role a medication resource can play
//	medicatieafspraak  medication agreement (MA): what the prescriber agreed
//	toedieningsafspraak administration agreement (TA): what the pharmacy instructs
//	verstrekking       dispense (MVE): a hand-over by the pharmacy
//	medicatiegebruik   medication use (MGB): what somebody says is really used
//	BSN                citizen service number; never stored, shown or sent
package fhir
