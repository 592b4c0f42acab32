// Package disk tells what a store should know of the place where its file lies:
// whether a program copies it elsewhere, whether the disk is really here, and who
// else can reach it (security-store.md 1.7 and 1.10).
package disk

import (
	"os"
	"path/filepath"
	"strings"
)

// syncNames are the folders that sync programs make, as far as the name itself
// says so; a name that ends in * is a beginning. In lower case.
func syncNames() []string {
	return []string{
		"dropbox", "dropbox (*", "onedrive", "onedrive - *", "icloud drive", "iclouddrive",
		"com~apple~clouddocs", "google drive", "googledrive", "googledrive-*", "my drive",
		"nextcloud", "owncloud", "pclouddrive", "proton drive", "stack", "megasync", "syncthing",
	}
}

// syncMarks are files and folders that sync programs leave in the folder they
// copy; a * stands for anything.
func syncMarks() []string {
	return []string{
		".dropbox", ".dropbox.cache", ".nextcloudsync.log", ".owncloudsync.log", ".sync_*.db", "._sync_*.db",
		".stfolder", ".tmp.drivedownload",
	}
}

// Synced tells whether a program that copies files elsewhere has the folder, by
// its name or by the marks in it, or one above it.
func Synced(folder string) bool {
	for _, start := range ways(folder) {
		for at := start; ; at = filepath.Dir(at) {
			if syncName(at) || marked(at) {
				return true
			}
			if filepath.Dir(at) == at {
				break
			}
		}
	}
	return false
}

// ways gives the folder as it was named and as it is: a link may lead into a
// folder that is copied, and one in it leads out.
func ways(folder string) []string {
	whole, err := filepath.Abs(folder)
	if err != nil {
		return nil
	}
	if real, err := filepath.EvalSymlinks(Existing(whole)); err == nil && real != whole {
		return []string{whole, real}
	}
	return []string{whole}
}

// Existing goes up to a folder that is there: what is made below it is on its
// disk.
func Existing(folder string) string {
	for {
		if _, err := os.Stat(folder); err == nil || filepath.Dir(folder) == folder {
			return folder
		}
		folder = filepath.Dir(folder)
	}
}

func syncName(folder string) bool {
	name, above := strings.ToLower(filepath.Base(folder)), filepath.Base(filepath.Dir(folder))
	if above == "Library" && (name == "cloudstorage" || name == "mobile documents") { // of macOS
		return true
	}
	for _, known := range syncNames() {
		if begin, open := strings.CutSuffix(known, "*"); name == known || (open && strings.HasPrefix(name, begin)) {
			return true
		}
	}
	return false
}

func marked(folder string) bool {
	entries, err := os.ReadDir(folder) // the marks are few, the folders short
	if err != nil {
		return false
	}
	for _, e := range entries {
		for _, mark := range syncMarks() {
			if ok, err := filepath.Match(mark, strings.ToLower(e.Name())); ok && err == nil {
				return true
			}
		}
	}
	return false
}
