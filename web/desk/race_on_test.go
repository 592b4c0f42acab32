//go:build race

package desk_test

import "time"

// The race detector makes everything many times slower; under it one way of
// each fault is served, and without it all of them.
const (
	casesOfARow = 1
	patience    = 15 * time.Second
)
