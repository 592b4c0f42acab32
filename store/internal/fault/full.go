package fault

import (
	"errors"
	"strings"
)

// ErrFull means that there is no room left to write.
var ErrFull = errors.New("the disk is full")

// isFull tells it from other errors of the system. bbolt keeps only the words
// of some of them, at the end of its own.
func isFull(err error) bool {
	for _, full := range fullErrors() {
		if errors.Is(err, full) || strings.HasSuffix(err.Error(), ": "+full.Error()) {
			return true
		}
	}
	return false
}
