package store

import (
	"path/filepath"

	"github.com/bundel-pgo/bundel/store/internal/disk"
)

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

// What [Warnings] gives, of the place.
const (
	SyncFolder  WarningCode = "sync-folder"  // a program copies the folder elsewhere, a half-written file too
	NetworkDisk WarningCode = "network-disk" // locks and flushes are as good as another computer makes them
	OpenFolder  WarningCode = "open-folder"  // other accounts may put files in it or take them away
	OtherOwner  WarningCode = "other-owner"  // the file belongs to another account
	FastCommit  WarningCode = "fast-commit"  // this kernel's ext4 loses pages (fixed in 5.10.94 and 5.15.27)
)

// Warnings tells what is wrong with the place of a store file, which need not be
// there yet. It goes by names, marks and what the system says of the disk
// (security-store.md 1.7 and 1.10), so none is no proof. It reads names of files
// in the folder and those above it, and changes nothing.
func Warnings(path string) []Warning {
	folder := disk.Existing(filepath.Dir(path))
	var all []Warning
	for _, look := range []struct {
		code WarningCode
		bad  bool
	}{
		{SyncFolder, disk.Synced(filepath.Dir(path))},
		{NetworkDisk, disk.Remote(folder)},
		{OpenFolder, disk.OthersMayChange(folder)},
		{OtherOwner, disk.OfAnother(path)},
		{FastCommit, disk.FastCommitFault(folder)},
	} {
		if look.bad {
			all = append(all, Warning{look.code})
		}
	}
	return all
}
