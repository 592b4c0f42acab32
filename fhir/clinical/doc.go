// Package clinical reads FHIR resources as what they mean in Dutch care: a
// medicine, an allergy, a laboratory result, a letter. It reads STU3 and R4
// alike, as the MedMij data services deliver them (data-services.md 2), into
// one Go type per subject.
//
// [Read] never fails and never drops a resource. What it does not understand
// it says in a [Warning], which names a place and never the content. A
// resource that may mean the opposite of what it seems to say, because it
// carries a modifier that nobody here knows, has Certain false in its [Head]:
// it must never be shown as plain fact.
//
// The bytes of the resource stay the truth. A reading is a view of them: it is
// not written back, and [Head].Unread lists the elements it has no field for.
//
// Readings hold health data and must not be logged. They share nothing, so
// they can be used from several goroutines as long as nobody changes them.
//
// # Paths
//
// The comment of a field names its path in the resource. A path stands for
// both releases unless it is marked. "ext" is an extension of Nictiz,
// http://nictiz.nl/fhir/StructureDefinition/; "modifier" is such a
// modifierExtension. The comment of a type names the section of
// data-services.md that its paths come from.
//
// # Left out
//
// References are not followed: a reading has what one resource says. Types of
// which no Dutch data service delivers any, such as Claim, are no subject.
// Narratives are read for notes of a general practitioner only.
package clinical
