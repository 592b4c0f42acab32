package store

// Warning is something about the place or the anchor of a store that the person
// should know and that keeps nobody out. It holds a code, never a path or a name.
type Warning struct{ Code WarningCode }

// WarningCode says what a [Warning] is about. The codes are final: programs keep
// texts for them.
type WarningCode string

// What [Store.Notices] gives, of the anchor.
const (
	AnchorNew     WarningCode = "anchor-new"     // none was here yet: nothing to compare with
	AnchorSpoilt  WarningCode = "anchor-spoilt"  // it was damaged, or made for another file; replaced
	AnchorUnread  WarningCode = "anchor-unread"  // it could not be read; left alone, and not kept up
	OlderAccepted WarningCode = "older-accepted" // opened with Config.AcceptOlder
)
