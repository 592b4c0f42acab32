package share

import (
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// RecipientKind is by which way somebody gets to see what is shared
// (security-store.md 5.2).
type RecipientKind string

// The kinds of recipients.
const (
	ToProvider RecipientKind = "provider" // over MedMij, or a file for that provider
	ToLink     RecipientKind = "link"     // whoever opens a health link
	ToPerson   RecipientKind = "person"   // family or another who looks along
	ToFile     RecipientKind = "file"     // whoever gets a file
	ToScreen   RecipientKind = "screen"   // who looks along at this computer
)

// Role is what somebody is to the person, where that matters for a warning.
type Role string

// The roles. Empty is somebody in care.
const (
	Family       Role = "family"
	Employer     Role = "employer"
	Insurer      Role = "insurer"
	Municipality Role = "municipality"
)

// WarnNotObliged is the code of the warning that the person never has to share
// with this recipient, and had better ask their GP first (product.md 6.10).
const WarnNotObliged = "W-NOT-OBLIGED"

// Recipient is somebody to share with. ID is the source of a provider
// ("medmij:umcg@medmij") or made by [NewRecipient]; it is stored, and stays the
// same when the name changes.
type Recipient struct {
	ID   string
	Name string // as the person calls them
	Role Role
}

// recipientPrefix is one that no source has: nothing ever comes from them.
const recipientPrefix = "to:"

// NewRecipient makes one of a kind. The same name twice is two recipients;
// for ToProvider take the source of the provider.
func NewRecipient(kind RecipientKind, name string, role Role) Recipient {
	return Recipient{ID: recipientPrefix + string(kind) + ":" + fhir.NewUUID(), Name: name, Role: role}
}

// Kind tells by which way it is shared with this recipient.
func (r Recipient) Kind() RecipientKind { return KindOf(r.ID) }

// KindOf is the kind of the recipient with an ID: a provider unless it was made
// for something else.
func KindOf(id string) RecipientKind {
	rest, made := strings.CutPrefix(id, recipientPrefix)
	kind, _, _ := strings.Cut(rest, ":")
	for _, k := range [...]RecipientKind{ToLink, ToPerson, ToFile, ToScreen} {
		if made && kind == string(k) {
			return k
		}
	}
	return ToProvider
}

// Warning is the code of what the person should know before sharing with this
// recipient; empty when there is nothing.
func (r Recipient) Warning() string {
	switch r.Role {
	case Employer, Insurer, Municipality:
		return WarnNotObliged
	}
	return ""
}
