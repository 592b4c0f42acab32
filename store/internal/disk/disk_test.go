package disk

import (
	"os"
	"path/filepath"
	"testing"
)

func TestSynced(t *testing.T) {
	for folder, want := range map[string]bool{
		"Dropbox": true, "Dropbox (Personal)/care": true, "OneDrive/a/b/c": true, "OneDrive - Example B.V.": true,
		"Library/Mobile Documents/com~apple~CloudDocs": true, "Library/CloudStorage/Anything": true, "iCloudDrive": true,
		"Google Drive/My Drive": true, "GoogleDrive-name": true, "nextcloud/Documents": true, "STACK": true,
		"Documents": false, "Library/bundel": false, "CloudStorage": false, "Dropboxes": false, "stacks": false, "my onedrive": false,
	} {
		at := filepath.Join(t.TempDir(), filepath.FromSlash(folder))
		if Synced(at) != want {
			t.Errorf("%s, not there yet: %v", folder, !want)
		}
		if err := os.MkdirAll(at, 0o700); err != nil {
			t.Fatal(err)
		}
		if Synced(at) != want {
			t.Errorf("%s: %v", folder, !want)
		}
	}
}

func TestSyncedByMarks(t *testing.T) {
	for mark, want := range map[string]bool{
		".dropbox": true, ".dropbox.cache": true, ".sync_0a1b2c3d.db": true, "._sync_0a1b.db": true, ".nextcloudsync.log": true,
		".owncloudsync.log": true, ".stfolder": true, ".tmp.drivedownload": true,
		"sync.db": false, ".sync_notes": false, "dropbox": false, "vault.bundel": false,
	} {
		root := t.TempDir()
		below := filepath.Join(root, "a", "b")
		if err := os.MkdirAll(below, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, mark), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if Synced(below) != want || Synced(root) != want {
			t.Errorf("%s: %v", mark, !want)
		}
	}
}

// A link into a folder that is copied is no way around it, nor is one out of it.
func TestSyncedThroughLinks(t *testing.T) {
	root := t.TempDir()
	for _, folder := range []string{"Dropbox/care", "plain"} {
		_ = os.MkdirAll(filepath.Join(root, filepath.FromSlash(folder)), 0o700)
	}
	for link, to := range map[string]string{"into": "Dropbox/care", "Dropbox/out": "plain", "beside": "plain"} {
		if err := os.Symlink(filepath.Join(root, filepath.FromSlash(to)), filepath.Join(root, filepath.FromSlash(link))); err != nil {
			t.Skip("no links here")
		}
	}
	for folder, want := range map[string]bool{"into": true, "into/new/folder": true, "Dropbox/out": true, "beside": false} {
		if Synced(filepath.Join(root, filepath.FromSlash(folder))) != want {
			t.Errorf("%s: %v", folder, !want)
		}
	}
}

func TestFastCommit(t *testing.T) {
	for release, want := range map[string]bool{
		"5.10.0": true, "5.10.93-generic": true, "5.10.94": false, "5.9.16": false, "5.11.1": true, "5.14.0-503.el9": true,
		"5.15.26": true, "5.15.27": false, "5.15": true, "5.16.1": false, "6.1.0": false, "4.19.0": false, "": false, "linux": false,
	} {
		if losesPages(release) != want {
			t.Errorf("%q: %v", release, !want)
		}
	}
	for info, want := range map[string]int{
		"fc stats:\n12 commits\n3 ineligible\n0 numblks\n": 12, "fc stats:\n0 commits\n": 0, "": 0, "commits\n": 0,
	} {
		if got := fastCommits(info); got != want {
			t.Errorf("%q: %d", info, got)
		}
	}
	if FastCommitFault(t.TempDir()) {
		t.Log("this computer has a kernel that should be renewed")
	}
}
