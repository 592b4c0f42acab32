package medmij

import (
	"errors"
	"net/url"
	"strings"
)

// Warnings are in the Detail of a query that went well, with a space between
// them: something about the answer was not as agreed. Nothing is left out for
// it.
const (
	CodeUnfiltered = "P-filter" // the provider did not use everything that was asked (F20)
	CodeAll        = "P-all"    // the newest were asked; the provider can give all only (F21)
	CodeTotal      = "P-total"  // the number of results is not the one announced (F19)
)

var errOutcome = errors.New("an OperationOutcome in the place of the answer")

// ignored tells whether a provider left out a parameter: a self link repeats
// those it used (medmij-protocol.md 4.3). Values are not compared: servers
// write dates and references in more than one way. Without a self link there
// is nothing to tell.
func ignored(asked *url.URL, self string) bool {
	link, err := url.Parse(self)
	if self == "" || err != nil {
		return false
	}
	used := link.Query()
	for key := range asked.Query() {
		base, _, _ := strings.Cut(key, ":")
		if !used.Has(key) && !used.Has(base) {
			return true
		}
	}
	return false
}
