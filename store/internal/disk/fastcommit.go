package disk

import (
	"fmt"
	"strings"
)

// fastCommits reads how often ext4 took its short way, from the fc_info of a
// disk.
func fastCommits(info string) int {
	for line := range strings.Lines(info) {
		n, word := 0, ""
		if _, err := fmt.Sscan(line, &n, &word); err == nil && word == "commits" {
			return n
		}
	}
	return 0
}

// losesPages tells whether fast commits of this kernel can lose pages: those
// from 5.10, where they began, up to the two versions with the repair
// (security-store.md 1.10).
func losesPages(release string) bool {
	var a, b, c int
	if n, _ := fmt.Sscanf(release, "%d.%d.%d", &a, &b, &c); n < 2 || a != 5 {
		return false
	}
	return (b == 10 && c < 94) || (b > 10 && b < 15) || (b == 15 && c < 27)
}
